/* Margins: a row's way down every tree, several trees in flight and without
 * a branch on data. */
#ifndef DQ_MODEL_WALK_H
#define DQ_MODEL_WALK_H

#include "model/forest.h"

struct dq_walk;

struct dq_walk *dq_walk_new(const struct dq_forest *forest);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_walk *dq_walk_twin(const struct dq_walk *walk);
void dq_walk_free(struct dq_walk *walk);

/* Margins of `count` rows (count * features floats, NAN is missing): base and
 * leaves added in the order of the trees, in float or in double as the
 * forest says. Not for two threads at once. */
void dq_walk_run(
    struct dq_walk *walk, const float *rows, size_t count, double *margins);

#endif
