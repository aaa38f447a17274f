#include "base/time.h"

#include "base/num.h"

#include <endian.h>
#include <time.h>

#define FIRST_TIME (-719528 * DQ_DAY)	 /* 0000-01-01 */
#define LAST_TIME (2932897 * DQ_DAY - 1) /* the end of 9999-12-31 */

/* Days are counted in years that begin in March, so that the leap day is the
 * last of its year; 400 such years have 146097 days. */
int64_t
dq_day_from_date(struct dq_date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t month = (date.month + 9) % 12;
	int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

struct dq_date
dq_date_from_day(int64_t day)
{
	int64_t shifted = day + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct dq_date date = {
	    .year = (int)(year + era * 400 + (month >= 10)),
	    .month = (int)(month < 10 ? month + 3 : month - 9),
	    .day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};

	return date;
}

int
dq_days_in_month(int year, int month)
{
	static const signed char days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int
dq_weekday(int64_t day)
{
	int64_t w = (day + 3) % 7;

	return (int)(w < 0 ? w + 7 : w);
}

/* Exactly n digits at the front of *text, which moves past them. */
static bool
take_number(struct dq_slice *text, size_t n, int *out)
{
	int value = 0;

	if (text->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(text->data[i] - '0');

		if (digit > 9)
			return false;
		value = value * 10 + (int)digit;
	}
	text->data += n;
	text->len -= n;
	*out = value;
	return true;
}

static bool
take_byte(struct dq_slice *text, char byte)
{
	if (!text->len || *text->data != byte)
		return false;
	text->data++;
	text->len--;
	return true;
}

static bool
take_date(struct dq_slice *text, int64_t *day)
{
	struct dq_date date;

	if (!take_number(text, 4, &date.year) || !take_byte(text, '-') ||
	    !take_number(text, 2, &date.month) || !take_byte(text, '-') ||
	    !take_number(text, 2, &date.day))
		return false;
	if (date.month < 1 || date.month > 12 || date.day < 1 ||
	    date.day > dq_days_in_month(date.year, date.month))
		return false;
	*day = dq_day_from_date(date);
	return true;
}

static bool
take_fraction(struct dq_slice *text, int64_t *time)
{
	int64_t unit = DQ_SECOND;
	size_t n = 0;

	if (!take_byte(text, '.'))
		return true;
	for (; n < text->len && text->data[n] >= '0' && text->data[n] <= '9';
	     n++) {
		unit /= 10;
		*time += unit * (text->data[n] - '0');
	}
	text->data += n;
	text->len -= n;
	return n > 0;
}

static bool
take_clock(struct dq_slice *text, int64_t *time)
{
	int hour, minute, second;

	if (!take_number(text, 2, &hour) || !take_byte(text, ':') ||
	    !take_number(text, 2, &minute) || !take_byte(text, ':') ||
	    !take_number(text, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*time += hour * DQ_HOUR + minute * DQ_MINUTE + second * DQ_SECOND;
	return take_fraction(text, time);
}

static bool
take_offset(struct dq_slice *text, int64_t *time)
{
	int hour, minute, sign;

	if (!text->len)
		return true;
	if (take_byte(text, 'Z') || take_byte(text, 'z'))
		return true;
	sign = *text->data == '-' ? -1 : 1;
	if (!take_byte(text, '+') && !take_byte(text, '-'))
		return false;
	if (!take_number(text, 2, &hour) || !take_byte(text, ':') ||
	    !take_number(text, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*time -= sign * (hour * DQ_HOUR + minute * DQ_MINUTE);
	return true;
}

/* Eight characters, their first in the lowest byte, which are the pattern's but
 * that each 0 of it is any digit: the digits' values. *bad gets a bit in 0x80
 * of a byte where the text is something else; `over` is what lifts each byte
 * there then, 0x76 for digits, 0x7f for the others. */
static inline uint64_t
eight(const char *at, const char *pattern, uint64_t over, uint64_t *bad)
{
	uint64_t text, like;

	memcpy(&text, at, 8);
	memcpy(&like, pattern, 8);
	text = le64toh(text ^ like);
	*bad |= text | (text + over);
	/* Each byte becomes the number that it and the next one make. */
	return text * 10 + (text >> 8);
}

static inline int
byte_of(uint64_t bytes, int number)
{
	return (int)(bytes >> (8 * number) & 0xff);
}

/* The form that nearly all times have, 2026-01-05T10:11:12Z, is read in one
 * go; false leaves it to those who take anything. */
static bool
parse_plain(const char *at, int64_t *out)
{
	uint64_t bad = 0;
	uint64_t first = eight(at, "0000-00-", 0x7f76767f76767676, &bad);
	uint64_t second = eight(at + 8, "00T00:00", 0x76767f76767f7676, &bad);
	uint64_t third = eight(at + 12, "0:00:00Z", 0x7f76767f76767f76, &bad);
	struct dq_date date = {byte_of(first, 0) * 100 + byte_of(first, 2),
	    byte_of(first, 5), byte_of(second, 0)};
	int hour = byte_of(second, 3), minute = byte_of(second, 6);
	int seconds = byte_of(third, 5);

	if (bad & 0x8080808080808080 || date.month < 1 || date.month > 12 ||
	    date.day < 1 || hour > 23 || minute > 59 || seconds > 59 ||
	    (date.day > 28 &&
		date.day > dq_days_in_month(date.year, date.month)))
		return false;
	*out = dq_day_from_date(date) * DQ_DAY +
	       (hour * 3600 + minute * 60 + seconds) * DQ_SECOND;
	return true;
}

bool
dq_time_parse(struct dq_slice text, int64_t *out)
{
	int64_t day, time;

	if (text.len == 20 && parse_plain(text.data, out))
		return true;
	if (!take_date(&text, &day))
		return false;
	time = day * DQ_DAY;
	if (text.len) {
		if (!take_byte(&text, 'T') && !take_byte(&text, 't') &&
		    !take_byte(&text, ' '))
			return false;
		if (!take_clock(&text, &time) || !take_offset(&text, &time))
			return false;
	}
	/* An offset or a leap second may lead out of the years we can write. */
	if (text.len || time < FIRST_TIME || time > LAST_TIME)
		return false;
	*out = time;
	return true;
}

bool
dq_day_parse(struct dq_slice text, int64_t *out)
{
	return take_date(&text, out) && !text.len;
}

static char *
put_number(char *at, int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + digits;
}

static char *
put_day(char *at, int64_t day)
{
	struct dq_date date = dq_date_from_day(day);

	at = put_number(at, date.year, 4);
	*at++ = '-';
	at = put_number(at, date.month, 2);
	*at++ = '-';
	return put_number(at, date.day, 2);
}

void
dq_buf_day(struct dq_buf *buf, int64_t day)
{
	char *begin = dq_buf_room(buf, 10);

	buf->len += (size_t)(put_day(begin, day) - begin);
}

void
dq_buf_time(struct dq_buf *buf, int64_t time)
{
	char *begin = dq_buf_room(buf, 32), *at = begin;
	int64_t day = dq_day_of(time), rest = time - day * DQ_DAY;
	int second = (int)(rest / DQ_SECOND), micro = (int)(rest % DQ_SECOND);

	at = put_day(at, day);
	*at++ = 'T';
	at = put_number(at, second / 3600, 2);
	*at++ = ':';
	at = put_number(at, second / 60 % 60, 2);
	*at++ = ':';
	at = put_number(at, second % 60, 2);
	if (micro) {
		*at++ = '.';
		at = put_number(at, micro, 6);
		while (at[-1] == '0')
			at--;
	}
	*at++ = 'Z';
	buf->len += (size_t)(at - begin);
}

bool
dq_duration_parse(struct dq_slice text, int64_t *out)
{
	static const struct {
		const char *suffix;
		int64_t unit;
	} units[] = {{"ms", 1000}, {"s", DQ_SECOND}, {"m", DQ_MINUTE},
	    {"h", DQ_HOUR}, {"d", DQ_DAY}, {"w", 7 * DQ_DAY}, {"", DQ_SECOND}};
	size_t n = 0;
	struct dq_slice suffix;
	int64_t value;

	while (n < text.len && text.data[n] >= '0' && text.data[n] <= '9')
		n++;
	if (!dq_num_int((struct dq_slice){text.data, n}, &value))
		return false;
	suffix = (struct dq_slice){text.data + n, text.len - n};
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (dq_slice_is(suffix, units[i].suffix))
			return !__builtin_mul_overflow(
			    value, units[i].unit, out);
	return false;
}

static int64_t
read_clock(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return now.tv_sec * DQ_SECOND + now.tv_nsec / 1000;
}

int64_t
dq_clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
dq_clock_steady(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
