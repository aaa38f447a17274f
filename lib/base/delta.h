/* What makes new bytes of old ones: a few where most are as they were. */
#ifndef DQ_BASE_DELTA_H
#define DQ_BASE_DELTA_H

#include "base/buf.h"

/* Appends steps, each of them: the number of bytes that are new, these bytes;
 * then twice the number of old bytes that follow, plus 1 when they do not stand
 * where the last step and the new bytes end, plus (zigzag) how far from there.
 * Numbers are LEB128. Of the same bytes the same steps, on any machine. */
void dq_delta_make(
    struct dq_slice old, struct dq_slice new, struct dq_buf *out);

/* Appends the new bytes. False when these are no such steps, or make more
 * than `limit` bytes; *out is then of no use. */
bool dq_delta_apply(struct dq_slice old, struct dq_slice delta, size_t limit,
    struct dq_buf *out);

#endif
