/* The files of a spool: entries one behind the other, in memory that is
 * mapped. A position counts bytes of entries since the spool was made; a
 * segment is named by that of its first entry. Numbers are the machine's own:
 * a spool does not travel. */
#ifndef DQ_PORT_SPOOL_SEGMENT_H
#define DQ_PORT_SPOOL_SEGMENT_H

#include "base/buf.h"
#include "base/err.h"
#include "port/spool.h"

#define DQ_SEGMENT_HEAD 32 /* bytes before the first entry */

struct dq_segment {
	uint64_t base;
	size_t size; /* of the file */
	char *bytes; /* NULL: not mapped */
};

/* Appends the path of a segment, with a NUL behind it. */
const char *dq_segment_path(
    struct dq_buf *path, const char *directory, uint64_t base);

/* Makes the file with all its blocks, and maps it. FULL with err set when the
 * disk has no room. */
enum dq_spool_put dq_segment_create(struct dq_segment *segment,
    const char *directory, uint64_t base, size_t size, struct dq_err *err);

/* Maps one that is there. False with err set: it cannot be read (74), or its
 * head is none (err->code 0). */
bool dq_segment_map(struct dq_segment *segment, const char *directory,
    uint64_t base, struct dq_err *err);
void dq_segment_unmap(struct dq_segment *segment);

/* Of the entry in a file. */
size_t dq_segment_entry_size(const struct dq_spool_entry *entry);

/* Writes it at a position inside the segment, where there is room. It is there
 * whole or not at all, whatever happens to the process meanwhile. */
void dq_segment_write(struct dq_segment *segment, uint64_t position,
    const struct dq_spool_entry *entry);

/* The size of the whole entry at that position, which borrows from the
 * segment; 0 when there is none. */
size_t dq_segment_read(const struct dq_segment *segment, uint64_t position,
    struct dq_spool_entry *entry);

/* Bytes from there to the last that is not 0. */
size_t dq_segment_rest(const struct dq_segment *segment, uint64_t position);

#endif
