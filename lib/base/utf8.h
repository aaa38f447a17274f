/* Characters of UTF-8 text, for those who draw it. */
#ifndef DQ_BASE_UTF8_H
#define DQ_BASE_UTF8_H

#include "base/buf.h"

#define DQ_UTF8_UNKNOWN 0xFFFD /* stands for what cannot be shown */

/* The character that begins at *at (< text.len), and moves *at behind it. A
 * byte that is no UTF-8 is DQ_UTF8_UNKNOWN. */
uint32_t dq_utf8_next(struct dq_slice text, size_t *at);

/* The same, but DQ_UTF8_UNKNOWN for whatever has no picture of its own and
 * works on its surroundings instead: controls (of a terminal, too), marks that
 * turn the direction of text, line ends, what XML forbids. */
uint32_t dq_utf8_next_shown(struct dq_slice text, size_t *at);

/* Columns that it takes on a terminal: 0, 1 or 2. */
int dq_utf8_columns(uint32_t character);

void dq_buf_utf8(struct dq_buf *buf, uint32_t character);

#endif
