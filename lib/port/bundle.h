/* Finished lines of a sink's buffer, and what is to be known of each when it
 * leaves. */
#ifndef DQ_PORT_BUNDLE_H
#define DQ_PORT_BUNDLE_H

#include "record/out.h"

struct dq_bundle_note {
	size_t end; /* in out->buf, newline included */
	size_t key_end;
	int32_t partition;
	int target; /* named by whoever wrote the line, -1: by its kind */
};

struct dq_bundle {
	struct dq_bundle_note *notes;
	size_t count, cap;
	struct dq_buf keys;
	size_t at, begin, key_begin; /* of the line that is next */
};

struct dq_bundle_line {
	struct dq_slice bytes; /* without the newline */
	struct dq_slice key;
	int32_t partition;
	int target;
};

/* The line at out->line_begin is finished. Lines that were taken back since
 * are forgotten. */
void dq_bundle_add(struct dq_bundle *bundle, const struct dq_out *out,
    struct dq_slice key, int target);

/* The lines, which are in `bytes` (out->buf, or what it was swapped with), one
 * after the other; false behind the last. */
bool dq_bundle_next(struct dq_bundle *bundle, const struct dq_buf *bytes,
    struct dq_bundle_line *line);

/* All lines are gone, from `bytes`, too. */
void dq_bundle_clear(struct dq_bundle *bundle, struct dq_buf *bytes);
void dq_bundle_release(struct dq_bundle *bundle);

#endif
