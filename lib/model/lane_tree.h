/* Building what the quadrature kernel of lanes.h reads. */
#ifndef DQ_MODEL_LANE_TREE_H
#define DQ_MODEL_LANE_TREE_H

#include "model/lanes.h"

/* Points that a tree needs to be exact: 4, 8 or 16; 0: more than that. */
int dq_lane_points(const struct dq_tree *tree);

/* `tree` must have at least one split and need no more than the kernel's
 * points; width: the forest's features. */
void dq_lane_tree_init(
    struct dq_lane_tree *lane, const struct dq_tree *tree, size_t width);
void dq_lane_tree_release(struct dq_lane_tree *lane);

#endif
