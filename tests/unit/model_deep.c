/* Trees with more features on a path than any kernel in float bears: they go
 * to the quadrature in double, and that is right. */
#include "model/explain.h"

#include "model_forests.h"
#include "unit.h"

#define FEATURES 48
#define ROWS 20

/* A feature on the path to a leaf. */
struct player {
	int32_t feature;
	double share;
	bool holds;
};

/* A chain: each split has a leaf on one side, at random, and the next split on
 * the other; the last features come a second time. */
static void
make_chain(struct dq_forest *forest, struct dq_random *random, int splits)
{
	struct dq_tree *tree;
	struct dq_err err;
	char name[16];

	*forest = (struct dq_forest){.base = 0.25};
	for (int i = 0; i < FEATURES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		dq_map_put(&forest->names, DQ_SLICE(name));
	}
	tree = dq_forest_add(forest, 2 * splits + 1);
	for (int32_t i = 0; i <= 2 * splits; i += 2) {
		struct dq_node *node = &tree->nodes[i];
		bool swap = dq_random_real(random) < 0.5;

		node->value = dq_random_normal(random);
		node->cover = 3000 - 10 * i;
		if (i == 2 * splits)
			break;
		node[1].value = dq_random_normal(random);
		node[1].cover = 20;
		node->left = i + (swap ? 2 : 1);
		node->right = i + (swap ? 1 : 2);
		node->feature = i / 2 % FEATURES;
		node->threshold = (float)dq_random_normal(random);
		node->default_left = dq_random_real(random) < 0.5;
	}
	CHECK(dq_forest_finish(forest, &err));
}

static int
find_players(
    const struct dq_node *nodes, int32_t leaf, const float *x, struct player *p)
{
	int count = 0, i;

	for (int32_t at = leaf; at; at = nodes[at].parent) {
		const struct dq_node *split = &nodes[nodes[at].parent];
		bool left = dq_node_left(split, x[split->feature]);

		for (i = 0; i < count && p[i].feature != split->feature;)
			i++;
		if (i == count)
			p[count++] = (struct player){split->feature, 1, true};
		p[i].share *= nodes[at].ratio;
		p[i].holds = p[i].holds && left == (split->left == at);
	}
	return count;
}

/* The Shapley value by its definition, sets of one size together: the sums
 * over all sets of the others of so many are the coefficients of the product
 * of (share + holds z). */
static double
share_of(const struct player *players, int count, int who)
{
	long double sums[FEATURES + 1] = {1}, value = 0;
	int others = 0;

	for (int i = 0; i < count; i++) {
		if (i == who)
			continue;
		for (int size = ++others; size >= 0; size--)
			sums[size] =
			    sums[size] * (long double)players[i].share +
			    (size && players[i].holds ? sums[size - 1] : 0);
	}
	for (int size = 0; size < count; size++)
		value += sums[size] *
			 expl(lgammal(size + 1) + lgammal(count - size) -
			      lgammal(count + 1));
	return (double)(value *
			(players[who].holds - (long double)players[who].share));
}

static void
by_definition(const struct dq_tree *tree, const float *x, double *phi)
{
	struct player players[FEATURES];

	memset(phi, 0, FEATURES * sizeof(*phi));
	for (int32_t leaf = 0; leaf < tree->count; leaf++) {
		int count;

		if (tree->nodes[leaf].left)
			continue;
		count = find_players(tree->nodes, leaf, x, players);
		for (int i = 0; i < count; i++)
			phi[players[i].feature] += tree->nodes[leaf].value *
						   share_of(players, count, i);
	}
}

/* by_double: must the tree go there? */
static void
check_chain(struct dq_random *random, int splits, bool by_double)
{
	struct dq_explainer *explainer;
	struct dq_forest forest;
	float rows[ROWS * FEATURES];
	double got[ROWS * FEATURES], want[FEATURES];

	make_chain(&forest, random, splits);
	CHECK_INT(
	    forest.trees[0].unique, splits < FEATURES ? splits : FEATURES);
	explainer = dq_explainer_new(&forest, dq_lanes_best(), false);
	CHECK_INT(
	    (long long)dq_explainer_facts(explainer).by_double, by_double);
	CHECK_INT(
	    (long long)dq_explainer_facts(explainer).by_lanes, !by_double);
	for (int i = 0; i < ROWS; i++)
		make_row(random, rows + i * FEATURES, FEATURES);
	dq_explainer_run(explainer, rows, ROWS, got);
	for (int i = 0; i < ROWS; i++) {
		by_definition(&forest.trees[0], rows + i * FEATURES, want);
		for (int f = 0; f < FEATURES; f++)
			CHECK_NEAR(got[i * FEATURES + f], want[f],
			    by_double ? 1e-12 : 4e-6);
	}
	dq_explainer_free(explainer);
	dq_forest_release(&forest);
}

int
main(void)
{
	struct dq_random random;

	dq_random_init(&random, 23, 1);
	for (int i = 0; i < 10; i++) {
		check_chain(&random, 31, false);
		check_chain(&random, 32, false);
		check_chain(&random, 33, true);
		check_chain(&random, 40, true);
		check_chain(&random, FEATURES + 12, true);
	}
	return unit_done();
}
