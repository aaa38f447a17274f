/* SHA-256 by libcrypto, as hexadecimal text. */
#ifndef DQ_RECORD_DIGEST_H
#define DQ_RECORD_DIGEST_H

#include "base/buf.h"

#define DQ_SHA256_TEXT 65 /* 64 digits and a NUL */

void dq_sha256(struct dq_slice bytes, unsigned char digest[32]);
void dq_sha256_text(struct dq_slice bytes, char text[DQ_SHA256_TEXT]);

#endif
