/* Building what the table kernel of lanes.h reads. */
#ifndef DQ_MODEL_UNIT_TREE_H
#define DQ_MODEL_UNIT_TREE_H

#include "model/background.h"
#include "model/lanes.h"

/* What a tree would take, without building it. */
struct dq_unit_plan {
	int32_t units; /* 0: cannot be cut into units of at most `limit` */
	size_t rows;   /* of the table */
};

/* Cuts the tree into subtrees that have, with their paths, at most `limit`
 * (<= DQ_UNIT_NODES_LIMIT) splits, as large as they can be. */
struct dq_unit_plan dq_unit_plan(const struct dq_tree *tree, int limit);

/* Only for a tree that can be cut so, with at least one split. What the tables
 * hold is path-dependent without a background (NULL), else against that. */
void dq_unit_tree_init(struct dq_unit_tree *unit, const struct dq_tree *tree,
    int limit, size_t width, const struct dq_background *background);
void dq_unit_tree_release(struct dq_unit_tree *unit);

#endif
