#include "record/json.h"
#include "sim/stream.h"

#define WEEK 7
#define FIRST_WEEK 7  /* observations before have too little history */
#define HORIZON 30    /* days a label looks ahead */
#define KNOWN_AFTER 6 /* weeks, at least HORIZON + DQ_SIM_GRACE + 1 days */

static void
add_label(struct dq_sim *sim, uint32_t customer, int64_t day, bool label)
{
	struct dq_buf *out = &sim->labels;
	char text[16];

	dq_buf_str(out, "{\"event_type\":\"label\"");
	dq_buf_member_time(out, "event_time", (day + 1) * DQ_DAY - DQ_SECOND);
	dq_buf_member_text(
	    out, "customer_id", dq_sim_customer_id(customer, text));
	dq_buf_member_int(out, "label", label);
	dq_buf_str(out, "}\n");
}

void
dq_sim_observe(struct dq_sim *sim)
{
	int64_t age = sim->day - sim->options.first_day + 1;
	int64_t then = sim->day - KNOWN_AFTER * WEEK;

	if (age % WEEK)
		return;
	for (uint32_t i = 0; i < sim->options.customers; i++) {
		struct dq_sim_customer *c = &sim->customers[i];
		bool good = age >= (FIRST_WEEK + 1) * WEEK &&
			    c->first_missed == DQ_SIM_NEVER &&
			    !dq_sim_overdue(c, sim->day);

		c->standing = (uint8_t)(c->standing << 1 | good);
		if (c->standing >> KNOWN_AFTER & 1)
			add_label(
			    sim, i, then, c->first_missed <= then + HORIZON);
	}
}

void
dq_sim_labels(struct dq_sim *sim, struct dq_buf *out)
{
	dq_buf_slice(out, dq_buf_view(&sim->labels));
	sim->labels.len = 0;
}

static void
add_day(struct dq_buf *out, const char *key, bool known, int64_t day)
{
	dq_buf_key(out, key);
	if (!known) {
		dq_buf_str(out, "null");
		return;
	}
	dq_buf_byte(out, '"');
	dq_buf_day(out, day);
	dq_buf_byte(out, '"');
}

void
dq_sim_truth(const struct dq_sim *sim, struct dq_buf *out)
{
	for (uint32_t i = 0; i < sim->options.customers; i++) {
		const struct dq_sim_customer *c = &sim->customers[i];
		bool caused = c->cause != DQ_SIM_NO_CAUSE;
		char text[16];

		dq_buf_str(out, "{\"event_type\":\"truth\"");
		dq_buf_member_time(out, "event_time", sim->day * DQ_DAY);
		dq_buf_member_text(
		    out, "customer_id", dq_sim_customer_id(i, text));
		if (caused)
			dq_buf_member_str(out, "cause",
			    dq_sim_cause_name((enum dq_sim_cause)c->cause));
		else
			dq_buf_member_null(out, "cause");
		add_day(out, "onset", caused, c->onset);
		add_day(out, "first_missed", c->first_missed != DQ_SIM_NEVER,
		    c->first_missed);
		dq_buf_str(out, "}\n");
	}
}
