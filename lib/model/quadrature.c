#include "model/quadrature.h"

#include "base/mem.h"
#include "model/edge.h"
#include "model/gauss.h"

#include <stdlib.h>

#define POINTS_LIMIT (DQ_TREE_DEPTH_LIMIT / 2 + 1)

/* Points and weights for one n. */
struct rule {
	double *points, *weights;
};

struct dq_quadrature {
	struct rule rules[POINTS_LIMIT + 1];
	double *running; /* per node and point: the product from the root */
	bool *holds;	 /* per node: the row takes all edges of its feature */
	size_t values, nodes;
	bool borrows; /* the rules */
};

/* Points that make a tree's integrals exact. */
static int
points_of(const struct dq_tree *tree)
{
	return tree->unique < 2 ? 1 : (tree->unique + 1) / 2;
}

static void
make_work_space(struct dq_quadrature *q)
{
	q->running = dq_calloc(q->values, sizeof(double));
	q->holds = dq_calloc(q->nodes, sizeof(bool));
}

struct dq_quadrature *
dq_quadrature_new(const struct dq_forest *forest)
{
	struct dq_quadrature *q = dq_calloc(1, sizeof(*q));

	q->nodes = q->values = 1;
	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];
		int n = points_of(tree);
		struct rule *rule = &q->rules[n];

		if ((size_t)tree->count > q->nodes)
			q->nodes = (size_t)tree->count;
		if ((size_t)tree->count * (size_t)n > q->values)
			q->values = (size_t)tree->count * (size_t)n;
		if (rule->points)
			continue;
		rule->points = dq_calloc(2 * (size_t)n, sizeof(double));
		rule->weights = rule->points + n;
		dq_gauss(n, rule->points, rule->weights);
	}
	make_work_space(q);
	return q;
}

struct dq_quadrature *
dq_quadrature_twin(const struct dq_quadrature *quadrature)
{
	struct dq_quadrature *q = dq_calloc(1, sizeof(*q));

	*q = *quadrature;
	q->borrows = true;
	make_work_space(q);
	return q;
}

void
dq_quadrature_free(struct dq_quadrature *q)
{
	if (!q)
		return;
	for (int n = 0; n <= POINTS_LIMIT && !q->borrows; n++)
		free(q->rules[n].points);
	free(q->running);
	free(q->holds);
	free(q);
}

/* Top-down: the product of all features' factors at each point, on the path
 * to each node. */
static void
descend(struct dq_quadrature *q, const struct dq_tree *tree, const float *x,
    int n, const struct rule *rule)
{
	q->holds[0] = true;
	for (int k = 0; k < n; k++)
		q->running[k] = rule->weights[k];
	for (int32_t i = 1; i < tree->count; i++) {
		const struct dq_node *node = &tree->nodes[i];
		const struct dq_node *parent = &tree->nodes[node->parent];
		const double *above = q->running + node->parent * (size_t)n;
		double *here = q->running + i * (size_t)n;
		double old = tree->nodes[node->before].share;
		bool held = q->holds[node->before];
		bool left = dq_node_left(parent, x[parent->feature]);

		q->holds[i] = held && left == (parent->left == i);
		for (int k = 0; k < n; k++)
			here[k] = above[k] * dq_edge_factor(node, old, held,
						 q->holds[i], rule->points[k]);
	}
}

/* Bottom-up: `running` turns from the product above a node into the sum over
 * the leaves below it, and each edge takes its share out of that sum. */
static void
ascend(struct dq_quadrature *q, const struct dq_tree *tree, int n,
    const struct rule *rule, double *phi)
{
	const struct dq_node *nodes = tree->nodes;

	for (int32_t i = 0; i < tree->count; i++)
		for (int k = 0; k < n; k++)
			q->running[i * n + k] *=
			    nodes[i].left ? 0 : nodes[i].value;
	for (int32_t i = tree->count - 1; i > 0; i--) {
		double *below = q->running + i * (size_t)n;
		double *above = q->running + nodes[i].parent * (size_t)n;
		double old = nodes[nodes[i].before].share, sum = 0;
		bool held = q->holds[nodes[i].before];

		for (int k = 0; k < n; k++) {
			above[k] += below[k];
			sum += below[k] * dq_edge_gain(&nodes[i], old, held,
					      q->holds[i], rule->points[k]);
		}
		phi[nodes[nodes[i].parent].feature] += sum;
	}
}

void
dq_quadrature_explain(struct dq_quadrature *q, const struct dq_forest *forest,
    const float *x, double *phi)
{
	memset(phi, 0, forest->names.count * sizeof(*phi));
	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];
		int n = points_of(tree);

		descend(q, tree, x, n, &q->rules[n]);
		ascend(q, tree, n, &q->rules[n], phi);
	}
}

double
dq_forest_mean(const struct dq_forest *forest)
{
	double mean = forest->base;

	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];
		double *reach = dq_calloc((size_t)tree->count, sizeof(double));

		reach[0] = 1;
		for (int32_t k = 0; k < tree->count; k++) {
			const struct dq_node *node = &tree->nodes[k];

			if (k)
				reach[k] = reach[node->parent] * node->ratio;
			if (!node->left)
				mean += reach[k] * node->value;
		}
		free(reach);
	}
	return mean;
}
