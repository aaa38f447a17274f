#include "record/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
dq_buf_base64(struct dq_buf *buf, struct dq_slice bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	char *to = dq_buf_room(buf, (bytes.len + 2) / 3 * 4);

	for (size_t left = bytes.len; left; at += 3) {
		size_t n = left < 3 ? left : 3;
		unsigned word = (unsigned)at[0] << 16 |
				(n > 1 ? (unsigned)at[1] << 8 : 0) |
				(n > 2 ? at[2] : 0u);

		*to++ = digits[word >> 18];
		*to++ = digits[word >> 12 & 63];
		*to++ = n > 1 ? digits[word >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[word & 63] : '=';
		left -= n;
	}
	buf->len = (size_t)(to - buf->data);
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
dq_buf_unbase64(struct dq_buf *buf, struct dq_slice text)
{
	size_t len = text.len;
	unsigned word = 0;
	int bits = 0;

	while (len && text.len - len < 2 && text.data[len - 1] == '=')
		len--;
	dq_buf_room(buf, len + 1);
	for (size_t i = 0; i < len; i++) {
		int value = digit(text.data[i]);

		if (value < 0)
			return false;
		word = word << 6 | (unsigned)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			dq_buf_byte(buf, (char)(word >> bits));
		}
	}
	return text.len % 4 == 0;
}
