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
	int32_t *mask_of; /* by tree node: the mask of the edge to it */
	int32_t *number;  /* by tree node: of the split, -1: a leaf */
	int32_t summed;	  /* splits that have their place among the sums */
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
		b->mask_of[i] = DQ_MASK_UNASKED;
	b->lane->masks = DQ_MASK_FIRST;
	for (int32_t i = 1; i < tree->count; i++) {
		int32_t before = tree->nodes[i].before;

		if (before && b->mask_of[before] == DQ_MASK_UNASKED)
			b->mask_of[before] = b->lane->masks++;
	}
}

static void
number_splits(struct builder *b)
{
	const struct dq_tree *tree = b->tree;

	b->number = dq_calloc((size_t)tree->count, sizeof(*b->number));
	for (int folded = 0; folded < 2; folded++) {
		for (int32_t i = 0; i < tree->count; i++) {
			const struct dq_node *node = &tree->nodes[i];

			if (!node->left)
				b->number[i] = -1;
			else if (is_folded(tree, node) == folded)
				b->number[i] = b->lane->splits++;
		}
		if (!folded)
			b->lane->inner = b->lane->splits;
	}
}

/* Constants of a split whose children are both leaves. */
static void
fold(const struct builder *b, const struct dq_node *node, int states, float *c)
{
	const struct dq_node *nodes = b->tree->nodes;
	int n = b->lane->points;

	for (int goes = 0; goes < states; goes++)
		for (int k = 0; k < n; k++) {
			double up = 0, gain = 0, t = b->points[k];

			for (int side = 0; side < 2; side++) {
				const struct dq_node *leaf =
				    &nodes[side ? node->right : node->left];
				double old = nodes[leaf->before].share;
				double part = leaf->value *
					      dq_edge_factor(leaf, old,
						  goes < 2, goes == side, t);

				up += part;
				gain += part * dq_edge_gain(leaf, old, goes < 2,
						   goes == side, t);
			}
			c[2 * goes * n + k] = (float)up;
			c[(2 * goes + 1) * n + k] = (float)gain;
		}
}

/* Constants of any other, a leaf's value in its edge's factor. */
static void
fill_edges(
    const struct builder *b, const struct dq_node *node, int states, float *c)
{
	const struct dq_node *nodes = b->tree->nodes;
	int n = b->lane->points;

	for (int goes = 0; goes < states; goes++)
		for (int side = 0; side < 2; side++)
			for (int k = 0; k < n; k++) {
				const struct dq_node *child =
				    &nodes[side ? node->right : node->left];
				double old = nodes[child->before].share;
				double value = child->left ? 1 : child->value;
				double t = b->points[k];
				float *at = c + (4 * goes + side) * n + k;

				at[0] = (float)(value * dq_edge_factor(child,
							    old, goes < 2,
							    goes == side, t));
				at[2 * n] = (float)dq_edge_gain(
				    child, old, goes < 2, goes == side, t);
			}
}

/* How often a split's constants are there. */
static int
states_of(const struct builder *b, const struct dq_node *node)
{
	return b->tree->nodes[node->left].before ? 3 : 2;
}

static int32_t
floats_of(const struct builder *b, const struct dq_node *node)
{
	return states_of(b, node) * b->lane->points *
	       (is_folded(b->tree, node) ? 2 : 4);
}

static void
fill_split(struct builder *b, int32_t at)
{
	const struct dq_node *nodes = b->tree->nodes, *node = &nodes[at];
	int32_t before = nodes[node->left].before;
	struct dq_lane_tree *lane = b->lane;
	int32_t number = b->number[at];
	struct dq_lane_node *to = &lane->nodes[number];
	float *c = lane->constants + to->constants;

	to->column = dq_lane_column(node, b->width);
	to->threshold = node->threshold;
	to->held_from = before ? b->mask_of[before] : DQ_MASK_ALL;
	to->held_to[0] = b->mask_of[node->left];
	to->held_to[1] = b->mask_of[node->right];
	to->from = 2 * lane->inner;
	if (at)
		to->from = 2 * b->number[node->parent] +
			   (nodes[node->parent].right == at);
	lane->links[number] = (struct dq_lane_link){
	    node->feature, {b->number[node->left], b->number[node->right]}};
	if (number < lane->inner)
		fill_edges(b, node, states_of(b, node), c);
	else
		fold(b, node, states_of(b, node), c);
}

/* Says where each split's constants begin; returns how many there are. */
static size_t
place_constants(struct builder *b)
{
	int32_t *tree_node =
	    dq_calloc((size_t)b->lane->splits, sizeof(*tree_node));
	int32_t used = 0;

	for (int32_t i = 0; i < b->tree->count; i++)
		if (b->number[i] >= 0)
			tree_node[b->number[i]] = i;
	for (int32_t i = 0; i < b->lane->splits; i++) {
		b->lane->nodes[i].constants = used;
		used += floats_of(b, &b->tree->nodes[tree_node[i]]);
	}
	free(tree_node);
	return (size_t)used;
}

static void
order_sums(struct builder *b, int32_t split)
{
	const struct dq_lane_link *link = &b->lane->links[split];

	for (int side = 0; side < 2; side++)
		if (link->child[side] >= 0)
			order_sums(b, link->child[side]);
	b->lane->sums[b->summed++] = (struct dq_lane_sum){split, link->feature};
}

void
dq_lane_tree_init(
    struct dq_lane_tree *lane, const struct dq_tree *tree, size_t width)
{
	struct builder b = {.lane = lane, .tree = tree, .width = width};
	size_t splits = (size_t)tree->splits, floats;

	*lane = (struct dq_lane_tree){.points = dq_lane_points(tree)};
	lane->nodes = dq_calloc(splits, sizeof(*lane->nodes));
	lane->links = dq_calloc(splits, sizeof(*lane->links));
	lane->sums = dq_calloc(splits, sizeof(*lane->sums));
	dq_gauss(lane->points, b.points, b.weights);
	number_masks(&b);
	number_splits(&b);
	floats = place_constants(&b);
	lane->constants =
	    dq_calloc_aligned(floats / DQ_LANES + 1, DQ_LANES * sizeof(float));
	for (int32_t i = 0; i < tree->count; i++)
		if (b.number[i] >= 0)
			fill_split(&b, i);
	order_sums(&b, 0);
	lane->bytes = splits * (sizeof(*lane->nodes) + sizeof(*lane->links) +
				   sizeof(*lane->sums)) +
		      floats * sizeof(*lane->constants);
	free(b.mask_of);
	free(b.number);
}

void
dq_lane_tree_release(struct dq_lane_tree *lane)
{
	free(lane->nodes);
	free(lane->links);
	free(lane->sums);
	free(lane->constants);
}
