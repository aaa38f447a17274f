/* The (customer, time) pairs of `--emit at`. */
#ifndef DQ_FEATURES_WANTED_H
#define DQ_FEATURES_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dq_wanted {
	int64_t time;
	uint32_t customer; /* its number */
	bool done;
};

/* Zeroed memory is an empty list. */
struct dq_wanted_list {
	struct dq_wanted *all; /* as the file has them */
	size_t count, cap;
	uint32_t *sorted; /* places in `all` by customer, time, place */
	size_t *next;	  /* by customer: its next one in sorted */
	size_t customers;
};

void dq_wanted_release(struct dq_wanted_list *list);
void dq_wanted_add(
    struct dq_wanted_list *list, uint32_t customer, int64_t time);

/* To be called once, when all are added. */
void dq_wanted_sort(struct dq_wanted_list *list);

/* The customer's earliest one that is before `time` and not done, marked done;
 * NULL when there is none. */
const struct dq_wanted *dq_wanted_take(
    struct dq_wanted_list *list, uint32_t customer, int64_t time);

#endif
