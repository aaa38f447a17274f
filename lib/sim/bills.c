#include "sim/customer.h"
#include "sim/draw.h"

#define ANNOUNCED 10 /* days before it is due */
#define GIVEN_UP 24  /* days past due: the next one takes over */
#define NIGHT 3600   /* seconds in which bills are announced and missed */

enum { IDLE, OPEN, MISSED };

static bool
is_instalment(const struct dq_sim_bill *bill)
{
	return bill->type == DQ_SIM_LOAN_EMI ||
	       bill->type == DQ_SIM_CREDIT_CARD;
}

static enum dq_sim_category
category_of(const struct dq_sim_bill *bill)
{
	static const uint8_t categories[] = {
	    [DQ_SIM_LOAN_EMI] = DQ_SIM_LOAN,
	    [DQ_SIM_CREDIT_CARD] = DQ_SIM_CARD,
	    [DQ_SIM_UTILITY_BILL] = DQ_SIM_UTILITIES,
	    [DQ_SIM_INSURANCE_BILL] = DQ_SIM_INSURANCE,
	    [DQ_SIM_RENT_BILL] = DQ_SIM_RENT,
	};

	return (enum dq_sim_category)categories[bill->type];
}

/* The first due day after `after`. */
static int32_t
next_due(const struct dq_sim_bill *bill, int64_t after)
{
	struct dq_date date = dq_date_from_day(after);

	if (date.day >= bill->due_day && ++date.month > 12) {
		date.month = 1;
		date.year++;
	}
	date.day = bill->due_day;
	return (int32_t)dq_day_from_date(date);
}

static void
add_bill(struct dq_sim_customer *c, enum dq_sim_bill_type type, double amount,
    double autopay)
{
	struct dq_sim_bill *bill = &c->bills[c->bill_count++];
	int due = (c->salary_day + dq_sim_pick(&c->random, 1, 16) - 1) % 28 + 1;

	if (dq_sim_chance(&c->random, 0.25))
		due = dq_sim_pick(&c->random, 1, 28);
	*bill = (struct dq_sim_bill){
	    .type = (uint8_t)type,
	    .due_day = (uint8_t)due,
	    .usual = (int64_t)amount,
	    .autopay = dq_sim_chance(&c->random, autopay),
	    .habit = (int8_t)dq_sim_pick(&c->random, -5, 0),
	};
	/* Some always pay their utilities late. */
	if (!is_instalment(bill) && dq_sim_chance(&c->random, 0.08))
		bill->habit = (int8_t)dq_sim_pick(&c->random, 2, 6);
}

void
dq_sim_bills_init(struct dq_sim_customer *customer, int64_t day)
{
	struct dq_sim_customer *c = customer;
	struct dq_random *r = &c->random;
	double income = (double)c->income;
	bool rents = dq_sim_chance(r, 0.65), loan = dq_sim_chance(r, 0.75);

	if (rents)
		add_bill(c, DQ_SIM_RENT_BILL,
		    income * dq_sim_between(r, 0.18, 0.33), 0.6);
	if (loan)
		add_bill(c, DQ_SIM_LOAN_EMI,
		    income * (rents ? dq_sim_between(r, 0.05, 0.16)
				    : dq_sim_between(r, 0.15, 0.34)),
		    0.8);
	if (!loan || dq_sim_chance(r, 0.5))
		add_bill(c, DQ_SIM_CREDIT_CARD,
		    income * dq_sim_between(r, 0.03, 0.12), 0.65);
	add_bill(c, DQ_SIM_UTILITY_BILL,
	    4000 + income * dq_sim_between(r, 0.02, 0.05), 0.5);
	c->bills[c->bill_count - 1].seasonal = true;
	add_bill(c, DQ_SIM_UTILITY_BILL,
	    2500 + income * dq_sim_between(r, 0.005, 0.02), 0.6);
	if (dq_sim_chance(r, 0.7))
		add_bill(c, DQ_SIM_INSURANCE_BILL,
		    income * dq_sim_between(r, 0.01, 0.04), 0.75);
	for (int i = 0; i < c->bill_count; i++)
		c->bills[i].due = next_due(&c->bills[i], day + ANNOUNCED - 1);
}

static struct dq_sim_event *
tell(struct dq_sim_day *day, int index, enum dq_sim_status status,
    int32_t second)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[index];
	struct dq_sim_event *event = dq_sim_events_add(day->out);

	event->kind = DQ_KIND_PAYMENT;
	event->customer = c->number;
	event->time = day->calendar->day * DQ_DAY + second * DQ_SECOND;
	event->bill = (uint8_t)index;
	event->number = bill->number;
	event->type = bill->type;
	event->status = (uint8_t)status;
	event->due = bill->due;
	event->amount = bill->owed;
	return event;
}

static void
announce(struct dq_sim_day *day, int index)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[index];
	double amount = (double)bill->usual;

	if (bill->type == DQ_SIM_CREDIT_CARD)
		amount *= (1 + 0.6 * day->strain.stress) *
			  dq_sim_spread(&c->random, 0.25);
	if (bill->type == DQ_SIM_UTILITY_BILL)
		amount *= dq_sim_spread(&c->random, 0.06);
	if (bill->seasonal)
		amount *= day->calendar->heating;
	bill->owed = (int64_t)amount;
	bill->number++;
	bill->state = OPEN;
	bill->try_on = bill->due;
	if (!bill->autopay) {
		double late =
		    day->strain.late * (is_instalment(bill) ? 0.5 : 1);

		bill->try_on += bill->habit + (int)late +
				(int)dq_sim_between(&c->random, -1.5, 1.5);
		if (dq_sim_chance(&c->random, c->forgets))
			bill->try_on += dq_sim_pick(&c->random, 6, 14);
	}
	if (bill->try_on <= day->calendar->day)
		bill->try_on = (int32_t)day->calendar->day + 1;
	tell(day, index, DQ_SIM_PENDING, dq_sim_pick(&c->random, 0, NIGHT));
}

static void
close_bill(struct dq_sim_bill *bill)
{
	bill->state = IDLE;
	bill->due = next_due(bill, bill->due);
}

static void
miss(struct dq_sim_day *day, int index)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[index];

	bill->state = MISSED;
	tell(day, index, DQ_SIM_MISSED, dq_sim_pick(&c->random, 0, NIGHT));
	if (!is_instalment(bill))
		return;
	dq_sim_plan(day, DQ_SIM_LATE_FEE, 1500, 1, 3);
	if (c->first_missed == DQ_SIM_NEVER) {
		c->first_missed = bill->due;
		/* A shock that came after the due date is not the cause. */
		if (c->cause != DQ_SIM_NO_CAUSE && c->onset > bill->due)
			c->cause = DQ_SIM_NO_CAUSE;
	}
}

static void
plan_bill(struct dq_sim_day *day, int index)
{
	struct dq_sim_bill *bill = &day->customer->bills[index];
	int64_t today = day->calendar->day;
	int grace = is_instalment(bill) ? DQ_SIM_GRACE : 14;
	struct dq_sim_move *move;

	if (bill->state == IDLE && today >= bill->due - ANNOUNCED)
		announce(day, index);
	if (bill->state == OPEN && today > bill->due + grace)
		miss(day, index);
	if (bill->state == MISSED && today >= bill->due + GIVEN_UP)
		close_bill(bill);
	if (bill->state == IDLE || today < bill->try_on)
		return;
	move = dq_sim_plan(day, category_of(bill), bill->owed,
	    bill->autopay ? 5 : 8, bill->autopay ? 7 : 22);
	/* Behind what the bank says of bills at night. */
	if (move->second <= NIGHT)
		move->second += NIGHT;
	move->channel = DQ_SIM_ONLINE;
	move->bill = (int8_t)index;
	move->merchant = dq_sim_merchant(day->customer, category_of(bill), 0) +
			 bill->due_day % 2U;
}

void
dq_sim_plan_bills(struct dq_sim_day *day)
{
	for (int i = 0; i < day->customer->bill_count; i++)
		plan_bill(day, i);
}

bool
dq_sim_overdue(const struct dq_sim_customer *customer, int64_t day)
{
	for (int i = 0; i < customer->bill_count; i++) {
		const struct dq_sim_bill *bill = &customer->bills[i];

		if (is_instalment(bill) && bill->state != IDLE &&
		    day >= bill->due)
			return true;
	}
	return false;
}

/* Savings jump in, if there are any and their owner notices in time. */
static void
rescue(struct dq_sim_day *day, const struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	int64_t lacks = move->amount - c->balance - c->overdraft;
	struct dq_sim_move transfer = *move;

	if (lacks <= 0 || c->reserve < lacks || !dq_sim_chance(&c->random, 0.7))
		return;
	transfer.category = DQ_SIM_TRANSFER;
	transfer.channel = DQ_SIM_MOBILE;
	transfer.credit = true;
	transfer.merchant = 0;
	transfer.amount = lacks + lacks / 10;
	if (transfer.amount > c->reserve)
		transfer.amount = c->reserve;
	c->reserve -= transfer.amount;
	dq_sim_book(day, &transfer, false);
}

static void
pay_part(struct dq_sim_day *day, const struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[move->bill];
	struct dq_sim_move part = *move;
	struct dq_sim_event *event;

	part.amount = (int64_t)((double)c->balance *
				dq_sim_between(&c->random, 0.5, 0.95));
	dq_sim_book(day, &part, false);
	event = tell(day, move->bill, DQ_SIM_PARTIAL, move->second);
	event->paid = part.amount;
	event->paid_on = day->calendar->day;
	close_bill(bill);
}

/* Better a part than nothing; seldom so where the bank collects. */
static bool
pays_part(const struct dq_sim_day *day, const struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	const struct dq_sim_bill *bill = &c->bills[move->bill];

	return bill->state == OPEN && day->calendar->day > bill->due &&
	       c->balance > move->amount / 4 &&
	       dq_sim_chance(&c->random, bill->autopay ? 0.12 : 0.4);
}

static void
fail(struct dq_sim_day *day, const struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[move->bill];
	struct dq_sim_move fee = *move;

	bill->try_on += dq_sim_pick(&c->random, 1, 3);
	if (pays_part(day, move)) {
		pay_part(day, move);
		return;
	}
	if (!bill->autopay)
		return;
	dq_sim_book(day, move, true);
	if (!dq_sim_chance(&c->random, 0.5))
		return;
	fee.category = DQ_SIM_PENALTY;
	fee.amount = 900;
	fee.merchant = 0;
	dq_sim_book(day, &fee, false);
}

void
dq_sim_pay_bill(struct dq_sim_day *day, const struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_bill *bill = &c->bills[move->bill];
	int64_t today = day->calendar->day;
	struct dq_sim_event *event;

	rescue(day, move);
	if (c->balance + c->overdraft < move->amount) {
		fail(day, move);
		return;
	}
	dq_sim_book(day, move, false);
	event = tell(day, move->bill,
	    today > bill->due ? DQ_SIM_LATE : DQ_SIM_PAID, move->second);
	event->paid = move->amount;
	event->paid_on = today;
	close_bill(bill);
}
