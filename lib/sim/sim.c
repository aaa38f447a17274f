#include "sim/stream.h"

#include "base/mem.h"

#include <stdlib.h>

struct dq_sim *
dq_sim_new(const struct dq_sim_options *options)
{
	struct dq_sim *sim = dq_calloc(1, sizeof(*sim));

	sim->options = *options;
	sim->day = options->first_day;
	sim->customers =
	    dq_realloc_array(NULL, options->customers, sizeof(*sim->customers));
	for (uint32_t i = 0; i < options->customers; i++)
		dq_sim_customer_init(
		    &sim->customers[i], options->seed, i, options->first_day);
	return sim;
}

void
dq_sim_free(struct dq_sim *sim)
{
	if (!sim)
		return;
	dq_buf_release(&sim->labels);
	free(sim->customers);
	free(sim->events.list);
	free(sim->order);
	free(sim);
}

static int
compare_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The events were made customer by customer, each customer's in the order of
 * time but for announcements: the second of the day, then that order. */
static void
sort_events(struct dq_sim *sim)
{
	int64_t midnight = sim->day * DQ_DAY;

	if (!sim->events.count)
		return;
	if (sim->order_cap < sim->events.count) {
		sim->order_cap = sim->events.cap;
		sim->order = dq_realloc_array(
		    sim->order, sim->order_cap, sizeof(*sim->order));
	}
	for (size_t i = 0; i < sim->events.count; i++)
		sim->order[i] =
		    (uint64_t)((sim->events.list[i].time - midnight) /
			       DQ_SECOND)
			<< 32 |
		    i;
	qsort(
	    sim->order, sim->events.count, sizeof(*sim->order), compare_order);
}

static void
make_day(struct dq_sim *sim)
{
	struct dq_sim_calendar calendar;
	struct dq_sim_day day = {.calendar = &calendar, .out = &sim->events};

	sim->events.count = sim->next = 0;
	dq_sim_calendar_set(&calendar, sim->day);
	for (uint32_t i = 0; i < sim->options.customers; i++) {
		day.customer = &sim->customers[i];
		dq_sim_day_run(&day);
	}
	sort_events(sim);
}

/* A day is over when midnight has come. */
static const struct dq_sim_event *
end_day(struct dq_sim *sim)
{
	if (sim->options.labels)
		dq_sim_observe(sim);
	sim->day++;
	sim->day_made = false;
	sim->event = (struct dq_sim_event){
	    .kind = DQ_KIND_TICK, .time = sim->day * DQ_DAY};
	return &sim->event;
}

const struct dq_sim_event *
dq_sim_next(struct dq_sim *sim)
{
	int64_t end = sim->options.first_day + sim->options.days;

	if (sim->profiles < sim->options.customers) {
		sim->event = (struct dq_sim_event){.kind = DQ_KIND_CUSTOMER,
		    .customer = sim->profiles++,
		    .time = sim->options.first_day * DQ_DAY};
		return &sim->event;
	}
	for (;;) {
		if (sim->options.days && sim->day >= end)
			return NULL;
		if (!sim->day_made) {
			make_day(sim);
			sim->day_made = true;
		}
		if (sim->next < sim->events.count)
			return &sim->events
				    .list[(uint32_t)sim->order[sim->next++]];
		end_day(sim);
		if (sim->options.ticks)
			return &sim->event;
	}
}
