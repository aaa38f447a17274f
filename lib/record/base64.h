/* Base64 of RFC 4648, with padding. */
#ifndef DQ_RECORD_BASE64_H
#define DQ_RECORD_BASE64_H

#include "base/buf.h"

/* Appends the bytes in base64. */
void dq_buf_base64(struct dq_buf *buf, struct dq_slice bytes);

/* Appends what the text stands for; false, with nothing appended,
 * when it is no base64. The buffer has data afterwards, even if it is empty. */
bool dq_buf_unbase64(struct dq_buf *buf, struct dq_slice text);

#endif
