/* Ed25519 signatures (RFC 8032) by libcrypto. */
#ifndef DQ_RECORD_SIGN_H
#define DQ_RECORD_SIGN_H

#include "base/err.h"
#include "record/digest.h"

#define DQ_SIGNATURE 64 /* bytes */

struct dq_key;

/* Reads a private or a public key from PEM text; NULL with err set when it
 * holds no Ed25519 key of that sort. A private key verifies too. */
struct dq_key *dq_key_private(struct dq_slice pem, struct dq_err *err);
struct dq_key *dq_key_public(struct dq_slice pem, struct dq_err *err);
void dq_key_free(struct dq_key *key);

/* The SHA-256 of the 32 public bytes, as text: names the key. */
const char *dq_key_id(const struct dq_key *key);

void dq_key_sign(const struct dq_key *key, struct dq_slice text,
    unsigned char signature[DQ_SIGNATURE]);
bool dq_key_verify(const struct dq_key *key, struct dq_slice text,
    const unsigned char signature[DQ_SIGNATURE]);

#endif
