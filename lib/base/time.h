/* Event time: int64 microseconds since 1970-01-01T00:00:00Z, years 0000 to
 * 9999. A day is the number of whole days since 1970-01-01. */
#ifndef DQ_BASE_TIME_H
#define DQ_BASE_TIME_H

#include "base/buf.h"

#define DQ_SECOND INT64_C(1000000)
#define DQ_MINUTE (60 * DQ_SECOND)
#define DQ_HOUR (60 * DQ_MINUTE)
#define DQ_DAY (24 * DQ_HOUR)
#define DQ_TIME_NONE INT64_MIN

struct dq_date {
	int year;
	int month; /* 1-12 */
	int day;   /* 1-31 */
};

/* Proleptic Gregorian calendar. */
int64_t dq_day_from_date(struct dq_date date);
struct dq_date dq_date_from_day(int64_t day);
int dq_days_in_month(int year, int month);

/* 0 is Monday, 6 is Sunday. */
int dq_weekday(int64_t day);

/* The day an instant falls on in UTC (rounds down before 1970). */
static inline int64_t
dq_day_of(int64_t time)
{
	return time / DQ_DAY - (time % DQ_DAY < 0);
}

/* RFC 3339: "2026-01-05T10:11:12.5+01:00", also with a blank for the T; no
 * offset means UTC; a bare date is its midnight UTC. Digits beyond
 * microseconds are cut. A leap second (:60) is taken as the next second.
 * False on anything else. */
bool dq_time_parse(struct dq_slice text, int64_t *out);

/* "2026-01-05" only; the day. */
bool dq_day_parse(struct dq_slice text, int64_t *out);

/* "2026-01-05T10:11:12Z", with .5 or .123456 only where there is a fraction. */
void dq_buf_time(struct dq_buf *buf, int64_t time);

/* "2026-01-05". */
void dq_buf_day(struct dq_buf *buf, int64_t day);

/* "200ms", "90s", "15m", "36h", "1d", "2w"; a bare number is seconds.
 * Microseconds out; false on anything else, negative or overflow. */
bool dq_duration_parse(struct dq_slice text, int64_t *out);

/* The machine's clocks: wall time in microseconds since 1970, and a clock
 * that only runs forward. Pure rooms never call these. */
int64_t dq_clock_wall(void);
int64_t dq_clock_steady(void);

#endif
