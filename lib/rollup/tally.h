/* How often each of a few names came. */
#ifndef DQ_ROLLUP_TALLY_H
#define DQ_ROLLUP_TALLY_H

#include "base/map.h"

/* Names that are counted apart, and bytes of one; all others are
 * DQ_TALLY_OTHER, so that no input makes a tally large. */
#define DQ_TALLY_MAX 200
#define DQ_TALLY_NAME_MAX 160
#define DQ_TALLY_OTHER "(other)"

/* Zeroed memory is an empty tally. */
struct dq_tally {
	struct dq_map names;
	int64_t *counts;
	uint32_t cap;
};

void dq_tally_release(struct dq_tally *tally);

void dq_tally_add(struct dq_tally *tally, struct dq_slice name, int64_t n);

enum dq_tally_order { DQ_TALLY_BY_NAME, DQ_TALLY_BY_COUNT };

/* The numbers of all names in order, the most frequent first or by name; of
 * as many, by name. names.count of them; free() it. */
uint32_t *dq_tally_sorted(
    const struct dq_tally *tally, enum dq_tally_order order);

#endif
