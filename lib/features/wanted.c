#include "features/wanted.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>

void
dq_wanted_release(struct dq_wanted_list *list)
{
	free(list->all);
	free(list->sorted);
	free(list->next);
	*list = (struct dq_wanted_list){0};
}

void
dq_wanted_add(struct dq_wanted_list *list, uint32_t customer, int64_t time)
{
	if (list->count == list->cap) {
		list->cap = list->cap * 2 + 64;
		list->all =
		    dq_realloc_array(list->all, list->cap, sizeof(*list->all));
	}
	list->all[list->count++] =
	    (struct dq_wanted){.time = time, .customer = customer};
	if (customer >= list->customers)
		list->customers = (size_t)customer + 1;
}

static int
by_customer_and_time(const void *a, const void *b, void *context)
{
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	const struct dq_wanted *all = context, *x = &all[i], *y = &all[k];

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (i > k) - (i < k);
}

void
dq_wanted_sort(struct dq_wanted_list *list)
{
	if (list->count > UINT32_MAX)
		dq_die(DQ_EXIT_USAGE, "--at", "more than 2^32 pairs");
	list->sorted =
	    dq_realloc_array(NULL, list->count, sizeof(*list->sorted));
	list->next = dq_calloc(list->customers, sizeof(*list->next));
	for (size_t i = 0; i < list->count; i++)
		list->sorted[i] = (uint32_t)i;
	qsort_r(list->sorted, list->count, sizeof(*list->sorted),
	    by_customer_and_time, list->all);
	for (size_t i = list->count; i-- > 0;)
		list->next[list->all[list->sorted[i]].customer] = i;
}

const struct dq_wanted *
dq_wanted_take(struct dq_wanted_list *list, uint32_t customer, int64_t time)
{
	struct dq_wanted *wanted;
	size_t at;

	if (customer >= list->customers)
		return NULL;
	at = list->next[customer];
	if (at >= list->count)
		return NULL;
	wanted = &list->all[list->sorted[at]];
	if (wanted->customer != customer || wanted->time >= time)
		return NULL;
	list->next[customer]++;
	wanted->done = true;
	return wanted;
}
