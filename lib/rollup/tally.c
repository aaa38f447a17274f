#include "rollup/tally.h"

#include "base/mem.h"

#include <stdlib.h>

void
dq_tally_release(struct dq_tally *tally)
{
	dq_map_release(&tally->names);
	free(tally->counts);
	*tally = (struct dq_tally){0};
}

static uint32_t
number_of(struct dq_tally *tally, struct dq_slice name)
{
	uint32_t number = DQ_MAP_NONE;

	if (name.len <= DQ_TALLY_NAME_MAX)
		number = dq_map_get(&tally->names, name);
	if (number != DQ_MAP_NONE)
		return number;
	if (name.len > DQ_TALLY_NAME_MAX || tally->names.count >= DQ_TALLY_MAX)
		name = DQ_SLICE(DQ_TALLY_OTHER);
	return dq_map_put(&tally->names, name);
}

void
dq_tally_add(struct dq_tally *tally, struct dq_slice name, int64_t n)
{
	uint32_t known = tally->names.count;
	uint32_t number = number_of(tally, name);

	if (number == known && number == tally->cap) {
		tally->cap = tally->cap ? tally->cap * 2 : 8;
		tally->counts = dq_realloc_array(
		    tally->counts, tally->cap, sizeof(*tally->counts));
	}
	if (number == known)
		tally->counts[number] = 0;
	tally->counts[number] += n;
}

static int
by_name(const void *a, const void *b, void *context)
{
	const struct dq_tally *tally = context;
	struct dq_slice x = dq_map_key(&tally->names, *(const uint32_t *)a);
	struct dq_slice y = dq_map_key(&tally->names, *(const uint32_t *)b);
	int order = memcmp(x.data, y.data, x.len < y.len ? x.len : y.len);

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

static int
by_count(const void *a, const void *b, void *context)
{
	const struct dq_tally *tally = context;
	int64_t x = tally->counts[*(const uint32_t *)a];
	int64_t y = tally->counts[*(const uint32_t *)b];

	return x != y ? (x < y) - (x > y) : by_name(a, b, context);
}

uint32_t *
dq_tally_sorted(const struct dq_tally *tally, enum dq_tally_order order)
{
	size_t count = tally->names.count;
	uint32_t *numbers = dq_malloc((count + 1) * sizeof(*numbers));

	for (uint32_t i = 0; i < count; i++)
		numbers[i] = i;
	qsort_r(numbers, count, sizeof(*numbers),
	    order == DQ_TALLY_BY_COUNT ? by_count : by_name, (void *)tally);
	return numbers;
}
