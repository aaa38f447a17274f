/* What every tree model file comes down to: numbered features, a base and a
 * sum of trees. Readers (xgboost.h ...) make one, kernels read it. */
#ifndef DQ_MODEL_FOREST_H
#define DQ_MODEL_FOREST_H

#include "base/err.h"
#include "base/map.h"

#define DQ_TREE_DEPTH_LIMIT 512
#define DQ_LEAF_LIMIT 1e6 /* log odds; sums are counted in millionths */

/* Nodes stand level by level, the root first; parents before children. A row
 * goes left where x < threshold (both float; cuts.h says what x is), and
 * where x is missing (NAN) and default_left is set. */
struct dq_node {
	int32_t parent; /* the root's: 0 */
	int32_t left;	/* 0: a leaf (the root is nobody's child) */
	int32_t right;
	int32_t feature;
	float threshold;
	bool default_left;
	double value; /* of a leaf */
	double cover; /* weight of the training rows that came here */

	/* Of the edge that leads here, whose feature is the parent's; made by
	 * dq_forest_finish. */
	int32_t before; /* the nearest node above whose edge has the same
			   feature; 0: none */
	double ratio;	/* cover / parent's cover */
	double share;	/* product of the ratios of this feature's edges from
			   the root down to here */
};

struct dq_tree {
	struct dq_node *nodes;
	int32_t count;
	int32_t splits; /* nodes that are no leaves */
	int depth;	/* edges on the longest path; 0: one leaf */
	int unique;	/* features on the path that has most of them */
};

/* What a feature adds to the margin without a tree: weight * (x - mean), at
 * most DQ_TERM_LIMIT either way; of a missing x, that of `missing`. */
struct dq_term {
	double weight, mean, missing;
};

#define DQ_TERM_LIMIT 1e6

enum dq_link { DQ_LINK_LOGISTIC, DQ_LINK_IDENTITY };

/* Zeroed memory is an empty forest. */
struct dq_forest {
	struct dq_tree *trees;
	size_t count;
	struct dq_map names; /* number of a feature = its column */
	double base;	     /* margin before trees and terms */
	enum dq_link link;
	double slope;	       /* p = 1 / (1 + exp(-slope * margin)) */
	bool in_double;	       /* leaves are added in double, not in float */
	struct dq_term *terms; /* of each feature; NULL: trees only */
	struct dq_cuts *cuts;  /* of rows; NULL: they hold the values */
	char *name, *version;  /* as the file gives them; NULL without */
	const char *origin;    /* "XGBoost JSON 3.4.1"; of the heap */
};

void dq_forest_release(struct dq_forest *forest);

/* Appends a tree of `count` nodes whose fields parent... are to be filled by
 * the caller except those of dq_forest_finish; nodes may stand in any order,
 * the root first, parent is ignored. */
struct dq_tree *dq_forest_add(struct dq_forest *forest, int32_t count);

/* Checks every tree (each node below the root once, features and numbers in
 * range), drops nodes that nobody leads to, orders the rest level by level
 * and fills what is made. False with err set naming tree and node.
 *
 * Where a parent's cover is 0 both children get a ratio of one half, and a
 * ratio is never below 1e-12: the rule of XGBoost from 3.3 on. */
bool dq_forest_finish(struct dq_forest *forest, struct dq_err *err);

/* A feature's term: its contribution, too. */
static inline double
dq_term_value(const struct dq_term *term, float x)
{
	double at = x != x ? term->missing : (double)x;
	double value = term->weight * (at - term->mean);

	if (!term->weight)
		return 0;
	if (value > DQ_TERM_LIMIT)
		return DQ_TERM_LIMIT;
	return value < -DQ_TERM_LIMIT ? -DQ_TERM_LIMIT : value;
}

/* Does the row go left at this split? */
static inline bool
dq_node_left(const struct dq_node *node, float x)
{
	return x != x ? node->default_left : x < node->threshold;
}

#endif
