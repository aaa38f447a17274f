#include "model/cuts.h"

#include "base/mem.h"

#include <stdlib.h>

#define COUNT_LIMIT (1u << 24) /* whole numbers that floats tell apart */

static bool
is_split(const struct dq_forest *forest, const struct dq_node *node)
{
	return node->left && node->feature >= 0 &&
	       (uint32_t)node->feature < forest->names.count;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Room for each feature's thresholds, one behind the other. */
static void
count_cuts(const struct dq_forest *forest, struct dq_cuts *cuts)
{
	size_t width = forest->names.count;

	cuts->begin = dq_calloc(width + 2, sizeof(*cuts->begin));
	for (size_t i = 0; i < forest->count; i++)
		for (int32_t k = 0; k < forest->trees[i].count; k++) {
			struct dq_node *node = &forest->trees[i].nodes[k];

			if (is_split(forest, node))
				cuts->begin[node->feature + 2]++;
		}
	for (size_t f = 2; f < width + 2; f++)
		cuts->begin[f] += cuts->begin[f - 1];
	cuts->values = dq_calloc(cuts->begin[width + 1] + 1, sizeof(double));
}

/* begin[f + 1] is where feature f goes on; in the end its end. */
static void
fill_cuts(const struct dq_forest *forest, const double *thresholds,
    struct dq_cuts *cuts)
{
	for (size_t i = 0; i < forest->count; i++)
		for (int32_t k = 0; k < forest->trees[i].count; k++) {
			struct dq_node *node = &forest->trees[i].nodes[k];
			double threshold = *thresholds++;

			if (is_split(forest, node))
				cuts->values[cuts->begin[node->feature + 1]++] =
				    threshold;
		}
}

/* Sorts each feature's and drops those that are there twice. */
static bool
order_cuts(
    const struct dq_forest *forest, struct dq_cuts *cuts, struct dq_err *err)
{
	size_t made = 0;

	for (size_t f = 0; f < forest->names.count; f++) {
		size_t from = cuts->begin[f], end = cuts->begin[f + 1];
		size_t first = made;

		qsort(
		    cuts->values + from, end - from, sizeof(double), by_value);
		cuts->begin[f] = first;
		for (size_t i = from; i < end; i++)
			if (made == first ||
			    cuts->values[i] > cuts->values[made - 1])
				cuts->values[made++] = cuts->values[i];
		if (made - first >= COUNT_LIMIT)
			return dq_err_set(err,
			    "feature %zu has more than %u thresholds", f,
			    COUNT_LIMIT);
	}
	cuts->begin[forest->names.count] = made;
	return true;
}

bool
dq_forest_cut(
    struct dq_forest *forest, const double *thresholds, struct dq_err *err)
{
	struct dq_cuts *cuts = dq_calloc(1, sizeof(*cuts));

	forest->cuts = cuts;
	cuts->zero_missing =
	    dq_calloc(forest->names.count + 1, sizeof(*cuts->zero_missing));
	cuts->zero = -1;
	count_cuts(forest, cuts);
	fill_cuts(forest, thresholds, cuts);
	if (!order_cuts(forest, cuts, err))
		return false;
	for (size_t i = 0; i < forest->count; i++)
		for (int32_t k = 0; k < forest->trees[i].count; k++) {
			struct dq_node *node = &forest->trees[i].nodes[k];
			double threshold = *thresholds++;

			if (is_split(forest, node))
				node->threshold =
				    dq_cuts_code(cuts, (size_t)node->feature,
					threshold) +
				    1;
		}
	return true;
}

void
dq_cuts_free(struct dq_cuts *cuts)
{
	if (!cuts)
		return;
	free(cuts->values);
	free(cuts->begin);
	free(cuts->zero_missing);
	free(cuts);
}
