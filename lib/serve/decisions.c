#include "serve/decisions.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

void
dq_decision_drop(struct dq_book_decision *decision)
{
	free(decision->line);
	free(decision->review);
	decision->line = decision->review = NULL;
}

static void
shelf_release(struct dq_shelf *shelf)
{
	for (uint32_t i = 0; i < shelf->ids.count; i++)
		dq_decision_drop(&shelf->decisions[i]);
	free(shelf->decisions);
	dq_map_release(&shelf->ids);
}

void
dq_decisions_release(struct dq_decisions *d)
{
	for (uint32_t i = 0; i < d->count; i++)
		shelf_release(&d->shelves[i]);
	free(d->shelves);
	*d = (struct dq_decisions){0};
}

/* NULL where that number's has gone, or is yet to come. */
static struct dq_shelf *
shelf_of(const struct dq_decisions *d, uint32_t number)
{
	uint32_t shelf = number / DQ_SHELF - d->first;

	return number == DQ_MAP_NONE || shelf >= d->count ? NULL
							  : &d->shelves[shelf];
}

struct dq_book_decision *
dq_decisions_get(const struct dq_decisions *d, uint32_t number)
{
	struct dq_shelf *shelf = shelf_of(d, number);

	return shelf ? &shelf->decisions[number % DQ_SHELF] : NULL;
}

struct dq_slice
dq_decisions_id(const struct dq_decisions *d, uint32_t number)
{
	return dq_map_key(&shelf_of(d, number)->ids, number % DQ_SHELF);
}

uint32_t
dq_decisions_find(const struct dq_decisions *d, struct dq_slice id)
{
	for (uint32_t i = d->count; i--;) {
		uint32_t at = dq_map_get(&d->shelves[i].ids, id);

		if (at != DQ_MAP_NONE)
			return (d->first + i) * DQ_SHELF + at;
	}
	return DQ_MAP_NONE;
}

/* The shelf that the next one goes on. */
static struct dq_shelf *
open_shelf(struct dq_decisions *d, int64_t time)
{
	struct dq_shelf *last = d->count ? &d->shelves[d->count - 1] : NULL;

	if (last && last->ids.count < DQ_SHELF &&
	    (!d->keep || time - last->from < d->keep / DQ_SHELVES_KEPT))
		return last;
	d->shelves =
	    dq_realloc_array(d->shelves, d->count + 1, sizeof(*d->shelves));
	last = &d->shelves[d->count++];
	*last = (struct dq_shelf){.from = time, .to = time};
	return last;
}

uint32_t
dq_decisions_add(struct dq_decisions *d, struct dq_slice id, int64_t time)
{
	struct dq_shelf *shelf;
	uint32_t at, number;
	char own[16];

	if (!id.len) {
		snprintf(own, sizeof(own), "@%u", d->own++);
		id = DQ_SLICE(own);
	}
	if (dq_decisions_find(d, id) != DQ_MAP_NONE)
		return DQ_MAP_NONE;
	shelf = open_shelf(d, time);
	number = (d->first + d->count - 1) * DQ_SHELF + shelf->ids.count;
	at = dq_map_put(&shelf->ids, id);
	if (at >= shelf->cap) {
		shelf->cap = shelf->cap * 2 + 64;
		shelf->decisions = dq_realloc_array(
		    shelf->decisions, shelf->cap, sizeof(*shelf->decisions));
	}
	shelf->decisions[at] = (struct dq_book_decision){.time = time};
	if (time > shelf->to)
		shelf->to = time;
	return number;
}

uint32_t
dq_decisions_before(const struct dq_decisions *d, uint32_t number)
{
	uint32_t shelf;

	if (number != DQ_MAP_NONE && number % DQ_SHELF)
		return shelf_of(d, number) ? number - 1 : DQ_MAP_NONE;
	shelf = number == DQ_MAP_NONE ? d->first + d->count : number / DQ_SHELF;
	if (shelf <= d->first || shelf > d->first + d->count)
		return DQ_MAP_NONE;
	shelf--;
	return shelf * DQ_SHELF + d->shelves[shelf - d->first].ids.count - 1;
}

void
dq_decisions_prune(struct dq_decisions *d, int64_t now)
{
	uint32_t gone = 0;

	while (
	    d->keep && gone < d->count && d->shelves[gone].to < now - d->keep)
		shelf_release(&d->shelves[gone++]);
	if (!gone)
		return;
	d->first += gone;
	d->count -= gone;
	memmove(d->shelves, d->shelves + gone, d->count * sizeof(*d->shelves));
}

enum dq_decision
dq_decision_named(struct dq_slice name)
{
	int decision = 0;

	while (decision < DQ_DECISIONS &&
	       !dq_slice_is(name, dq_decision_names[decision]))
		decision++;
	return (enum dq_decision)decision;
}
