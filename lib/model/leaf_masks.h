/* Margins of a forest whose trees have few leaves each, many rows at once
 * (lanes.h). */
#ifndef DQ_MODEL_LEAF_MASKS_H
#define DQ_MODEL_LEAF_MASKS_H

#include "model/lanes.h"

struct dq_leaf_masks;

/* NULL where a tree has more than DQ_MASK_LEAVES. */
struct dq_leaf_masks *dq_leaf_masks_new(
    const struct dq_forest *forest, const struct dq_lane_kernels *kernels);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_leaf_masks *dq_leaf_masks_twin(const struct dq_leaf_masks *masks);
void dq_leaf_masks_free(struct dq_leaf_masks *masks);

/* As dq_walk_run, of at most DQ_LANE_BLOCK_ROWS rows. */
void dq_leaf_masks_run(struct dq_leaf_masks *masks, const float *rows,
    size_t count, double *margins);

#endif
