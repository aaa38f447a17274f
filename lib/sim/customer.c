#include "sim/customer.h"
#include "sim/draw.h"
#include "sim/profile.h"

static void
draw_pay(struct dq_sim_customer *c)
{
	static const uint8_t days[] = {
	    1, 5, 10, 15, 20, 25, 25, 26, 27, 28, 28, 30, 31, 31};
	double income = 260000 * dq_sim_spread(&c->random, 0.45);

	c->income = (int64_t)dq_sim_clamp(income, 90000, 1500000) / 1000 * 1000;
	c->irregular = dq_sim_chance(&c->random, 0.08);
	c->salary_day = days[dq_random_below(&c->random, sizeof(days))];
	c->benefit_day = (uint8_t)dq_sim_pick(&c->random, 1, 28);
	if (dq_sim_chance(&c->random, 0.25))
		c->benefit = (int64_t)dq_sim_between(&c->random, 15000, 60000);
}

static int64_t
monthly_bills(const struct dq_sim_customer *c)
{
	int64_t sum = 0;

	for (int i = 0; i < c->bill_count; i++)
		sum += c->bills[i].usual;
	return sum;
}

static void
draw_money(struct dq_sim_customer *c)
{
	struct dq_random *r = &c->random;
	double income = (double)c->income;
	double left = income + (double)c->benefit - (double)monthly_bills(c);

	c->budget = (int64_t)dq_sim_clamp(
	    left * dq_sim_between(r, 0.68, 0.92), income * 0.18, income);
	c->cushion = (int64_t)(income * 0.5 * dq_sim_spread(r, 0.9));
	c->overdraft = dq_sim_chance(r, 0.4)
			   ? (int64_t)(income * dq_sim_between(r, 0.1, 0.4)) /
				 10000 * 10000
			   : 0;
	c->reserve = dq_sim_chance(r, 0.6)
			 ? (int64_t)(income * 1.2 * dq_sim_spread(r, 1.1))
			 : 0;
	/* Pay of this month is partly spent by the day we come in. */
	c->balance =
	    c->cushion + (int64_t)(income * dq_sim_between(r, 0.15, 0.7));
}

static void
draw_taste(struct dq_sim_customer *c)
{
	struct dq_random *r = &c->random;

	c->reaction = dq_sim_between(r, 0.2, 1.3);
	c->cash_taste = dq_sim_spread(r, 0.7);
	c->forgets = 0.0035 * dq_sim_spread(r, 0.8);
	c->novelty = dq_sim_between(r, 0.1, 0.4);
	if (dq_sim_chance(r, 0.1))
		c->gambling_taste = dq_sim_between(r, 0.01, 0.12);
	if (dq_sim_chance(r, 0.08))
		c->lending_taste = dq_sim_between(r, 0.001, 0.008);
	c->balance_shown = dq_sim_chance(r, 0.96);
}

void
dq_sim_customer_init(struct dq_sim_customer *customer, uint64_t seed,
    uint32_t number, int64_t day)
{
	struct dq_sim_customer *c = customer;

	*c = (struct dq_sim_customer){
	    .number = number,
	    .shock.cause = DQ_SIM_NO_CAUSE,
	    .cause = DQ_SIM_NO_CAUSE,
	    .first_missed = DQ_SIM_NEVER,
	};
	dq_random_init(&c->random, seed, number);
	draw_pay(c);
	dq_sim_bills_init(c, day);
	draw_money(c);
	draw_taste(c);
	c->drift = 0.25 * dq_random_normal(&c->random);
	c->paid_on = (int32_t)day - dq_sim_pick(&c->random, 3, 25);
	c->pay_on = dq_sim_next_pay(c, day - 10);
	c->zone_shift = dq_sim_profile(seed, number).zone_shift;
}
