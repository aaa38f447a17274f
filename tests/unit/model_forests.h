/* Made-up forests for the tests of lib/model, and Shapley values by their
 * definition: slow, and right by looking at it. */
#ifndef TESTS_MODEL_FORESTS_H
#define TESTS_MODEL_FORESTS_H

#include "base/random.h"
#include "model/forest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct growth {
	struct dq_random random;
	int depth;    /* at most */
	int features; /* few features and much depth: they repeat */
	double early; /* chance that a node above the last level is a leaf */
	double zero;  /* chance that a cover is 0 or next to it */
	int32_t count;
};

static inline int32_t
grow_node(struct growth *g, struct dq_tree *tree, int level, double cover)
{
	int32_t i = g->count++;
	struct dq_node *node = &tree->nodes[i];
	double part = dq_random_real(&g->random);

	node->cover = cover;
	node->value = dq_random_normal(&g->random);
	if (level == g->depth ||
	    (level && dq_random_real(&g->random) < g->early))
		return i;
	if (dq_random_real(&g->random) < g->zero)
		part = dq_random_real(&g->random) < 0.5 ? 0 : 1e-9;
	node->feature =
	    (int32_t)dq_random_below(&g->random, (uint64_t)g->features);
	node->threshold = (float)dq_random_normal(&g->random);
	node->default_left = dq_random_real(&g->random) < 0.5;
	node->left = grow_node(g, tree, level + 1, cover * part);
	node->right = grow_node(g, tree, level + 1, cover * (1 - part));
	return i;
}

static inline void
start_forest(struct dq_forest *forest, const struct growth *g)
{
	char name[16];

	*forest = (struct dq_forest){.base = -0.5};
	for (int i = 0; i < g->features; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		dq_map_put(&forest->names, DQ_SLICE(name));
	}
}

static inline void
finish_forest(struct dq_forest *forest)
{
	struct dq_err err;

	if (!dq_forest_finish(forest, &err)) {
		fprintf(stderr, "finish_forest: %s\n", err.text);
		abort();
	}
}

static inline void
grow_forest(struct dq_forest *forest, struct growth *g, int trees)
{
	start_forest(forest, g);
	for (int t = 0; t < trees; t++) {
		struct dq_tree *tree =
		    dq_forest_add(forest, (int32_t)2 << g->depth);

		g->count = 0;
		grow_node(g, tree, 0, 1000);
	}
	finish_forest(forest);
}

/* Trees that ask one question a level, of any depth up to g->depth. */
static inline void
grow_symmetric_tree(struct growth *g, struct dq_tree *tree, int depth)
{
	struct dq_node question = {0};

	for (int32_t i = 0; i < (2 << depth) - 1; i++) {
		struct dq_node *node = &tree->nodes[i];

		if (!((i + 1) & i)) {
			question.feature = (int32_t)dq_random_below(
			    &g->random, (uint64_t)g->features);
			question.threshold =
			    (float)dq_random_normal(&g->random);
			if (dq_random_real(&g->random) < g->zero)
				question.threshold = INFINITY;
			question.default_left = i % 3 > 0;
		}
		*node = question;
		node->cover = 1;
		node->value = dq_random_normal(&g->random);
		node->left = i < (1 << depth) - 1 ? 2 * i + 1 : 0;
		node->right = node->left ? node->left + 1 : 0;
	}
}

static inline void
grow_symmetric_forest(struct dq_forest *forest, struct growth *g, int trees)
{
	start_forest(forest, g);
	for (int t = 0; t < trees; t++) {
		int depth = g->depth - t % (g->depth / 2 + 1);

		grow_symmetric_tree(
		    g, dq_forest_add(forest, ((int32_t)2 << depth) - 1), depth);
	}
	finish_forest(forest);
}

/* A row, some of it missing. */
static inline void
make_row(struct dq_random *random, float *x, int features)
{
	for (int i = 0; i < features; i++) {
		x[i] = (float)dq_random_normal(random);
		if (dq_random_real(random) < 0.2)
			x[i] = NAN;
	}
}

/* The game: a feature of the set is seen, any other is averaged over by the
 * covers. */
static inline double
value_of(const struct dq_node *nodes, int32_t i, const float *x, unsigned set)
{
	const struct dq_node *node = &nodes[i];

	if (!node->left)
		return node->value;
	if (set >> node->feature & 1)
		return value_of(nodes,
		    dq_node_left(node, x[node->feature]) ? node->left
							 : node->right,
		    x, set);
	return nodes[node->left].ratio * value_of(nodes, node->left, x, set) +
	       nodes[node->right].ratio * value_of(nodes, node->right, x, set);
}

static inline double
game(const struct dq_forest *forest, const float *x, unsigned set)
{
	double sum = forest->base;

	for (size_t t = 0; t < forest->count; t++)
		sum += value_of(forest->trees[t].nodes, 0, x, set);
	return sum;
}

/* Shapley values over all subsets of `features` features. */
static inline void
brute_force(
    const struct dq_forest *forest, const float *x, int features, double *phi)
{
	double weight[32];

	for (int size = 0; size < features; size++)
		weight[size] = exp(lgamma(size + 1) + lgamma(features - size) -
				   lgamma(features + 1));
	for (int i = 0; i < features; i++) {
		phi[i] = 0;
		for (unsigned set = 0; set < 1u << features; set++)
			if (!(set >> i & 1))
				phi[i] += weight[__builtin_popcount(set)] *
					  (game(forest, x, set | 1u << i) -
					      game(forest, x, set));
	}
}

#endif
