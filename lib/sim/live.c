#include "sim/draw.h"
#include "sim/stream.h"

/* Out of a hundred: what a random transaction is for. */
static const struct mix {
	uint8_t weight, category, channel;
	double income; /* share of a month's, on average */
} mixes[] = {
    {30, DQ_SIM_GROCERIES, DQ_SIM_POS, 0.015},
    {15, DQ_SIM_TRANSPORT, DQ_SIM_MOBILE, 0.008},
    {15, DQ_SIM_DINING, DQ_SIM_POS, 0.01},
    {6, DQ_SIM_ENTERTAINMENT, DQ_SIM_ONLINE, 0.015},
    {10, DQ_SIM_SHOPPING, DQ_SIM_ONLINE, 0.02},
    {4, DQ_SIM_HEALTHCARE, DQ_SIM_POS, 0.02},
    {2, DQ_SIM_EDUCATION, DQ_SIM_ONLINE, 0.04},
    {6, DQ_SIM_CASH, DQ_SIM_ATM, 0.03},
    {1, DQ_SIM_GAMBLING, DQ_SIM_ONLINE, 0.02},
    {3, DQ_SIM_UTILITIES, DQ_SIM_ONLINE, 0.05},
    {2, DQ_SIM_RENT, DQ_SIM_ONLINE, 0.25},
    {2, DQ_SIM_INSURANCE, DQ_SIM_ONLINE, 0.03},
    {4, DQ_SIM_TRANSFER, DQ_SIM_BRANCH, 0.05},
};

static const struct mix *
draw_mix(struct dq_random *random)
{
	const struct mix *mix = mixes;
	int at = dq_sim_pick(random, 0, 99);

	for (; at >= mix->weight; mix++)
		at -= mix->weight;
	return mix;
}

static void
spend(struct dq_sim_customer *c, struct dq_sim_event *event)
{
	const struct mix *mix = draw_mix(&c->random);

	event->category = mix->category;
	event->channel = mix->channel;
	event->merchant =
	    dq_sim_merchant(c, (enum dq_sim_category)mix->category, c->novelty);
	event->amount = 1 + (int64_t)((double)c->income * mix->income *
				      dq_sim_spread(&c->random, 0.7));
	event->failed = c->balance + c->overdraft < event->amount;
}

const struct dq_sim_event *
dq_sim_random(struct dq_sim *sim, int64_t time)
{
	struct dq_sim_event *event = &sim->event;
	struct dq_sim_customer *c;

	if (!sim->random_ready) {
		dq_random_init(&sim->random, sim->options.seed, UINT64_MAX);
		sim->random_ready = true;
	}
	c = &sim->customers[dq_random_below(
	    &sim->random, sim->options.customers)];
	*event = (struct dq_sim_event){.kind = DQ_KIND_TRANSACTION,
	    .customer = c->number,
	    .time = time,
	    .number = c->transactions++,
	    .balance_known = c->balance_shown};
	/* Who is out of money gets paid, most of the time. */
	if (c->balance < c->income / 10 && dq_sim_chance(&c->random, 0.7)) {
		event->credit = true;
		event->category = DQ_SIM_SALARY;
		event->channel = DQ_SIM_ONLINE;
		event->amount = c->income;
	} else {
		spend(c, event);
	}
	if (!event->failed)
		c->balance += event->credit ? event->amount : -event->amount;
	event->balance_after = c->balance;
	return event;
}
