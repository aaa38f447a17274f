/* Deciding again from what a decision carries, and comparing. */
#ifndef DQ_AUDIT_AGAIN_H
#define DQ_AUDIT_AGAIN_H

#include "base/map.h"
#include "record/out.h"

/* The line without its seal, where it has one; else as it is. Appended. */
void dq_buf_unsealed(struct dq_buf *buf, struct dq_slice line);

/* Appends the features record that a prediction (without seal) was made from,
 * byte for byte where dq-features wrote it: the snapshot is in the prediction,
 * and what dq-score did not know it passed on. */
void dq_buf_snapshot(struct dq_buf *buf, struct dq_slice prediction);

/* Decisions as they were, to be found by event_type, customer and event time.
 * Zeroed memory is an empty list; lines are borrowed. */
struct dq_decided {
	struct dq_map occasions;
	struct dq_decision_at {
		struct dq_slice line;
		uint32_t next; /* of the occasion; DQ_MAP_NONE: none */
	} * all;
	size_t count, cap;
	struct dq_decided_of {
		uint32_t first, last; /* of those not yet compared */
	} * of;			      /* by occasion */
	size_t of_cap;
	struct dq_buf key; /* scratch */
};

void dq_decided_release(struct dq_decided *decided);
void dq_decided_add(struct dq_decided *decided, struct dq_slice line);

/* Holds a decision made again against the next one of its occasion, which is
 * taken out, and writes a finding where they are not the same bytes: "differs",
 * because of "model", "policy", "input" (other features, or a record that
 * dq-features did not write), "decision" (of an outcome: what it followed from)
 * or "program" when it is none of these; "decided anew" where there is none
 * left. The number of findings. */
int64_t dq_decided_compare(
    struct dq_decided *decided, struct dq_slice line, struct dq_out *out);

/* A finding for each that was not decided again; their number. */
int64_t dq_decided_left(struct dq_decided *decided, struct dq_out *out);

#endif
