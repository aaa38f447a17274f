#include "base/time.h"
#include "unit.h"

#include <time.h>

/* Day by day from 1600 to 2400 against the C library. */
static void
calendar(void)
{
	struct dq_date next = {1600, 1, 1};

	for (int64_t day = -135140; day < 157054; day++) {
		struct tm tm = {.tm_year = next.year - 1900,
		    .tm_mon = next.month - 1,
		    .tm_mday = next.day};
		struct dq_date date = dq_date_from_day(day);

		CHECK_INT(timegm(&tm), day * 86400);
		CHECK(date.year == next.year && date.month == next.month &&
		      date.day == next.day);
		CHECK_INT(dq_day_from_date(next), day);
		CHECK_INT(dq_weekday(day), (tm.tm_wday + 6) % 7);
		if (++next.day > dq_days_in_month(next.year, next.month)) {
			next.day = 1;
			next.month = next.month % 12 + 1;
			next.year += next.month == 1;
		}
	}
	CHECK(next.year == 2400 && next.month == 1 && next.day == 1);
	CHECK_INT(dq_days_in_month(1900, 2), 28);
	CHECK_INT(dq_days_in_month(2000, 2), 29);
	CHECK_INT(dq_days_in_month(2024, 2), 29);
	CHECK_INT(dq_day_of(-1), -1);
	CHECK_INT(dq_day_of(-DQ_DAY), -1);
	CHECK_INT(dq_day_of(DQ_DAY - 1), 0);
}

static void
good_times(void)
{
	static const struct {
		const char *text;
		int64_t time;
		const char *written;
	} good[] = {
	    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
	    {"1970-01-01", 0, "1970-01-01T00:00:00Z"},
	    {"1970-01-01 00:00:01", 1000000, "1970-01-01T00:00:01Z"},
	    {"1970-01-01t00:00:00.5z", 500000, "1970-01-01T00:00:00.5Z"},
	    {"1970-01-01T01:00:00+01:00", 0, "1970-01-01T00:00:00Z"},
	    {"1969-12-31T23:30:00-00:30", 0, "1970-01-01T00:00:00Z"},
	    {"1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"},
	    {"1969-12-31T23:59:59.9999999Z", -1, "1969-12-31T23:59:59.999999Z"},
	    {"1972-06-30T23:59:60Z", INT64_C(78796800000000),
		"1972-07-01T00:00:00Z"},
	    {"2024-02-29T12:00:00.120Z", INT64_C(1709208000120000),
		"2024-02-29T12:00:00.12Z"},
	    {"0000-01-01", -719528 * DQ_DAY, "0000-01-01T00:00:00Z"},
	    {"9999-12-31T23:59:59.999999Z", 2932897 * DQ_DAY - 1,
		"9999-12-31T23:59:59.999999Z"},
	};
	struct dq_buf buf = {0};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int64_t time = 0;

		CHECK(dq_time_parse(DQ_SLICE(good[i].text), &time));
		CHECK_INT(time, good[i].time);
		buf.len = 0;
		dq_buf_time(&buf, time);
		CHECK_TEXT(buf, good[i].written);
	}
	dq_buf_release(&buf);
}

static void
bad_times(void)
{
	static const char *const bad[] = {"", "2026", "2026-1-05", "2026-13-01",
	    "2026-00-01", "2026-01-00", "2026-02-29", "2026-04-31",
	    "2026-01-05T", "2026-01-05T10", "2026-01-05T10:11",
	    "2026-01-05T24:00:00", "2026-01-05T10:60:00", "2026-01-05T10:11:61",
	    "2026-01-05T10:11:12.", "2026-01-05T10:11:12.5x",
	    "2026-01-05T10:11:12+1:00", "2026-01-05T10:11:12+0100",
	    "2026-01-05T10:11:12+24:00", "2026-01-05T10:11:12ZZ",
	    "2026-01-05_10:11:12", " 2026-01-05", "2026-01-05 ", "+2026-01-05",
	    "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00",
	    "0000-01-01T00:00:00+00:01", "x026-01-05T10:11:12Z",
	    "2/26-01-05T10:11:12Z", "20:6-01-05T10:11:12Z",
	    "202\xb6-01-05T10:11:12Z", "2026.01-05T10:11:12Z"};
	int64_t time;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(!dq_time_parse(DQ_SLICE(bad[i]), &time)))
			printf("\t%s\n", bad[i]);
	CHECK(!dq_day_parse(DQ_SLICE("2026-01-05T00:00:00Z"), &time));
	CHECK(dq_day_parse(DQ_SLICE("1970-01-02"), &time) && time == 1);
}

static bool
two_digits(const char *at, int first, int last)
{
	int value = (at[0] - '0') * 10 + at[1] - '0';

	return at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' &&
	       value >= first && value <= last;
}

/* Is it a time, once more: of twenty characters, in 2024. */
static bool
is_time(const char *t)
{
	if (memcmp(t, "2024-", 5) != 0 || !two_digits(t + 5, 1, 12) ||
	    t[7] != '-')
		return false;
	return two_digits(t + 8, 1,
		   dq_days_in_month(2024, (t[5] - '0') * 10 + t[6] - '0')) &&
	       strchr("Tt ", t[10]) && two_digits(t + 11, 0, 23) &&
	       t[13] == ':' && two_digits(t + 14, 0, 59) && t[16] == ':' &&
	       two_digits(t + 17, 0, 60) && strchr("Zz", t[19]);
}

/* Every byte at every place behind the year, and each next to every digit. */
static void
every_byte(void)
{
	static const char plain[] = "2024-02-19T12:34:05Z";
	char text[] = "2024-02-19T12:34:05Z";
	int64_t time, expected;

	CHECK(dq_time_parse(DQ_SLICE(text), &time));
	expected = dq_day_from_date((struct dq_date){2024, 2, 19}) * DQ_DAY +
		   12 * DQ_HOUR + 34 * DQ_MINUTE + 5 * DQ_SECOND;
	CHECK_INT(time, expected);
	for (int at = 5; at < 20; at++)
		for (int byte = 1; byte < 256; byte++)
			for (char c = '0'; c <= '9'; c++) {
				memcpy(text, plain, sizeof(text));
				if (plain[at - 1] >= '0' &&
				    plain[at - 1] <= '9')
					text[at - 1] = c;
				text[at] = (char)byte;
				CHECK(dq_time_parse(DQ_SLICE(text), &time) ==
				      is_time(text));
			}
}

/* All fields of the plain form, and of the same time written otherwise. */
static void
plain_times(void)
{
	char plain[64], other[64];
	int64_t a, b;

	for (int i = 0; i < 200000; i += 7) {
		int year = i % 10000, month = i % 12 + 1, day = i % 28 + 1;
		int hour = i % 24, minute = i % 59, second = i % 60;

		snprintf(plain, sizeof(plain), "%04d-%02d-%02dT%02d:%02d:%02dZ",
		    year, month, day, hour, minute, second);
		snprintf(other, sizeof(other),
		    "%04d-%02d-%02d %02d:%02d:%02d.000+00:00", year, month, day,
		    hour, minute, second);
		CHECK(dq_time_parse(DQ_SLICE(plain), &a));
		CHECK(dq_time_parse(DQ_SLICE(other), &b));
		CHECK_INT(a, b);
	}
}

static void
durations(void)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {{"200ms", 200000}, {"1s", DQ_SECOND},
	    {"15m", 15 * DQ_MINUTE}, {"36h", 36 * DQ_HOUR}, {"1d", DQ_DAY},
	    {"2w", 14 * DQ_DAY}, {"3", 3 * DQ_SECOND}, {"0", 0}};
	static const char *const bad[] = {
	    "", "d", "-1d", "1.5d", "1x", "1dd", "1 d", "99999999999999999w"};
	int64_t value;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		CHECK(dq_duration_parse(DQ_SLICE(good[i].text), &value));
		CHECK_INT(value, good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!dq_duration_parse(DQ_SLICE(bad[i]), &value));
}

int
main(void)
{
	calendar();
	good_times();
	bad_times();
	every_byte();
	plain_times();
	durations();
	return unit_done();
}
