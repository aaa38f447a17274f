#include "base/hash.h"
#include "sim/customer.h"
#include "sim/draw.h"

/* Monday to Sunday; January to December. */
static const double plain_week[7] = {1, 1, 1, 1, 1, 1, 1};
static const double shop_week[7] = {0.9, 0.85, 0.9, 1, 1.2, 1.6, 0.55};
static const double evening_week[7] = {0.6, 0.65, 0.8, 0.95, 1.4, 1.6, 1};
static const double work_week[7] = {1.2, 1.2, 1.2, 1.15, 1.1, 0.65, 0.5};

static const double plain_year[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double gift_year[12] = {
    0.85, 0.85, 0.95, 0.95, 1, 1, 1, 0.9, 1, 1, 1.25, 1.6};
static const double summer_year[12] = {
    0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.2, 1, 0.95, 0.9, 1.05};
static const double school_year[12] = {
    1.1, 0.9, 0.9, 0.9, 0.9, 0.8, 0.5, 1.3, 2, 1.1, 0.9, 0.7};
static const double heating_year[12] = {
    1.6, 1.5, 1.3, 1, 0.8, 0.7, 0.6, 0.6, 0.7, 0.9, 1.2, 1.5};

/* How money for living is spent. A stake is a share of a month's income, the
 * other amounts follow from share and rate. */
static const struct habit {
	double share; /* of the budget */
	double rate;  /* a day */
	double spread;
	const double *week, *year;
	bool discretionary;
	uint8_t usual;	  /* merchants of one's own */
	uint16_t pool;	  /* merchants there are */
	double online;	  /* share */
	uint8_t from, to; /* local hours */
} habits[DQ_SIM_HABITS] = {
    [DQ_SIM_GROCERIES] = {0.34, 0.38, 0.5, shop_week, plain_year, false, 3, 400,
	0.05, 8, 21},
    [DQ_SIM_TRANSPORT] = {0.10, 0.22, 0.6, work_week, summer_year, false, 3,
	150, 0.3, 6, 21},
    [DQ_SIM_DINING] = {0.12, 0.22, 0.5, evening_week, summer_year, true, 6,
	1500, 0.15, 11, 23},
    [DQ_SIM_ENTERTAINMENT] = {0.07, 0.08, 0.6, evening_week, summer_year, true,
	4, 300, 0.5, 15, 23},
    [DQ_SIM_SHOPPING] = {0.15, 0.13, 0.8, shop_week, gift_year, true, 6, 1200,
	0.5, 9, 22},
    [DQ_SIM_HEALTHCARE] = {0.05, 0.035, 0.7, work_week, plain_year, false, 3,
	200, 0.1, 8, 19},
    [DQ_SIM_EDUCATION] = {0.03, 0.012, 0.8, work_week, school_year, false, 2,
	100, 0.6, 9, 20},
    [DQ_SIM_CASH] = {0.14, 0.07, 0.4, shop_week, plain_year, false, 3, 120, 0,
	8, 22},
    [DQ_SIM_GAMBLING] = {0, 0, 0.8, plain_week, plain_year, false, 2, 30, 0.9,
	17, 24},
};

#define STAKE 0.035 /* of a month's income */

void
dq_sim_calendar_set(struct dq_sim_calendar *calendar, int64_t day)
{
	calendar->day = day;
	calendar->date = dq_date_from_day(day);
	calendar->weekday = dq_weekday(day);
	for (int i = 0; i < DQ_SIM_HABITS; i++)
		calendar->rate[i] = habits[i].week[calendar->weekday] *
				    habits[i].year[calendar->date.month - 1];
	calendar->heating = heating_year[calendar->date.month - 1];
}

uint32_t
dq_sim_merchant(struct dq_sim_customer *customer, enum dq_sim_category category,
    double novelty)
{
	uint32_t pool = category < DQ_SIM_HABITS ? habits[category].pool : 60;
	uint64_t choice;

	if (category < DQ_SIM_HABITS &&
	    dq_sim_chance(&customer->random, novelty)) {
		choice = dq_random_below(&customer->random, pool);
	} else {
		uint64_t usual = category < DQ_SIM_HABITS
				     ? dq_random_below(&customer->random,
					   habits[category].usual)
				     : 0;

		choice = dq_hash_mix((uint64_t)customer->number << 16 ^
				     (uint64_t)category << 8 ^ usual) %
			 pool;
	}
	return 1 + (uint32_t)category * 2000 + (uint32_t)choice;
}

/* Little money makes careful: 1 with enough on the account, `least` with
 * none. */
static double
restraint(const struct dq_sim_customer *c, double least)
{
	double enough = 0.3 * (double)c->income;
	double has = (double)(c->balance + c->overdraft / 2);

	return least + (1 - least) * dq_sim_clamp(has / enough, 0, 1);
}

static double
rate_today(const struct dq_sim_day *day, int category)
{
	const struct dq_sim_customer *c = day->customer;
	double rate = habits[category].rate * day->calendar->rate[category];
	int64_t since_pay = day->calendar->day - c->paid_on;

	if (habits[category].discretionary) {
		rate *= day->strain.discretionary * restraint(c, 0.4) *
			dq_sim_exp(c->mood + c->drift);
		/* Stress keeps people at home. */
		if (day->calendar->weekday > 4)
			rate *= 1 - 0.4 * day->strain.stress * c->reaction;
		return since_pay < 5 ? rate * 1.25 : rate;
	}
	if (category == DQ_SIM_CASH)
		return rate * day->strain.cash * c->cash_taste *
		       restraint(c, 0.6);
	if (category == DQ_SIM_GAMBLING)
		return c->gambling_taste + day->strain.gambling;
	if (category == DQ_SIM_HEALTHCARE)
		return rate * day->strain.health;
	return rate * day->strain.essential * dq_sim_exp(0.4 * c->drift);
}

static double
mean_amount(const struct dq_sim_day *day, int category)
{
	const struct dq_sim_customer *c = day->customer;
	const struct habit *habit = &habits[category];

	if (category == DQ_SIM_GAMBLING)
		return STAKE * (double)c->income * (0.3 + day->strain.stress);
	return (double)c->budget * habit->share / (30 * habit->rate) *
	       restraint(c, habit->discretionary ? 0.7 : 0.8);
}

static void
plan_one(struct dq_sim_day *day, int category, double mean)
{
	struct dq_sim_customer *c = day->customer;
	const struct habit *habit = &habits[category];
	struct dq_sim_move *move;
	int64_t amount =
	    (int64_t)(mean * dq_sim_spread(&c->random, habit->spread));

	if (category == DQ_SIM_CASH)
		amount = (amount + 1000) / 2000 * 2000;
	if (amount < 50)
		return;
	move = dq_sim_plan(day, (enum dq_sim_category)category, amount,
	    habit->from, habit->to);
	move->merchant = dq_sim_merchant(c, (enum dq_sim_category)category,
	    c->novelty * day->strain.novelty);
	if (category == DQ_SIM_CASH)
		move->channel = DQ_SIM_ATM;
	else if (dq_sim_chance(&c->random, habit->online))
		move->channel = DQ_SIM_ONLINE;
	/* Now and then a stake is won. */
	if (category == DQ_SIM_GAMBLING && dq_sim_chance(&c->random, 0.12)) {
		move->credit = true;
		move->amount *= dq_sim_pick(&c->random, 1, 4);
	}
}

/* A small loan now, more than it back in weekly parts: what makes borrowing
 * from apps a spiral. */
static void
plan_lending(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	double rate = c->lending_taste + day->strain.lending;
	struct dq_sim_move *move;

	if (c->debt > 0 && day->calendar->weekday == (int)(c->number % 5)) {
		int64_t part = c->debt / 7 + 500;

		if (part > c->debt)
			part = c->debt;
		if (c->balance + c->overdraft >= part) {
			move =
			    dq_sim_plan(day, DQ_SIM_LENDING_APP, part, 6, 20);
			move->channel = DQ_SIM_ONLINE;
			move->merchant =
			    dq_sim_merchant(c, DQ_SIM_LENDING_APP, 0);
			c->debt -= part;
		}
	}
	if (!dq_sim_chance(&c->random, rate))
		return;
	move = dq_sim_plan(day, DQ_SIM_LENDING_APP,
	    (int64_t)((double)c->income *
		      dq_sim_between(&c->random, 0.08, 0.3)),
	    7, 24);
	move->credit = true;
	move->channel = DQ_SIM_MOBILE;
	move->merchant = dq_sim_merchant(c, DQ_SIM_LENDING_APP, 0);
	c->debt += move->amount * 16 / 10;
}

static void
plan_extras(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	double advance =
	    0.0008 + 0.03 * (day->strain.gambling + 5 * day->strain.lending);
	struct dq_sim_move *move;

	if (dq_sim_chance(&c->random, 0.012 + day->strain.costs)) {
		move = dq_sim_plan(day, DQ_SIM_TRANSFER,
		    (int64_t)((double)c->income *
			      dq_sim_between(&c->random, 0.04, 0.22)),
		    8, 22);
		move->channel = DQ_SIM_ONLINE;
	}
	/* The car, the roof: nobody saw it coming. */
	if (dq_sim_chance(&c->random, 0.0015)) {
		move = dq_sim_plan(day, DQ_SIM_SHOPPING,
		    (int64_t)((double)c->income *
			      dq_sim_between(&c->random, 0.3, 1.2)),
		    8, 18);
		move->merchant = dq_sim_merchant(c, DQ_SIM_SHOPPING, 1);
	}
	if (dq_sim_chance(&c->random, advance)) {
		move = dq_sim_plan(day, DQ_SIM_CASH_ADVANCE,
		    (int64_t)((double)c->income *
			      dq_sim_between(&c->random, 0.03, 0.12)),
		    9, 24);
		move->channel = DQ_SIM_ATM;
		move->merchant = dq_sim_merchant(c, DQ_SIM_CASH, 1);
	}
}

void
dq_sim_plan_habits(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;

	c->mood = 0.8 * c->mood + 0.12 * dq_random_normal(&c->random);
	c->drift = 0.985 * c->drift + 0.05 * dq_random_normal(&c->random);
	for (int category = 0; category < DQ_SIM_HABITS; category++) {
		double rate = rate_today(day, category);
		int n = rate > 0 ? dq_sim_count(&c->random, rate) : 0;

		while (n-- > 0)
			plan_one(day, category, mean_amount(day, category));
	}
	plan_lending(day);
	plan_extras(day);
}
