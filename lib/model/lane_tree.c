#include "model/lane_tree.h"

#include "base/mem.h"
#include "model/edge.h"
#include "model/gauss.h"

#include <stdlib.h>

struct builder {
	struct dq_lane_tree *lane;
	const struct dq_tree *tree;
	size_t width;
	double points[DQ_LANE_POINTS_LIMIT], weights[DQ_LANE_POINTS_LIMIT];
	int32_t *mask_of; /* by tree node: the mask of the edge to it, or -1 */
	int32_t made;	  /* splits so far */
	int32_t used;	  /* constants so far */
};

int
dq_lane_points(const struct dq_tree *tree)
{
	for (int n = 4; n <= DQ_LANE_POINTS_LIMIT; n *= 2)
		if (tree->unique <= 2 * n)
			return n;
	return 0;
}

static bool
is_folded(const struct dq_tree *tree, const struct dq_node *node)
{
	return !tree->nodes[node->left].left && !tree->nodes[node->right].left;
}

/* Edges that a later edge of the same feature asks about get a number. */
static void
number_masks(struct builder *b)
{
	const struct dq_tree *tree = b->tree;

	b->mask_of = dq_calloc((size_t)tree->count, sizeof(*b->mask_of));
	for (int32_t i = 0; i < tree->count; i++)
		b->mask_of[i] = -1;
	for (int32_t i = 1; i < tree->count; i++) {
		int32_t before = tree->nodes[i].before;

		if (before && b->mask_of[before] < 0)
			b->mask_of[before] = b->lane->masks++;
	}
}

/* Constants of a split whose children are both leaves. */
static void
fold(struct builder *b, const struct dq_node *node, float *c)
{
	const struct dq_node *nodes = b->tree->nodes;
	int n = b->lane->points;

	for (int k = 0; k < n; k++)
		for (int goes = 0; goes < 3; goes++) {
			double up = 0, gain = 0;

			for (int side = 0; side < 2; side++) {
				const struct dq_node *leaf =
				    &nodes[side ? node->right : node->left];
				double old = nodes[leaf->before].share;
				double part =
				    leaf->value * dq_edge_factor(leaf, old,
						      goes < 2, goes == side,
						      b->points[k]);

				up += part;
				gain += part * dq_edge_gain(leaf, old, goes < 2,
						   goes == side, b->points[k]);
			}
			/* goes: 0 left, 1 right, 2 had left before */
			c[(goes < 2 ? goes : 4) * n + k] = (float)up;
			if (goes < 2)
				c[(2 + goes) * n + k] = (float)gain;
		}
}

/* Constants of one edge, a leaf's value in its factor. */
static void
fill_edge(
    struct builder *b, const struct dq_node *child, float *c, float *ratio)
{
	double old = b->tree->nodes[child->before].share;
	double value = child->left ? 1 : child->value;
	int n = b->lane->points;

	for (int k = 0; k < n; k++)
		for (int takes = 0; takes < 2; takes++) {
			double t = b->points[k];
			float *at = c + (1 - takes) * n + k;

			at[0] = (float)(value * dq_edge_factor(child, old, true,
						    takes, t));
			at[2 * n] =
			    (float)dq_edge_gain(child, old, true, takes, t);
		}
	*ratio = (float)(value * child->ratio);
}

/* The next split of the depth-first walk; returns its number. */
static int32_t
add_split(struct builder *b, int32_t at)
{
	const struct dq_node *nodes = b->tree->nodes, *node = &nodes[at];
	int32_t number = b->made++, before = nodes[node->left].before;
	int32_t sides[2] = {node->left, node->right}, children[2];
	struct dq_lane_node *lane = &b->lane->nodes[number];
	float *c = b->lane->constants + b->used;
	int n = b->lane->points;

	*lane = (struct dq_lane_node){
	    .column = dq_lane_column(node, b->width),
	    .threshold = node->threshold,
	    .feature = node->feature,
	    .child = {-1, -1},
	    .constants = b->used,
	    .held_from = before ? b->mask_of[before] : -1,
	    .held_to = {b->mask_of[node->left], b->mask_of[node->right]},
	    .folded = is_folded(b->tree, node),
	};
	if (lane->folded) {
		fold(b, node, c);
		b->used += 5 * n;
		return number;
	}
	for (int side = 0; side < 2; side++)
		fill_edge(
		    b, &nodes[sides[side]], c + 4 * n * side, c + 8 * n + side);
	b->used += 8 * n + 2;
	for (int side = 0; side < 2; side++)
		children[side] =
		    nodes[sides[side]].left ? add_split(b, sides[side]) : -1;
	memcpy(lane->child, children, sizeof(children));
	return number;
}

void
dq_lane_tree_init(
    struct dq_lane_tree *lane, const struct dq_tree *tree, size_t width)
{
	struct builder b = {.lane = lane, .tree = tree, .width = width};
	size_t splits = (size_t)tree->splits, floats;

	*lane = (struct dq_lane_tree){.points = dq_lane_points(tree)};
	floats = splits * (8 * (size_t)lane->points + 2);
	lane->nodes = dq_calloc(splits, sizeof(*lane->nodes));
	lane->constants = dq_calloc(floats, sizeof(*lane->constants));
	dq_gauss(lane->points, b.points, b.weights);
	number_masks(&b);
	add_split(&b, 0);
	lane->bytes = splits * sizeof(*lane->nodes) +
		      (size_t)b.used * sizeof(*lane->constants);
	free(b.mask_of);
}

void
dq_lane_tree_release(struct dq_lane_tree *lane)
{
	free(lane->nodes);
	free(lane->constants);
}
