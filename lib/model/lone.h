/* The kernels of lanes.h for a row that comes alone: the same operations in
 * the same order, so the same bits, without lanes that would do nothing. */
#ifndef DQ_MODEL_LONE_H
#define DQ_MODEL_LONE_H

#include "model/lanes.h"

struct dq_lone;

/* Work space for trees of so many features, splits and masks. */
struct dq_lone *dq_lone_new(size_t width, size_t splits, size_t masks);
void dq_lone_free(struct dq_lone *lone);

/* Takes the row that the next trees are for (`width` floats); sums are 0. */
void dq_lone_load(struct dq_lone *lone, const float *row);

/* Add a tree's contributions to the sums. */
void dq_lone_table(struct dq_lone *lone, const struct dq_unit_tree *tree);
void dq_lone_quadrature(struct dq_lone *lone, const struct dq_lane_tree *tree,
    const float *weights);

/* Adds the sums to phi (`width` doubles); they are 0 again. */
void dq_lone_flush(struct dq_lone *lone, double *phi);

#endif
