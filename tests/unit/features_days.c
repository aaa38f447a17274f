/* Days of a customer: sums that run along equal sums over the days, whatever
 * comes late; folding into 30-day tiles keeps every level. */
#include "features/days.h"

#include "base/random.h"
#include "features/balance.h"
#include "features/moment.h"
#include "unit.h"

#include <stdlib.h>

#define BEGIN 19000

static struct dq_random dice;

static struct dq_day
transaction(int32_t number)
{
	struct dq_day day = {.day = number};
	int64_t sum = (int64_t)dq_random_below(&dice, 100000);

	day.field[DQ_DAY_TRANSACTIONS] = 1;
	if (dq_random_below(&dice, 3)) {
		day.field[DQ_DAY_DEBITS] = 1;
		day.field[DQ_DAY_LARGEST] = sum;
		day.field[DQ_DAY_CLASS + dq_random_below(&dice, DQ_CLASSES)] =
		    sum;
	} else {
		day.field[DQ_DAY_INFLOW] = sum;
	}
	return day;
}

static bool
same(const struct dq_sums *a, const struct dq_sums *b)
{
	return !memcmp(a->sum, b->sum, sizeof(a->sum)) &&
	       !memcmp(a->count, b->count, sizeof(a->count));
}

static int64_t
largest(const struct dq_day *days, size_t count, int32_t from)
{
	int64_t most = -1;

	for (size_t i = 0; i < count; i++)
		if (days[i].day >= from && days[i].field[DQ_DAY_DEBITS] &&
		    days[i].field[DQ_DAY_LARGEST] > most)
			most = days[i].field[DQ_DAY_LARGEST];
	return most;
}

static void
check_sums(const struct dq_customer *c)
{
	static struct dq_day days[DQ_KEPT_DAYS];
	size_t count = dq_days_unpack(c, c->newest, days);
	struct dq_sums sums;

	dq_days_sums(days, count, c->newest - 29, c->newest, &sums);
	CHECK(same(&sums, &c->window[DQ_WINDOW_30]));
	dq_days_sums(days, count, c->newest - 89, c->newest, &sums);
	CHECK(same(&sums, &c->window[DQ_WINDOW_90]));
	dq_days_sums(days, count, c->newest - 6, c->newest, &sums);
	CHECK_INT(c->week_discretionary, sums.sum[DQ_SUM_DISCRETIONARY]);
	CHECK_INT(c->largest, largest(days, count, c->newest - 29));
}

/* What is computed anew from the packed days is what ran along. */
static void
check_rebuild(const struct dq_customer *c)
{
	struct dq_customer *copy = malloc(dq_customer_size(c));

	memcpy(copy, c, dq_customer_size(c));
	copy->last = 12345;
	memset(copy->window, 0, sizeof(copy->window));
	memset(copy->edge, 77, sizeof(copy->edge));
	copy->week_discretionary = 0;
	copy->level = copy->largest = 4321;
	copy->level_known = false;
	CHECK(dq_days_rebuild(copy));
	CHECK(same(&copy->window[0], &c->window[0]));
	CHECK(same(&copy->window[1], &c->window[1]));
	CHECK_INT(copy->week_discretionary, c->week_discretionary);
	CHECK_INT(copy->last, c->last);
	CHECK_INT(copy->level, c->level);
	CHECK_INT(copy->level_known, c->level_known);
	CHECK_INT(copy->largest, c->largest);
	CHECK(c->largest < 0 || copy->largest_day == c->largest_day);
	for (int w = 0; w < DQ_WINDOWS; w++)
		CHECK_INT(copy->edge[w], c->edge[w]);
	free(copy);
}

/* Its level day by day, kept by hand. */
struct ledger {
	int64_t net[4000];
	int32_t first, newest;
};

static void
check_year(const struct dq_customer *c, const struct ledger *ledger, int32_t T)
{
	static struct dq_sight sight;
	int32_t begin = dq_month_first(T) * DQ_MONTH_DAYS;
	struct dq_moment moment;
	int64_t level = 1000, sum = 0, low = INT64_MAX, high = INT64_MIN;
	unsigned __int128 square = 0;
	int32_t days = 0;

	for (int32_t day = ledger->first; day <= T; day++) {
		level += day - BEGIN < 4000 ? ledger->net[day - BEGIN] : 0;
		if (day < begin)
			continue;
		days++;
		sum += level;
		square += (unsigned __int128)((__int128)level * level);
		low = level < low ? level : low;
		high = level > high ? level : high;
	}
	dq_moment_init(&moment, &sight, c, T, DQ_NEED_YEAR);
	CHECK_INT(sight.year.days, days);
	CHECK_INT(sight.year.sum, sum);
	CHECK(sight.year.square[0] == (uint64_t)square);
	CHECK(sight.year.square[1] == (uint64_t)(square >> 64));
	CHECK_INT(sight.year.low, low);
	CHECK_INT(sight.year.high, high);
	CHECK_INT(sight.levels.level[DQ_KEPT_DAYS - 1], level);
	CHECK(moment.level_known);
	CHECK_INT(moment.level, level);
}

static void
book(struct dq_customer **c, struct ledger *ledger, int32_t number)
{
	struct dq_day day = transaction(number);

	if ((*c)->newest == DQ_NO_DAY || number > (*c)->newest)
		dq_days_advance(c, number);
	if (number < (*c)->first)
		(*c)->first = number;
	dq_days_add(c, &day);
	ledger->net[number - BEGIN] +=
	    day.field[DQ_DAY_INFLOW] - dq_day_spend(&day);
	ledger->first = (*c)->first;
	ledger->newest = (*c)->newest;
}

static void
test_life(int leap)
{
	static struct ledger ledger;
	struct dq_customer *c = dq_customer_new();
	int32_t now = BEGIN + 200;

	memset(&ledger, 0, sizeof(ledger));
	c->base_level = 1000;
	c->base_known = c->opening = true;
	dq_days_level(c);
	for (int i = 0; i < 1500 && now < BEGIN + 3000; i++) {
		int32_t late = 0;

		if (!dq_random_below(&dice, 3))
			now += (int32_t)dq_random_below(&dice, 3);
		if (!dq_random_below(&dice, 200))
			now += leap;
		if (!dq_random_below(&dice, 5) && c->newest != DQ_NO_DAY)
			late = (int32_t)dq_random_below(&dice, 91);
		if (late > now - BEGIN)
			late = 0;
		book(&c, &ledger, now - late);
		check_sums(c);
		if (i % 10 == 0) {
			check_rebuild(c);
			check_year(c, &ledger, c->newest);
			check_year(c, &ledger, c->newest + i % 600);
		}
	}
	dq_customer_free(c);
}

static struct dq_day
with_balance(struct dq_day day)
{
	day.stated = true;
	day.field[DQ_DAY_BALANCE] = (int64_t)dq_random_below(&dice, 100000);
	day.field[DQ_DAY_CLOCK] = (int64_t)dq_random_below(&dice, 1000);
	return day;
}

/* The level that runs along is that of a walk over the days, whatever of
 * stated balances and of late days comes in between. */
static void
test_stated(void)
{
	static struct dq_sight sight;
	struct dq_customer *c = dq_customer_new();
	int32_t now = BEGIN;
	struct dq_moment moment;

	for (int i = 0; i < 2000; i++) {
		int32_t late = dq_random_below(&dice, 4)
				   ? 0
				   : (int32_t)dq_random_below(&dice, 20);
		struct dq_day day;

		now += (int32_t)dq_random_below(&dice, 4) / 3 * (1 + i % 9);
		day = transaction(now - late);
		if (!dq_random_below(&dice, 3))
			day = with_balance(day);
		if (c->newest == DQ_NO_DAY || day.day > c->newest)
			dq_days_advance(&c, day.day);
		if (day.day < c->first)
			c->first = day.day;
		dq_days_add(&c, &day);
		check_rebuild(c);
		dq_moment_init(&moment, &sight, c, c->newest, DQ_NEED_LEVELS);
		CHECK_INT(
		    moment.level_known, sight.levels.known < DQ_KEPT_DAYS);
		CHECK_INT(moment.level, sight.levels.level[DQ_KEPT_DAYS - 1]);
	}
	dq_customer_free(c);
}

int
main(void)
{
	dq_random_init(&dice, 2, 0);
	for (int leap = 0; leap < 500; leap += 23)
		test_life(leap);
	test_stated();
	return unit_done();
}
