/* Margins of a forest whose trees ask one question a level (CatBoost's): the
 * answers are the number of the leaf, and many rows get theirs at once. */
#ifndef DQ_MODEL_SYMMETRIC_H
#define DQ_MODEL_SYMMETRIC_H

#include "model/forest.h"

#define DQ_SYMMETRIC_ROWS 64

struct dq_symmetric;

/* NULL where not all of the forest's trees are so. */
struct dq_symmetric *dq_symmetric_new(const struct dq_forest *forest);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_symmetric *dq_symmetric_twin(const struct dq_symmetric *symmetric);
void dq_symmetric_free(struct dq_symmetric *symmetric);

/* As dq_walk_run, of at most DQ_SYMMETRIC_ROWS rows. */
void dq_symmetric_run(struct dq_symmetric *symmetric, const float *rows,
    size_t count, double *margins);

#endif
