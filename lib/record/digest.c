#include "record/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

void
dq_libcrypto_stay(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void
dq_sha256(struct dq_slice bytes, unsigned char digest[DQ_SHA256])
{
	SHA256((const unsigned char *)bytes.data, bytes.len, digest);
}

void
dq_hex(const unsigned char *bytes, size_t n, char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = hex[bytes[i] >> 4];
		text[2 * i + 1] = hex[bytes[i] & 15];
	}
	text[2 * n] = 0;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
dq_unhex(struct dq_slice text, unsigned char *bytes, size_t n)
{
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(text.data[2 * i]);
		int low = digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void
dq_sha256_text(struct dq_slice bytes, char text[DQ_SHA256_TEXT])
{
	unsigned char digest[DQ_SHA256];

	dq_sha256(bytes, digest);
	dq_hex(digest, sizeof(digest), text);
}
