/* Exact contributions by the fastest kernel for each tree. */
#ifndef DQ_MODEL_EXPLAIN_H
#define DQ_MODEL_EXPLAIN_H

#include "model/interventional.h"
#include "model/lanes.h"
#include "model/quadrature.h"

struct dq_explainer;

/* How trees are divided among the kernels, and what that takes. */
struct dq_explainer_facts {
	const char *machine;		      /* name of the kernels */
	size_t by_table, by_lanes, by_double; /* trees */
	size_t by_sets;			      /* trees, against a background */
	size_t bytes;
};

/* Prepares the kernels for a forest, which must live longer. With `exact`
 * all trees are worked in double; else in float where that is faster. */
struct dq_explainer *dq_explainer_new(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, bool exact);

/* The same against a background, which need not live longer: tables where they
 * can be, which cost what they cost without; else interventional.h. NULL with
 * err set where that cannot be. */
struct dq_explainer *dq_explainer_against(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, bool exact,
    const struct dq_background *background, struct dq_err *err);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_explainer *dq_explainer_twin(const struct dq_explainer *explainer);

void dq_explainer_free(struct dq_explainer *explainer);

struct dq_explainer_facts dq_explainer_facts(
    const struct dq_explainer *explainer);

/* Contributions of `count` rows to phi, both count * width. Not for two
 * threads at once. */
void dq_explainer_run(struct dq_explainer *explainer, const float *rows,
    size_t count, double *phi);

#endif
