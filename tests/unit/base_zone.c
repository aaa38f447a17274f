#include "base/zone.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static const struct dq_zone *
zone(const char *name)
{
	struct dq_err err = {0};
	const struct dq_zone *found = dq_zone_get(DQ_SLICE(name), &err);

	if (!CHECK(found != NULL))
		printf("\t%s\n", err.text);
	return found;
}

static int64_t
at(const char *text)
{
	int64_t time = 0;

	CHECK(dq_time_parse(DQ_SLICE(text), &time));
	return time;
}

/* Every seven hours of forty years, against the C library. */
static void
like_the_library(const char *name)
{
	const struct dq_zone *z = zone(name);

	setenv("TZ", name, 1);
	tzset();
	for (int64_t time = at("2000-01-01"); time < at("2040-01-01");
	     time += 7 * DQ_HOUR) {
		time_t seconds = time / DQ_SECOND;
		struct tm tm;

		localtime_r(&seconds, &tm);
		CHECK_INT(dq_zone_offset(z, time), tm.tm_gmtoff * DQ_SECOND);
	}
	unsetenv("TZ");
	tzset();
}

/* Where the clock jumps: the second before, the second itself. */
static void
jumps(void)
{
	static const struct {
		const char *zone, *time;
		int64_t before, after; /* minutes */
	} jump[] = {
	    {"Europe/Prague", "2026-03-29T01:00:00Z", 60, 120},
	    {"Europe/Prague", "2026-10-25T01:00:00Z", 120, 60},
	    {"America/New_York", "2026-03-08T07:00:00Z", -300, -240},
	    {"America/New_York", "2026-11-01T06:00:00Z", -240, -300},
	    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 660, 630},
	    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 630, 660},
	    {"Asia/Kolkata", "2026-03-29T01:00:00Z", 330, 330},
	    {"UTC", "2026-03-29T01:00:00Z", 0, 0},
	};

	for (size_t i = 0; i < sizeof(jump) / sizeof(*jump); i++) {
		const struct dq_zone *z = zone(jump[i].zone);
		int64_t time = at(jump[i].time);

		CHECK_INT(
		    dq_zone_offset(z, time - 1) / DQ_MINUTE, jump[i].before);
		CHECK_INT(dq_zone_offset(z, time) / DQ_MINUTE, jump[i].after);
	}
}

/* Local times as if they were UTC, and the instant they are. */
static void
instants(void)
{
	static const struct {
		const char *zone, *local, *instant;
	} known[] = {
	    {"Europe/Prague", "2026-01-05T08:00:00", "2026-01-05T07:00:00Z"},
	    {"Europe/Prague", "2026-07-05T08:00:00", "2026-07-05T06:00:00Z"},
	    /* never comes: the instant of the change */
	    {"Europe/Prague", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"},
	    {"Europe/Prague", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"},
	    {"Europe/Prague", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"},
	    {"Europe/Prague", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"},
	    /* comes twice: the first */
	    {"Europe/Prague", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"},
	    {"Europe/Prague", "2026-10-25T02:00:00", "2026-10-25T00:00:00Z"},
	    {"Europe/Prague", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"},
	    {"America/New_York", "2026-03-08T02:15:00", "2026-03-08T07:00:00Z"},
	    {"America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"},
	    {"Australia/Lord_Howe", "2026-10-04T02:15:00",
		"2026-10-03T15:30:00Z"},
	    {"Australia/Lord_Howe", "2026-04-05T01:45:00",
		"2026-04-04T14:45:00Z"},
	    {"Asia/Kolkata", "2026-03-29T00:00:00", "2026-03-28T18:30:00Z"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		int64_t got =
		    dq_zone_instant(zone(known[i].zone), at(known[i].local));

		CHECK_INT(got, at(known[i].instant));
		if (got != at(known[i].instant))
			printf("\t%s %s\n", known[i].zone, known[i].local);
	}
}

/* What an instant's local time is taken back to is never later than it. */
static void
there_and_back(const char *name)
{
	const struct dq_zone *z = zone(name);

	for (int64_t time = at("2026-01-01"); time < at("2027-01-01");
	     time += 13 * DQ_MINUTE) {
		int64_t local = time + dq_zone_offset(z, time);
		int64_t back = dq_zone_instant(z, local);

		CHECK(back <= time && time - back <= DQ_HOUR);
		CHECK_INT(back + dq_zone_offset(z, back), local);
	}
}

static void
days(void)
{
	CHECK_INT(dq_zone_day(NULL, -1), -1);
	CHECK_INT(
	    dq_zone_day(zone("Asia/Kolkata"), at("1970-01-01T18:29:59Z")), 0);
	CHECK_INT(
	    dq_zone_day(zone("Asia/Kolkata"), at("1970-01-01T18:30:00Z")), 1);
	CHECK_INT(
	    dq_zone_day(zone("America/New_York"), at("1970-01-01T04:59:59Z")),
	    -1);
}

static void
unknown_names(void)
{
	static const char nul[] = "UTC\0x", prague[] = "Europe/Prague\0";
	static const char *const unknown[] = {"", "Mars/Olympus", "Europe",
	    "../zoneinfo/UTC", "/etc/localtime", "zone.tab", "tzdata.zi",
	    "Europe/Prague/", "europe/prague2"};
	struct dq_err err;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		if (!CHECK(!dq_zone_get(DQ_SLICE(unknown[i]), &err)))
			printf("\t%s\n", unknown[i]);
	CHECK(!dq_zone_get((struct dq_slice){nul, sizeof(nul) - 1}, &err));
	CHECK(
	    !dq_zone_get((struct dq_slice){prague, sizeof(prague) - 1}, &err));
}

int
main(void)
{
	static const char *const names[] = {"Europe/Prague", "America/New_York",
	    "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		like_the_library(names[i]);
		there_and_back(names[i]);
	}
	jumps();
	instants();
	days();
	unknown_names();
	return unit_done();
}
