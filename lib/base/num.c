#include "base/num.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool
dq_num_int(struct dq_slice text, int64_t *out)
{
	size_t i = 0;
	bool negative = false;
	int64_t value = 0;

	if (i < text.len && (text.data[i] == '-' || text.data[i] == '+'))
		negative = text.data[i++] == '-';
	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		unsigned digit = (unsigned)(text.data[i] - '0');

		/* Counted downwards, so that INT64_MIN is reached too. */
		if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, (int64_t)digit, &value))
			return false;
	}
	if (!negative && value == INT64_MIN)
		return false;
	*out = negative ? value : -value;
	return true;
}

/* A decimal number taken apart: mantissa * 10^exponent. */
struct decimal {
	uint64_t mantissa;
	int exponent;
	bool negative;
	bool exact; /* the mantissa holds every digit */
};

static bool
take_digits(struct dq_slice text, size_t *at, struct decimal *d, bool fraction)
{
	size_t begin = *at;

	for (; *at < text.len; (*at)++) {
		unsigned digit = (unsigned)(text.data[*at] - '0');

		if (digit > 9)
			break;
		if (d->mantissa > (UINT64_MAX - 9) / 10) {
			d->exact = d->exact && digit == 0;
			d->exponent += !fraction;
			continue;
		}
		d->mantissa = d->mantissa * 10 + digit;
		d->exponent -= fraction;
	}
	return *at > begin;
}

static bool
take_exponent(struct dq_slice text, size_t *at, struct decimal *d)
{
	int64_t value;

	if (!dq_num_int(
		(struct dq_slice){text.data + *at, text.len - *at}, &value))
		return false;
	if (value > 10000)
		value = 10000;
	if (value < -10000)
		value = -10000;
	d->exponent += (int)value;
	*at = text.len;
	return true;
}

static bool
parse_decimal(struct dq_slice text, struct decimal *d)
{
	size_t at = 0;
	bool digits;

	*d = (struct decimal){.exact = true};
	if (at < text.len && (text.data[at] == '-' || text.data[at] == '+'))
		d->negative = text.data[at++] == '-';
	digits = take_digits(text, &at, d, false);
	if (at < text.len && text.data[at] == '.') {
		at++;
		digits = take_digits(text, &at, d, true);
	}
	if (!digits)
		return false;
	if (at < text.len && (text.data[at] | 32) == 'e') {
		at++;
		if (!take_exponent(text, &at, d))
			return false;
	}
	return at == text.len;
}

static bool
real_by_library(struct dq_slice text, double *out)
{
	char small[64], *copy = small, *end;
	bool good;

	if (text.len >= sizeof(small))
		copy = malloc(text.len + 1);
	if (!copy)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	*out = strtod(copy, &end);
	good = *end == 0 && isfinite(*out);
	if (copy != small)
		free(copy);
	return good;
}

static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22};

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Nearly all figures: at most 15 digits, a point perhaps; false leaves the
 * others to those who take anything. */
static bool
real_plain(struct dq_slice text, double *out)
{
	const char *at = text.data, *end = at + text.len, *begin;
	bool negative = at < end && *at == '-';
	uint64_t mantissa = 0;
	size_t decimals = 0;
	double value;

	if (text.len > 16)
		return false;
	for (begin = at += negative; at < end && is_digit(*at); at++)
		mantissa = mantissa * 10 + (unsigned)(*at - '0');
	if (at == begin)
		return false;
	if (at < end && *at == '.') {
		for (begin = ++at; at < end && is_digit(*at); at++)
			mantissa = mantissa * 10 + (unsigned)(*at - '0');
		decimals = (size_t)(at - begin);
		if (!decimals)
			return false;
	}
	/* As below: one operation on exact numbers. */
	if (at < end || mantissa > 1ULL << 53)
		return false;
	value = (double)mantissa / power[decimals];
	*out = negative ? -value : value;
	return true;
}

bool
dq_num_real(struct dq_slice text, double *out)
{
	struct decimal d;
	double value;

	if (real_plain(text, out))
		return true;
	if (!parse_decimal(text, &d))
		return false;
	/* Both operands exact: one operation rounds once (Clinger 1990). */
	if (!d.exact || d.mantissa > (1ULL << 53) || d.exponent < -22 ||
	    d.exponent > 22)
		return real_by_library(text, out);
	value = (double)d.mantissa;
	if (d.exponent < 0)
		value /= power[-d.exponent];
	else
		value *= power[d.exponent];
	*out = d.negative ? -value : value;
	return true;
}

/* Nearly all amounts are a few digits, a point and a few more: those are read
 * in one go; false leaves the others to those who take anything. */
static bool
scaled_plain(struct dq_slice text, int digits, int64_t *out)
{
	const char *at = text.data, *end = at + text.len, *begin;
	bool negative = at < end && *at == '-';
	int64_t value = 0;
	unsigned digit;

	if (text.len > 15 || digits > 3)
		return false;
	for (begin = at += negative;
	     at < end && (digit = (unsigned)(*at - '0')) <= 9; at++)
		value = value * 10 + digit;
	if (at == begin)
		return false;
	if (at < end && *at == '.') {
		if (++at == end)
			return false;
		for (; at < end && (digit = (unsigned)(*at - '0')) <= 9;
		     at++, digits--)
			value = value * 10 + digit;
	}
	if (at < end || digits < 0)
		return false;
	for (; digits > 0; digits--)
		value *= 10;
	*out = negative ? -value : value;
	return true;
}

bool
dq_num_scaled(struct dq_slice text, int digits, int64_t *out)
{
	struct decimal d;
	int64_t value;

	if (scaled_plain(text, digits, out))
		return true;
	if (!parse_decimal(text, &d) || !d.exact)
		return false;
	if (d.mantissa == 0) {
		*out = 0;
		return true;
	}
	d.exponent += digits;
	for (; d.exponent < 0; d.exponent++) {
		if (d.mantissa % 10)
			return false;
		d.mantissa /= 10;
	}
	if (d.mantissa > INT64_MAX)
		return false;
	value = (int64_t)d.mantissa;
	for (; d.exponent > 0; d.exponent--)
		if (__builtin_mul_overflow(value, 10, &value))
			return false;
	*out = d.negative ? -value : value;
	return true;
}

/* The digits of value, at least `least` of them, ending before `end`. */
static char *
digits_before(char *end, uint64_t value, int least)
{
	while (value || least > 0) {
		*--end = (char)('0' + value % 10);
		value /= 10;
		least--;
	}
	return end;
}

static uint64_t
magnitude(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void
dq_buf_int(struct dq_buf *buf, int64_t value)
{
	char text[24], *end = text + sizeof(text);
	char *begin = digits_before(end, magnitude(value), 1);

	if (value < 0)
		*--begin = '-';
	dq_buf_add(buf, begin, (size_t)(end - begin));
}

void
dq_buf_scaled(struct dq_buf *buf, int64_t value, int digits)
{
	char text[48], *end = text + sizeof(text);
	char *begin = digits_before(end, magnitude(value), digits + 1);
	size_t whole = (size_t)(end - begin) - (size_t)digits;

	if (value < 0)
		dq_buf_byte(buf, '-');
	dq_buf_add(buf, begin, whole);
	if (digits) {
		dq_buf_byte(buf, '.');
		dq_buf_add(buf, begin + whole, (size_t)digits);
	}
}

/* Below, a rounding error of the product is too small to show. */
#define SCALED_LIMIT 0x1p32
#define REAL_LIMIT 9e12 /* six decimals up to here, 17 digits beyond */

/* The rest is exact, where adding a half would round by itself above 2^52. */
static int64_t
millionths(double value)
{
	double scaled = value * 1e6;
	int64_t whole = (int64_t)scaled;
	double rest = scaled - (double)whole;

	return whole + (rest >= 0.5) - (rest <= -0.5);
}

/* Of values beyond SCALED_LIMIT. */
static void
large_real(double value, char text[32])
{
	size_t len;

	if (!(fabs(value) < REAL_LIMIT)) {
		snprintf(text, 32, "%.17g", value);
		return;
	}
	len = (size_t)snprintf(text, 32, "%.6f", value);
	while (text[len - 1] == '0')
		len--;
	text[len - (text[len - 1] == '.')] = 0;
}

double
dq_num_round6(double value)
{
	char text[32];

	if (fabs(value) < SCALED_LIMIT)
		return (double)millionths(value) / 1e6;
	if (!isfinite(value))
		return value;
	large_real(value, text);
	return strtod(text, NULL);
}

/* The digits of part (below 10^6) behind a point, zeros at their end cut. */
static char *
put_fraction(char *at, uint32_t part)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	*at = '.';
	memcpy(at + 1, pairs + part / 10000 * 2, 2);
	memcpy(at + 3, pairs + part / 100 % 100 * 2, 2);
	memcpy(at + 5, pairs + part % 100 * 2, 2);
	at += 7;
	while (at[-1] == '0')
		at--;
	return at;
}

static char *
put_whole(char *at, uint64_t whole)
{
	int digits = 1;

	for (uint64_t rest = whole; rest >= 10; rest /= 10)
		digits++;
	digits_before(at + digits, whole, 1);
	return at + digits;
}

static __attribute__((noinline)) void
put_large(struct dq_buf *buf, double value)
{
	char digits[32];

	large_real(value, digits);
	dq_buf_str(buf, digits);
}

void
dq_buf_real(struct dq_buf *buf, double value)
{
	int64_t scaled;
	uint64_t size;
	char *at;

	if (!(fabs(value) < SCALED_LIMIT)) {
		if (isfinite(value))
			put_large(buf, value);
		else
			dq_buf_add(buf, "null", 4);
		return;
	}
	scaled = millionths(value);
	size = magnitude(scaled);
	at = dq_buf_room(buf, 32);
	*at = '-';
	at = put_whole(at + (scaled < 0), size / 1000000);
	if (size % 1000000)
		at = put_fraction(at, (uint32_t)(size % 1000000));
	buf->len = (size_t)(at - buf->data);
}
