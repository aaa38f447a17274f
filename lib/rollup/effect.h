/* Did it help? What became of those who were contacted beside those who were
 * held out. */
#ifndef DQ_ROLLUP_EFFECT_H
#define DQ_ROLLUP_EFFECT_H

#include "record/record.h"

enum dq_result {
	DQ_RESULT_STABILIZED,
	DQ_RESULT_UNCHANGED,
	DQ_RESULT_DETERIORATED,
	DQ_RESULTS,
};

/* As outcome_type has them. */
extern const char *const dq_result_names[DQ_RESULTS];

/* Counts of outcomes by result. */
struct dq_effect {
	int64_t treated[DQ_RESULTS];
	int64_t held_out[DQ_RESULTS];
};

/* A share or a difference of two, and its 95 % interval; NAN where there is
 * nothing to make it of. */
struct dq_interval {
	double value, low, high;
};

/* The share hits/n with Wilson's score interval (E. B. Wilson, 1927). */
struct dq_interval dq_wilson(int64_t hits, int64_t n);

/* The difference of two independent shares, a minus b, with the interval that
 * is made of their Wilson intervals (R. G. Newcombe, 1998, method 10). */
struct dq_interval dq_share_difference(
    int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b);

/* Adds an outcome record. */
void dq_effect_add(struct dq_effect *effect, const struct dq_record *outcome);

/* {"treated":{"count":N,"stabilized":N,"unchanged":N,"deteriorated":N,
 * "rate":R,"low":R,"high":R},"held_out":{...},"uplift":{"value":R,"low":R,
 * "high":R}}. The rate is that of the stabilized, the uplift that of the
 * treated less that of the held-out. */
void dq_effect_write(const struct dq_effect *effect, struct dq_buf *out);

#endif
