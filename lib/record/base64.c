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

#define NO 64 /* no digit */

/* The value of each digit. */
static const uint8_t *
values(void)
{
	static uint8_t table[256];
	static bool made;

	if (!made) {
		memset(table, NO, sizeof(table));
		for (uint8_t i = 0; i < 64; i++)
			table[(unsigned char)digits[i]] = i;
		made = true;
	}
	return table;
}

/* The last four, of which one or two may be padding, which counts as zero. */
static bool
take_last(const unsigned char *at, char *to, size_t *written)
{
	const uint8_t *value = values();
	size_t n = at[3] != '=' ? 3 : at[2] != '=' ? 2 : 1;
	unsigned word = (unsigned)value[at[0]] << 18 | (unsigned)value[at[1]]
							   << 12;

	if (n > 1)
		word |= (unsigned)value[at[2]] << 6;
	if (n > 2)
		word |= value[at[3]];
	if ((value[at[0]] | value[at[1]] | (n > 1 ? value[at[2]] : 0) |
		(n > 2 ? value[at[3]] : 0)) &
	    NO)
		return false;
	for (size_t i = 0; i < n; i++)
		to[i] = (char)(word >> (16 - 8 * i));
	*written = n;
	return !(word & ((1u << (24 - 8 * n)) - 1));
}

bool
dq_buf_unbase64(struct dq_buf *buf, struct dq_slice text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	const uint8_t *value = values();
	char *to = dq_buf_room(buf, text.len / 4 * 3 + 1);
	uint8_t bad = 0;
	size_t last = 0;

	if (text.len % 4)
		return false;
	for (size_t left = text.len; left > 4; left -= 4, at += 4, to += 3) {
		uint8_t a = value[at[0]], b = value[at[1]], c = value[at[2]],
			d = value[at[3]];

		bad |= a | b | c | d;
		to[0] = (char)(a << 2 | b >> 4);
		to[1] = (char)(b << 4 | c >> 2);
		to[2] = (char)(c << 6 | d);
	}
	if (bad & NO || (text.len && !take_last(at, to, &last)))
		return false;
	buf->len = (size_t)(to - buf->data) + last;
	return true;
}
