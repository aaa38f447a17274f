/* What falls due, by partition: a heap for each clock. */
#include "base/mem.h"
#include "policy/engine_state.h"

#include <math.h>
#include <stdlib.h>

struct dq_clock *
dq_engine_clock(struct dq_engine *engine, int32_t partition)
{
	for (size_t i = 0; i < engine->clocks_count; i++)
		if (engine->clocks[i].partition == partition)
			return &engine->clocks[i];
	engine->clocks = dq_realloc_array(
	    engine->clocks, engine->clocks_count + 1, sizeof(*engine->clocks));
	engine->clocks[engine->clocks_count] =
	    (struct dq_clock){.partition = partition, .time = DQ_TIME_NONE};
	return &engine->clocks[engine->clocks_count++];
}

/* By time; then by the customer's name, not the number, which depends on who
 * came first in this run. */
static bool
earlier(const struct dq_engine *engine, const struct dq_due *a,
    const struct dq_due *b)
{
	struct dq_slice x, y;
	int order;

	if (a->time != b->time)
		return a->time < b->time;
	if (a->customer == b->customer)
		return a->review < b->review;
	x = dq_map_key(&engine->ids, a->customer);
	y = dq_map_key(&engine->ids, b->customer);
	order = memcmp(x.data, y.data, x.len < y.len ? x.len : y.len);
	return order ? order < 0 : x.len < y.len;
}

void
dq_engine_due(struct dq_engine *engine, const struct dq_due *due)
{
	struct dq_clock *clock =
	    dq_engine_clock(engine, engine->customers[due->customer].partition);
	size_t at = clock->count++;

	if (at == clock->cap) {
		clock->cap = clock->cap ? clock->cap * 2 : 16;
		clock->dues = dq_realloc_array(
		    clock->dues, clock->cap, sizeof(*clock->dues));
	}
	for (; at && earlier(engine, due, &clock->dues[(at - 1) / 2]);
	     at = (at - 1) / 2)
		clock->dues[at] = clock->dues[(at - 1) / 2];
	clock->dues[at] = *due;
}

static struct dq_due
pop(const struct dq_engine *engine, struct dq_clock *clock)
{
	struct dq_due first = clock->dues[0];
	struct dq_due last = clock->dues[--clock->count];
	size_t at = 0, child;

	for (; (child = 2 * at + 1) < clock->count; at = child) {
		if (child + 1 < clock->count &&
		    earlier(
			engine, &clock->dues[child + 1], &clock->dues[child]))
			child++;
		if (!earlier(engine, &clock->dues[child], &last))
			break;
		clock->dues[at] = clock->dues[child];
	}
	clock->dues[at] = last;
	return first;
}

static void
settle_outcome(
    struct dq_engine *engine, const struct dq_due *due, struct dq_out *out)
{
	struct dq_customer *customer = &engine->customers[due->customer];
	struct dq_pending pending;

	if (!dq_customer_take_pending(customer, due->time, &pending))
		return;
	dq_outcome_write(&pending, dq_map_key(&engine->ids, due->customer),
	    customer->last_time > pending.time ? customer->last_score : NAN,
	    engine->policy, out);
}

static void
settle(struct dq_engine *engine, const struct dq_due *due, struct dq_out *out)
{
	struct dq_awaiting awaiting;

	if (!due->review)
		settle_outcome(engine, due, out);
	else if (dq_customer_take_awaiting(&engine->customers[due->customer],
		     NULL, due->time, &awaiting))
		dq_engine_expire(engine, due->customer, &awaiting, out);
}

void
dq_engine_advance(struct dq_engine *engine, int32_t partition, int64_t time,
    struct dq_out *out)
{
	for (size_t i = 0; i < engine->clocks_count; i++) {
		struct dq_clock *clock = &engine->clocks[i];

		if (partition >= 0 && clock->partition != partition)
			continue;
		if (clock->time < time)
			clock->time = time;
		while (clock->count && clock->dues[0].time <= clock->time) {
			struct dq_due due = pop(engine, clock);

			settle(engine, &due, out);
			if (engine->changed)
				engine->changed(engine->context,
				    dq_map_key(&engine->ids, due.customer));
		}
	}
}
