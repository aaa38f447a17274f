/* SHA-256 by libcrypto, as hexadecimal text. */
#ifndef DQ_RECORD_DIGEST_H
#define DQ_RECORD_DIGEST_H

#include "base/buf.h"

#define DQ_SHA256 32	  /* bytes */
#define DQ_SHA256_TEXT 65 /* 64 digits and a NUL */

/* Keeps libcrypto from cleaning up when the program ends: to be called before
 * the first thread that uses it and that may outlive main. */
void dq_libcrypto_stay(void);

/* n bytes as 2 * n digits and a NUL, and back: false when the text is not
 * that many lower-case digits. */
void dq_hex(const unsigned char *bytes, size_t n, char *text);
bool dq_unhex(struct dq_slice text, unsigned char *bytes, size_t n);

void dq_sha256(struct dq_slice bytes, unsigned char digest[DQ_SHA256]);
void dq_sha256_text(struct dq_slice bytes, char text[DQ_SHA256_TEXT]);

#endif
