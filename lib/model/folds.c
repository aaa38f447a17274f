#include "model/folds.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

struct card {
	bool positive;
	uint64_t place; /* in the shuffled order */
	uint32_t customer;
};

static int
by_place(const void *left, const void *right)
{
	const struct card *a = left, *b = right;

	if (a->positive != b->positive)
		return a->positive ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

void
dq_folds(const struct dq_map *customers, const bool *positive, int folds,
    uint64_t seed, int *fold)
{
	struct card *cards = dq_malloc(customers->count * sizeof(*cards));

	for (uint32_t c = 0; c < customers->count; c++)
		cards[c] = (struct card){positive[c],
		    dq_hash(dq_map_key(customers, c), dq_hash_mix(seed + 1)),
		    c};
	qsort(cards, customers->count, sizeof(*cards), by_place);
	for (uint32_t i = 0; i < customers->count; i++)
		fold[cards[i].customer] = (int)(i % (uint32_t)folds);
	free(cards);
}
