/* The few loops over bytes that reading JSON consists of, sixteen at a time
 * where the machine can. All may look at 16 bytes from `at` on. */
#ifndef DQ_RECORD_SCAN_BYTES_H
#define DQ_RECORD_SCAN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)

#include <emmintrin.h>

/* Bit i: byte i is the same in both. */
static inline uint32_t
same_bits(const char *a, const char *b)
{
	return (uint32_t)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a),
		_mm_loadu_si128((const __m128i *)(const void *)b)));
}

/* Bit i: byte i is a decimal digit. */
static inline uint32_t
digit_bits(const char *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);

	x = _mm_sub_epi8(x, _mm_set1_epi8('0'));
	return (uint32_t)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(9)), x));
}

/* Bit i: byte i ends the plain part of a string: a quote, a backslash, a
 * control character or one beyond ASCII. */
static inline uint32_t
stop_bits(const char *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);

	return (uint32_t)_mm_movemask_epi8(
	    _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x20)),
		_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
		    _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')))));
}

#else

static inline uint32_t
same_bits(const char *a, const char *b)
{
	uint32_t bits = 0;

	for (int i = 0; i < 16; i++)
		bits |= (uint32_t)(a[i] == b[i]) << i;
	return bits;
}

static inline uint32_t
digit_bits(const char *at)
{
	uint32_t bits = 0;

	for (int i = 0; i < 16; i++)
		bits |= (uint32_t)((unsigned char)(at[i] - '0') <= 9) << i;
	return bits;
}

static inline uint32_t
stop_bits(const char *at)
{
	uint32_t bits = 0;

	for (int i = 0; i < 16; i++)
		bits |= (uint32_t)((signed char)at[i] < 0x20 || at[i] == '"' ||
				   at[i] == '\\')
			<< i;
	return bits;
}

#endif

/* Past one character of UTF-8 beyond ASCII; NULL when it is none (RFC 3629,
 * table in section 4). */
static inline const char *
skip_wide(const char *at)
{
	const unsigned char *c = (const unsigned char *)at;
	unsigned low = 0x80, high = 0xbf;
	int more;

	if (c[0] >= 0xc2 && c[0] <= 0xdf)
		more = 1;
	else if (c[0] >= 0xe0 && c[0] <= 0xef)
		more = 2;
	else if (c[0] >= 0xf0 && c[0] <= 0xf4)
		more = 3;
	else
		return NULL;
	if (c[0] == 0xe0)
		low = 0xa0;
	else if (c[0] == 0xed)
		high = 0x9f;
	else if (c[0] == 0xf0)
		low = 0x90;
	else if (c[0] == 0xf4)
		high = 0x8f;
	if (c[1] < low || c[1] > high)
		return NULL;
	for (int i = 2; i <= more; i++)
		if (c[i] < 0x80 || c[i] > 0xbf)
			return NULL;
	return at + 1 + more;
}

/* The closing quote of a string whose text begins at `at`; NULL when it has
 * escapes or is faulty. */
static inline const char *
string_end(const char *at)
{
	for (;;) {
		uint32_t stop = stop_bits(at);

		if (!stop) {
			at += 16;
			continue;
		}
		at += __builtin_ctz(stop);
		if (*at == '"')
			return at;
		if ((signed char)*at >= 0)
			return NULL;
		at = skip_wide(at);
		if (!at)
			return NULL;
	}
}

static inline const char *
skip_digits(const char *at)
{
	uint32_t bits;

	while ((bits = digit_bits(at)) == 0xffff)
		at += 16;
	return at + __builtin_ctz(~bits);
}

/* Neither a second point nor an exponent follows. */
static inline const char *
number_ended(const char *at)
{
	return *at == '.' || (*at | 0x20) == 'e' ? NULL : at;
}

/* Past a number without an exponent whose whole part begins at `at` and is
 * known to be fine. */
static inline const char *
long_number_end(const char *at)
{
	const char *fraction;

	at = skip_digits(at);
	if (*at != '.')
		return number_ended(at);
	fraction = at + 1;
	at = skip_digits(fraction);
	return at > fraction ? number_ended(at) : NULL;
}

/* Past a number without an exponent; NULL when it is none. */
static inline const char *
number_end(const char *at)
{
	uint32_t others;
	int whole, end;

	at += *at == '-';
	others = ~digit_bits(at);
	whole = __builtin_ctz(others);
	if (!whole || (*at == '0' && whole > 1))
		return NULL;
	if (whole == 16)
		return long_number_end(at);
	if (at[whole] != '.')
		return number_ended(at + whole);
	end = whole + 1 + __builtin_ctz(others >> (whole + 1));
	if (end >= 16)
		return long_number_end(at);
	return end > whole + 1 ? number_ended(at + end) : NULL;
}

#endif
