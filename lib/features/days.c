#include "features/days.h"

#include "features/balance.h"
#include "features/merchants.h"
#include "features/payments.h"

#include <string.h>

static const int32_t window_days[DQ_WINDOWS] = {
    [DQ_WINDOW_30] = 30, [DQ_WINDOW_90] = 90, [DQ_WINDOW_7] = 7};

static const uint8_t *
packed(const struct dq_customer *c, uint32_t at)
{
	return (const uint8_t *)dq_customer_part(c, DQ_PART_DAYS) + at;
}

static uint32_t
packed_length(const uint8_t *day)
{
	uint16_t length;

	memcpy(&length, day, 2);
	return length;
}

static void
window_add(struct dq_customer *c, enum dq_window w, const struct dq_sums *sums)
{
	if (w == DQ_WINDOW_7)
		c->week_discretionary =
		    (int64_t)((uint64_t)c->week_discretionary +
			      (uint64_t)sums->sum[DQ_SUM_DISCRETIONARY]);
	else
		dq_sums_add(&c->window[w], sums);
}

static void
window_subtract(
    struct dq_customer *c, enum dq_window w, const struct dq_sums *sums)
{
	if (w == DQ_WINDOW_7)
		c->week_discretionary =
		    (int64_t)((uint64_t)c->week_discretionary -
			      (uint64_t)sums->sum[DQ_SUM_DISCRETIONARY]);
	else
		dq_sums_subtract(&c->window[w], sums);
}

/* Takes the days out of the window that a newest day `day` leaves behind. */
static void
window_advance(struct dq_customer *c, enum dq_window w, int32_t day)
{
	while (c->edge[w] < c->used[DQ_PART_DAYS]) {
		const uint8_t *at = packed(c, c->edge[w]);
		struct dq_sums sums;
		struct dq_day left;

		if (dq_day_packed_number(at, c->newest) > day - window_days[w])
			break;
		c->edge[w] += (uint32_t)dq_day_unpack(at, c->newest, &left);
		dq_sums_of_day(&sums, &left);
		window_subtract(c, w, &sums);
	}
}

void
dq_days_level(struct dq_customer *c)
{
	struct dq_walk walk = {.level = c->base_level, .known = c->base_known};

	for (uint32_t at = 0; at < c->used[DQ_PART_DAYS];) {
		struct dq_day day;
		struct dq_run run;

		at += (uint32_t)dq_day_unpack(packed(c, at), c->newest, &day);
		dq_walk_day(&walk, &day, &run);
	}
	c->level = walk.level;
	c->level_known = walk.known;
}

/* A day as it is now and what it has gained. */
static void
run_level(
    struct dq_customer *c, const struct dq_day *day, const struct dq_day *more)
{
	struct dq_walk walk = {
	    .next = day->day, .level = c->level, .known = c->level_known};
	struct dq_run run;

	if (day->day < c->newest) {
		dq_days_level(c);
		return;
	}
	dq_walk_day(&walk, day->stated ? day : more, &run);
	c->level = walk.level;
	c->level_known = walk.known;
}

static void
run_largest(struct dq_customer *c, const struct dq_day *day)
{
	int64_t largest = day->field[DQ_DAY_LARGEST];

	if (!day->field[DQ_DAY_DEBITS] || largest < c->largest ||
	    (largest == c->largest && day->day <= c->largest_day))
		return;
	c->largest = largest;
	c->largest_day = day->day;
}

static void
find_largest(struct dq_customer *c)
{
	c->largest = -1;
	for (uint32_t at = c->edge[DQ_WINDOW_30]; at < c->used[DQ_PART_DAYS];) {
		struct dq_day day;

		at += (uint32_t)dq_day_unpack(packed(c, at), c->newest, &day);
		run_largest(c, &day);
	}
}

void
dq_days_advance(struct dq_customer **where, int32_t day)
{
	struct dq_customer *c = *where;
	int32_t before = c->newest;
	uint32_t gone;

	if (before == DQ_NO_DAY) {
		c->newest = c->first = day;
		return;
	}
	for (int w = 0; w < DQ_WINDOWS; w++)
		window_advance(c, (enum dq_window)w, day);
	gone = dq_balance_fold(where, day - DQ_KEPT_DAYS + 1, day);
	c = *where;
	for (int w = 0; w < DQ_WINDOWS; w++)
		c->edge[w] -= gone;
	c->last = c->used[DQ_PART_DAYS] ? c->last - gone : 0;
	if (c->largest >= 0 &&
	    c->largest_day <= day - window_days[DQ_WINDOW_30])
		find_largest(c);
	c->newest = day;
	dq_merchants_advance(c, before);
	dq_payments_forget(c);
}

/* Where the day is among the packed ones, or where it belongs. */
static uint32_t
find(const struct dq_customer *c, int32_t day, bool *found)
{
	uint32_t at = c->last;
	int32_t number;

	*found = false;
	if (!c->used[DQ_PART_DAYS])
		return 0;
	number = dq_day_packed_number(packed(c, at), c->newest);
	if (number < day)
		return c->used[DQ_PART_DAYS];
	if (number > day)
		at = 0;
	while ((number = dq_day_packed_number(packed(c, at), c->newest)) < day)
		at += packed_length(packed(c, at));
	*found = number == day;
	return at;
}

static void
move_edges(
    struct dq_customer *c, uint32_t at, int32_t day, uint32_t old, uint32_t new)
{
	for (int w = 0; w < DQ_WINDOWS; w++) {
		if (old ? c->edge[w] > at : day <= c->newest - window_days[w])
			c->edge[w] += new - old;
	}
	if (!old || at < c->last)
		c->last += new - old;
}

void
dq_days_add(struct dq_customer **where, const struct dq_day *more)
{
	struct dq_customer *c = *where;
	uint8_t bytes[DQ_DAY_PACKED_MAX + DQ_DAY_SLACK];
	uint32_t old = 0, new, at;
	struct dq_day day = *more;
	struct dq_sums sums;
	bool found, behind;

	at = find(c, more->day, &found);
	behind = at == c->used[DQ_PART_DAYS];
	if (found) {
		old = (uint32_t)dq_day_unpack(packed(c, at), c->newest, &day);
		dq_day_merge(&day, more);
	}
	new = (uint32_t)dq_day_pack(&day, bytes);
	memcpy(
	    dq_customer_splice(where, DQ_PART_DAYS, at, old, new), bytes, new);
	c = *where;
	if (behind)
		c->last = at;
	else
		move_edges(c, at, more->day, old, new);
	dq_sums_of_day(&sums, more);
	sums.count[DQ_COUNT_ACTIVE] = !found;
	for (int w = 0; w < DQ_WINDOWS; w++)
		if (more->day > c->newest - window_days[w])
			window_add(c, (enum dq_window)w, &sums);
		else if (behind)
			c->edge[w] = c->used[DQ_PART_DAYS];
	run_level(c, &day, more);
	if (more->day > c->newest - window_days[DQ_WINDOW_30])
		run_largest(c, more);
}

size_t
dq_days_unpack(const struct dq_customer *c, int32_t last, struct dq_day *out)
{
	uint32_t at = 0;
	size_t count = 0;

	while (at < c->used[DQ_PART_DAYS] &&
	       dq_day_packed_number(packed(c, at), c->newest) <= last)
		at += (uint32_t)dq_day_unpack(
		    packed(c, at), c->newest, &out[count++]);
	return count;
}

void
dq_days_sums(const struct dq_day *days, size_t count, int32_t from, int32_t to,
    struct dq_sums *out)
{
	*out = (struct dq_sums){0};
	for (size_t i = 0; i < count; i++) {
		struct dq_sums sums;

		if (days[i].day < from || days[i].day > to)
			continue;
		dq_sums_of_day(&sums, &days[i]);
		dq_sums_add(out, &sums);
	}
}

/* Are these packed days, ascending and within reach? */
static bool
are_packed(const struct dq_customer *c)
{
	uint32_t at = 0, used = c->used[DQ_PART_DAYS];
	int32_t before = dq_customer_kept_from(c) - 1;

	while (at < used) {
		int32_t number;

		if (!dq_day_is_packed(packed(c, at), used - at))
			return false;
		number = dq_day_packed_number(packed(c, at), c->newest);
		if (number <= before || number > c->newest)
			return false;
		before = number;
		at += packed_length(packed(c, at));
	}
	return true;
}

bool
dq_days_rebuild(struct dq_customer *c)
{
	uint32_t used = c->used[DQ_PART_DAYS];

	if (c->newest != DQ_NO_DAY && !are_packed(c))
		return false;
	for (int w = 0; w < DQ_WINDOWS; w++)
		c->edge[w] = used;
	for (uint32_t at = 0; at < used;) {
		struct dq_sums sums;
		struct dq_day day;
		uint32_t begin = at;

		at += (uint32_t)dq_day_unpack(packed(c, at), c->newest, &day);
		dq_sums_of_day(&sums, &day);
		c->last = begin;
		for (int w = 0; w < DQ_WINDOWS; w++) {
			if (day.day <= c->newest - window_days[w])
				continue;
			if (c->edge[w] == used)
				c->edge[w] = begin;
			window_add(c, (enum dq_window)w, &sums);
		}
	}
	dq_days_level(c);
	find_largest(c);
	return true;
}
