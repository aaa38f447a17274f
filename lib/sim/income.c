#include "sim/customer.h"
#include "sim/draw.h"

/* Months without the day pay on their last one; pay that would come on a
 * weekend comes on the Friday before it. */
static int64_t
pay_day_of_month(int year, int month, int salary_day)
{
	int last = dq_days_in_month(year, month);
	int64_t day = dq_day_from_date((struct dq_date){
	    year, month, salary_day < last ? salary_day : last});
	int weekday = dq_weekday(day);

	return weekday > 4 ? day - (weekday - 4) : day;
}

int32_t
dq_sim_next_pay(struct dq_sim_customer *customer, int64_t after)
{
	struct dq_date date = dq_date_from_day(after);
	int64_t day;

	/* Pay of a month may come some days late, so look from mid-cycle. */
	do {
		day = pay_day_of_month(
		    date.year, date.month, customer->salary_day);
		if (++date.month > 12) {
			date.month = 1;
			date.year++;
		}
	} while (day <= after + 9);
	if (dq_sim_chance(&customer->random, 0.12))
		day += dq_sim_pick(&customer->random, 1, 3);
	return (int32_t)day;
}

static void
credit(struct dq_sim_day *day, enum dq_sim_category category, double amount)
{
	struct dq_sim_move *move;

	if (amount < 100)
		return;
	move = dq_sim_plan(day, category, (int64_t)amount, 1, 5);
	move->credit = true;
}

static bool
draws_benefit(const struct dq_sim_customer *c, int64_t day)
{
	return c->shock.cause == DQ_SIM_JOB_LOSS && day > c->shock.turn + 20 &&
	       c->shock.severity < 0.75;
}

static void
pay(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	int64_t today = day->calendar->day;
	int delay =
	    (int)(day->strain.delay * dq_sim_between(&c->random, 0.3, 1.7));

	if (delay > 0 && !c->delayed) {
		c->pay_on += delay;
		c->delayed = true;
		return;
	}
	if (day->strain.income > 0)
		credit(day, DQ_SIM_SALARY,
		    (double)c->income * day->strain.income *
			dq_sim_spread(&c->random, 0.03));
	else if (draws_benefit(c, today))
		credit(day, DQ_SIM_BENEFIT, (double)c->income * 0.5);
	c->paid_on = (int32_t)today;
	/* Counted from when it was due, so that delays do not add up. */
	c->pay_on = dq_sim_next_pay(c, today - (c->delayed ? 5 : 0));
	c->delayed = false;
}

static void
pay_in_pieces(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	double rate = 0.12 * (1 + 0.3 * c->drift);

	if (!dq_sim_chance(&c->random, rate))
		return;
	credit(day, DQ_SIM_INCOME,
	    (double)c->income / (30 * 0.12) * dq_sim_spread(&c->random, 0.6) *
		(day->strain.income > 0.1 ? day->strain.income : 0.1));
	c->paid_on = (int32_t)day->calendar->day;
}

/* What is left some days after pay goes to savings elsewhere... */
static void
save(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	int64_t spare = c->balance - c->cushion - c->income;
	struct dq_sim_move *move;

	if (spare < c->income / 10)
		return;
	move = dq_sim_plan(day, DQ_SIM_TRANSFER, spare * 2 / 3, 8, 21);
	move->channel = DQ_SIM_MOBILE;
	c->reserve += spare * 2 / 3;
}

/* ...and comes back when the account runs dry. */
static void
draw_on_reserve(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	int64_t amount = c->income * 4 / 10;

	if (c->balance > c->income / 8 || c->reserve < c->income / 20 ||
	    !dq_sim_chance(&c->random, 0.3))
		return;
	if (amount > c->reserve)
		amount = c->reserve;
	c->reserve -= amount;
	credit(day, DQ_SIM_TRANSFER, (double)amount);
}

void
dq_sim_plan_income(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;

	if (c->irregular)
		pay_in_pieces(day);
	else if (day->calendar->day == c->pay_on)
		pay(day);
	if (c->benefit && day->calendar->date.day == c->benefit_day)
		credit(day, DQ_SIM_BENEFIT, (double)c->benefit);
	if (day->calendar->day == c->paid_on + 4)
		save(day);
	draw_on_reserve(day);
}
