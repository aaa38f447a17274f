/* Hold-out shares, quiet hours against a walk minute by minute, caps against
 * counting every span of days. */
#include "unit.h"

#include "base/random.h"
#include "policy/contact.h"

#include <stdio.h>
#include <stdlib.h>

static double
share_of(double share, const char *salt)
{
	struct dq_policy policy = {.hold_out_share = share};
	char id[32], own_salt[32];
	int held = 0;

	snprintf(own_salt, sizeof(own_salt), "%s", salt);
	policy.hold_out_salt = own_salt;
	for (int i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "CUST_%06d", i);
		held += dq_held_out(&policy, DQ_SLICE(id));
	}
	return held / 100000.0;
}

static void
test_hold_out(void)
{
	static const double shares[] = {0.01, 0.05, 0.1, 0.5};

	/* Five standard deviations of a fair draw. */
	for (int i = 0; i < 4; i++) {
		double sd = sqrt(shares[i] * (1 - shares[i]) / 100000);

		CHECK_NEAR(share_of(shares[i], "a"), shares[i], 5 * sd);
		CHECK_NEAR(share_of(shares[i], "b"), shares[i], 5 * sd);
	}
	CHECK(share_of(0, "a") == 0);
	CHECK(share_of(1, "a") == 1);
}

/* Two salts draw two independent groups. */
static void
test_salts(void)
{
	char one[] = "one", two[] = "two", id[32];
	struct dq_policy a = {.hold_out_share = 0.5, .hold_out_salt = one};
	struct dq_policy b = {.hold_out_share = 0.5, .hold_out_salt = two};
	int both = 0;

	for (int i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "C%d", i);
		both += dq_held_out(&a, DQ_SLICE(id)) &&
			dq_held_out(&b, DQ_SLICE(id));
	}
	CHECK_NEAR(both / 100000.0, 0.25, 0.007);
}

/* What a clock on the wall says. */
static bool
wall_quiet(
    const struct dq_quiet *quiet, const struct dq_zone *zone, int64_t time)
{
	int64_t local = time + dq_zone_offset(zone, time);
	int64_t day = dq_day_of(local), clock = local - day * DQ_DAY;
	bool today = quiet->weekdays >> dq_weekday(day) & 1;
	bool yesterday = quiet->weekdays >> dq_weekday(day - 1) & 1;

	if (quiet->from < quiet->to)
		return today && clock >= quiet->from && clock < quiet->to;
	return (today && clock >= quiet->from) ||
	       (yesterday && clock < quiet->to);
}

/* The clock was or will be set back within some hours of here: quiet hours
 * may then last longer than the wall says. */
static bool
near_change(const struct dq_zone *zone, int64_t time)
{
	return dq_zone_offset(zone, time - 4 * DQ_HOUR) !=
	       dq_zone_offset(zone, time + 4 * DQ_HOUR);
}

static void
check_quiet(
    const struct dq_policy *policy, const struct dq_zone *zone, int64_t time)
{
	const struct dq_quiet *quiet = policy->quiet;
	int64_t until = dq_quiet_until(policy, &zone, 1, 0, time);

	if (!CHECK(until >= time))
		return;
	CHECK(!wall_quiet(quiet, zone, until));
	for (int64_t t = time; t < until; t += DQ_MINUTE)
		if (!CHECK(wall_quiet(quiet, zone, t) || near_change(zone, t)))
			return;
}

static void
test_quiet(void)
{
	static const char *const names[] = {"Europe/Prague", "America/New_York",
	    "America/Santiago", "Australia/Lord_Howe", "America/St_Johns",
	    "Africa/Casablanca", "UTC"};
	struct dq_quiet quiet = {.channels = 1};
	struct dq_policy policy = {.quiet = &quiet, .quiet_count = 1};
	struct dq_random random;
	int64_t begin = dq_day_from_date((struct dq_date){2007, 1, 1}) * DQ_DAY;

	dq_random_init(&random, 1, 1);
	for (int i = 0; i < 20000; i++) {
		const struct dq_zone *zone =
		    dq_zone_get(DQ_SLICE(names[i % 7]), NULL);
		int64_t time =
		    begin + (int64_t)dq_random_below(&random, 20 * 365 * 1440) *
				DQ_MINUTE;

		quiet.weekdays = 1 + (unsigned)dq_random_below(&random, 126);
		quiet.from =
		    (int64_t)dq_random_below(&random, 48) * 30 * DQ_MINUTE;
		quiet.to = (int64_t)(1 + dq_random_below(&random, 48)) * 30 *
			   DQ_MINUTE;
		if (quiet.from != quiet.to)
			check_quiet(&policy, zone, time);
	}
}

/* Nights on which the clock changes, a minute at a time. */
static void
test_change_nights(void)
{
	static const int days[][3] = {{2026, 3, 29}, {2026, 10, 25}};
	const struct dq_zone *zone =
	    dq_zone_get(DQ_SLICE("Europe/Prague"), NULL);
	struct dq_quiet quiet = {.channels = 1, .weekdays = 127};
	struct dq_policy policy = {.quiet = &quiet, .quiet_count = 1};

	for (int n = 0; n < 2; n++)
		for (int q = 0; q < 8 * 8; q++) {
			int64_t day = dq_day_from_date((struct dq_date){
			    days[n][0], days[n][1], days[n][2]});

			quiet.from = q / 8 * 30 * DQ_MINUTE;
			quiet.to = q % 8 * 30 * DQ_MINUTE + DQ_MINUTE;
			for (int64_t t = -180; t < 360; t++)
				check_quiet(&policy, zone,
				    day * DQ_DAY + t * DQ_MINUTE);
		}
}

static int64_t
most_in_any_span(const int64_t *days, int n, int64_t span)
{
	int64_t most = 0;

	for (int i = 0; i < n; i++) {
		int64_t count = 0;

		for (int j = 0; j < n; j++)
			count += days[j] <= days[i] && days[j] > days[i] - span;
		if (count > most)
			most = count;
	}
	return most;
}

/* In any order of times: a contact is let in exactly when no span of days is
 * too full with it. */
static void
test_caps(void)
{
	struct dq_cap cap = {.channels = 1};
	struct dq_policy policy = {.caps = &cap, .caps_count = 1};
	struct dq_random random;

	dq_random_init(&random, 2, 1);
	for (int round = 0; round < 500; round++) {
		struct dq_contacts contacts = {0};
		int64_t days[64];
		int n = 0;

		cap.max = (int64_t)dq_random_below(&random, 5);
		cap.days = 1 + (int64_t)dq_random_below(&random, 9);
		for (int i = 0; i < 60; i++) {
			int64_t time =
			    (int64_t)dq_random_below(&random, 40 * 24) *
			    DQ_HOUR;
			struct dq_contact contact = {time, 0};
			bool broken =
			    dq_caps_broken(&policy, &contacts, NULL, contact);

			days[n] = dq_day_of(time);
			CHECK(broken == (most_in_any_span(
					     days, n + 1, cap.days) > cap.max));
			if (broken)
				continue;
			dq_contacts_add(&contacts, contact);
			n++;
		}
		dq_contacts_release(&contacts);
	}
}

int
main(void)
{
	test_hold_out();
	test_salts();
	test_quiet();
	test_change_nights();
	test_caps();
	return unit_done();
}
