#include "base/mem.h"
#include "sim/customer.h"
#include "sim/draw.h"

struct dq_sim_event *
dq_sim_events_add(struct dq_sim_events *events)
{
	if (events->count == events->cap) {
		events->cap = events->cap ? events->cap * 2 : 1024;
		events->list = dq_realloc_array(
		    events->list, events->cap, sizeof(*events->list));
	}
	events->list[events->count] = (struct dq_sim_event){0};
	return &events->list[events->count++];
}

/* When the day is full the last move is overwritten: with the rates there are
 * that does not happen, and nothing breaks if it does. */
struct dq_sim_move *
dq_sim_plan(struct dq_sim_day *day, enum dq_sim_category category,
    int64_t amount, int hour_low, int hour_high)
{
	struct dq_sim_customer *c = day->customer;
	int second =
	    dq_sim_pick(&c->random, hour_low * 3600, hour_high * 3600 - 1);
	struct dq_sim_move *move;

	if (day->count == DQ_SIM_MOVES)
		day->count--;
	move = &day->moves[day->count++];
	*move = (struct dq_sim_move){
	    .second = (second - c->zone_shift + 86400) % 86400,
	    .category = (uint8_t)category,
	    .channel = DQ_SIM_POS,
	    .bill = -1,
	    .amount = amount,
	};
	if (category >= DQ_SIM_TRANSFER)
		move->channel = DQ_SIM_ONLINE;
	return move;
}

void
dq_sim_book(struct dq_sim_day *day, const struct dq_sim_move *move, bool failed)
{
	struct dq_sim_customer *c = day->customer;
	struct dq_sim_event *event = dq_sim_events_add(day->out);

	if (!failed)
		c->balance += move->credit ? move->amount : -move->amount;
	if (c->balance < 0)
		c->below_zero = true;
	event->kind = DQ_KIND_TRANSACTION;
	event->customer = c->number;
	event->time = day->calendar->day * DQ_DAY + move->second * DQ_SECOND;
	event->category = move->category;
	event->channel = move->channel;
	event->credit = move->credit;
	event->failed = failed;
	event->merchant = move->merchant;
	event->amount = move->amount;
	event->balance_after = c->balance;
	event->balance_known =
	    c->balance_shown && !dq_sim_chance(&c->random, 0.01);
	event->number = c->transactions++;
}

/* What the account cannot bear: seldom tried at the till, cut down at the
 * machine. Fees are taken all the same. */
static void
settle(struct dq_sim_day *day, struct dq_sim_move *move)
{
	struct dq_sim_customer *c = day->customer;
	int64_t most = c->balance + c->overdraft;

	if (move->bill >= 0) {
		dq_sim_pay_bill(day, move);
		return;
	}
	if (move->credit || move->amount <= most ||
	    move->category >= DQ_SIM_PENALTY) {
		dq_sim_book(day, move, false);
		return;
	}
	if (move->channel == DQ_SIM_ATM && most >= 2000) {
		move->amount = most / 1000 * 1000;
		dq_sim_book(day, move, false);
		return;
	}
	if (dq_sim_chance(&c->random, 0.25))
		dq_sim_book(day, move, true);
}

/* Few a day: insertion keeps the order of equals. */
static void
sort_moves(struct dq_sim_day *day)
{
	for (int i = 1; i < day->count; i++) {
		struct dq_sim_move move = day->moves[i];
		int at = i;

		for (; at > 0 && day->moves[at - 1].second > move.second; at--)
			day->moves[at] = day->moves[at - 1];
		day->moves[at] = move;
	}
}

void
dq_sim_day_run(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;

	day->count = 0;
	dq_sim_shock_step(day);
	dq_sim_plan_income(day);
	dq_sim_plan_bills(day);
	dq_sim_plan_habits(day);
	if (c->below_zero && day->calendar->date.day == 1) {
		dq_sim_plan(day, DQ_SIM_OVERDRAFT_FEE, 1200, 2, 4);
		c->below_zero = false;
	}
	sort_moves(day);
	for (int i = 0; i < day->count; i++)
		settle(day, &day->moves[i]);
}
