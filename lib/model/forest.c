#include "model/forest.h"

#include "base/mem.h"
#include "model/cuts.h"

#include <math.h>
#include <stdlib.h>

#define RATIO_FLOOR 1e-12
#define BASE_LIMIT 1e9

void
dq_forest_release(struct dq_forest *forest)
{
	for (size_t i = 0; i < forest->count; i++)
		free(forest->trees[i].nodes);
	free(forest->trees);
	dq_map_release(&forest->names);
	free(forest->terms);
	dq_cuts_free(forest->cuts);
	free(forest->name);
	free(forest->version);
	free((char *)(uintptr_t)forest->origin);
	*forest = (struct dq_forest){0};
}

struct dq_tree *
dq_forest_add(struct dq_forest *forest, int32_t count)
{
	size_t n = forest->count++;
	struct dq_tree *tree;

	/* Grows when the number of trees reaches a power of two. */
	if (!(n & (n - 1)))
		forest->trees = dq_realloc_array(
		    forest->trees, n ? 2 * n : 1, sizeof(*tree));
	tree = &forest->trees[n];
	*tree = (struct dq_tree){.count = count};
	tree->nodes = dq_calloc((size_t)count, sizeof(*tree->nodes));
	return tree;
}

static bool
check_node(const struct dq_forest *forest, const struct dq_tree *tree,
    const struct dq_node *node, struct dq_err *err)
{
	if (!isfinite(node->cover) || node->cover < 0)
		return dq_err_set(err, "its cover is no weight");
	if (!node->left)
		return fabs(node->value) <= DQ_LEAF_LIMIT ||
		       dq_err_set(err, "its value is no number up to 1e6");
	if (node->left < 0 || node->left >= tree->count || node->right <= 0 ||
	    node->right >= tree->count || node->left == node->right)
		return dq_err_set(err, "its children are no two other nodes");
	if (node->feature < 0 || (uint32_t)node->feature >= forest->names.count)
		return dq_err_set(err,
		    "it splits on feature %d, which has no name",
		    node->feature);
	/* Infinity parts known values from missing ones. */
	return node->threshold > -INFINITY ||
	       dq_err_set(err, "its threshold is no number");
}

/* Copies the nodes level by level into `to`, numbering children anew. */
static bool
order_nodes(const struct dq_forest *forest, struct dq_tree *tree,
    struct dq_node *to, struct dq_err *err)
{
	int32_t *from = dq_calloc((size_t)tree->count, sizeof(*from));
	int32_t made = 1;
	bool good = true;

	for (int32_t i = 0; good && i < made; i++) {
		struct dq_node *node = &to[i];
		int32_t parent = node->parent;

		*node = tree->nodes[from[i]];
		node->parent = parent;
		good = check_node(forest, tree, node, err);
		if (good && node->left && made > tree->count - 2)
			good = dq_err_set(err, "its children are not its own");
		if (!good)
			dq_err_at(err, "node %d", from[i]);
		if (!good || !node->left)
			continue;
		from[made] = node->left;
		to[made].parent = i;
		node->left = made++;
		from[made] = node->right;
		to[made].parent = i;
		node->right = made++;
		tree->splits++;
	}
	free(from);
	tree->count = made;
	return good;
}

static double
cover_ratio(double child, double parent)
{
	double ratio = parent > 0 ? child / parent : 0.5;

	return ratio > RATIO_FLOOR ? ratio : RATIO_FLOOR;
}

/* The nearest node above `i` whose edge has the feature of the edge to i. */
static int32_t
find_before(const struct dq_node *nodes, int32_t i)
{
	int32_t feature = nodes[nodes[i].parent].feature;

	for (int32_t at = nodes[i].parent; at; at = nodes[at].parent)
		if (nodes[nodes[at].parent].feature == feature)
			return at;
	return 0;
}

static bool
fill_edges(struct dq_tree *tree, struct dq_err *err)
{
	struct dq_node *nodes = tree->nodes;
	uint16_t *depth = dq_calloc((size_t)tree->count, sizeof(*depth));
	uint16_t *unique = dq_calloc((size_t)tree->count, sizeof(*unique));
	int32_t i;

	nodes[0].ratio = nodes[0].share = 1;
	for (i = 1; i < tree->count; i++) {
		struct dq_node *node = &nodes[i];

		depth[i] = depth[node->parent] + 1;
		if (depth[i] > DQ_TREE_DEPTH_LIMIT)
			break;
		node->before = find_before(nodes, i);
		node->ratio =
		    cover_ratio(node->cover, nodes[node->parent].cover);
		node->share = nodes[node->before].share * node->ratio;
		unique[i] = unique[node->parent] + !node->before;
		if (unique[i] > tree->unique)
			tree->unique = unique[i];
		tree->depth = depth[i];
	}
	free(depth);
	free(unique);
	return i >= tree->count ||
	       dq_err_set(err, "deeper than %d levels", DQ_TREE_DEPTH_LIMIT);
}

static bool
finish_tree(
    const struct dq_forest *forest, struct dq_tree *tree, struct dq_err *err)
{
	struct dq_node *ordered =
	    dq_calloc((size_t)tree->count, sizeof(*ordered));
	bool good = order_nodes(forest, tree, ordered, err);

	free(tree->nodes);
	tree->nodes = ordered;
	return good && fill_edges(tree, err);
}

bool
dq_forest_finish(struct dq_forest *forest, struct dq_err *err)
{
	if (!(fabs(forest->base) <= BASE_LIMIT))
		return dq_err_set(
		    err, "its margin before all trees is no number up to 1e9");
	for (size_t i = 0; i < forest->count; i++)
		if (!finish_tree(forest, &forest->trees[i], err))
			return dq_err_at(err, "tree %zu", i);
	return true;
}
