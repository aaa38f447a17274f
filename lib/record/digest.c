#include "record/digest.h"

#include <openssl/sha.h>

void
dq_sha256(struct dq_slice bytes, unsigned char digest[32])
{
	SHA256((const unsigned char *)bytes.data, bytes.len, digest);
}

void
dq_sha256_text(struct dq_slice bytes, char text[DQ_SHA256_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[32];

	dq_sha256(bytes, digest);
	for (int i = 0; i < 32; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	text[64] = 0;
}
