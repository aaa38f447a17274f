/* Exact comparisons of doubles by kernels that compare floats. Of each
 * feature only its place among the thresholds matters: a row holds the number
 * of thresholds below the value (a whole float), a split the number of those
 * up to its own, and `value <= threshold` is `float < float`. */
#ifndef DQ_MODEL_CUTS_H
#define DQ_MODEL_CUTS_H

#include "model/forest.h"

#include <math.h>

struct dq_cuts {
	double *values;	    /* of all features in turn, ascending, each once */
	size_t *begin;	    /* per feature, and one more: first in values */
	double zero;	    /* values at most so far from 0 are 0 */
	bool *zero_missing; /* per feature: 0 is missing */
};

/* Makes the cuts of a forest that is not finished yet, and gives every split
 * its float. `thresholds`: of every node in turn, tree after tree, the
 * largest double that goes left (a leaf's is not looked at). False with err
 * set where a feature has more than floats can count. */
bool dq_forest_cut(
    struct dq_forest *forest, const double *thresholds, struct dq_err *err);
void dq_cuts_free(struct dq_cuts *cuts);

/* What a row holds for a value; NAN is missing. A feature that no split asks
 * for keeps its value. */
static inline float
dq_cuts_code(const struct dq_cuts *cuts, size_t feature, double value)
{
	const double *first = cuts->values + cuts->begin[feature], *at = first;
	size_t n = cuts->begin[feature + 1] - cuts->begin[feature];

	if (fabs(value) <= cuts->zero) {
		if (cuts->zero_missing[feature])
			return NAN;
		value = 0;
	}
	if (!n || value != value)
		return (float)value;
	for (; n > 1; n -= n / 2)
		at += at[n / 2 - 1] < value ? n / 2 : 0;
	return (float)(at - first + (*at < value));
}

/* The same for any forest: without cuts a row holds the value itself. */
static inline float
dq_forest_code(const struct dq_forest *forest, size_t feature, double value)
{
	return forest->cuts ? dq_cuts_code(forest->cuts, feature, value)
			    : (float)value;
}

#endif
