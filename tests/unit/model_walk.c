/* The walk of several trees at once against one tree after the other. */
#include "model/leaf_masks.h"
#include "model/symmetric.h"
#include "model/walk.h"

#include "model_forests.h"
#include "unit.h"

#define ROWS 70 /* more than a block */
#define WIDE 16

static double
plain(const struct dq_forest *forest, const float *x)
{
	double sum = forest->base;

	for (size_t t = 0; t < forest->count; t++) {
		const struct dq_node *nodes = forest->trees[t].nodes;
		const struct dq_node *at = nodes;

		while (at->left)
			at = &nodes[dq_node_left(at, x[at->feature])
					? at->left
					: at->right];
		sum = forest->in_double ? sum + at->value
					: (float)sum + (float)at->value;
	}
	return sum;
}

static void
check_masks(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, const float *rows, bool few)
{
	struct dq_leaf_masks *masks;
	double margins[DQ_LANE_BLOCK_ROWS];
	const size_t counts[] = {DQ_LANE_BLOCK_ROWS, 19, 1};

	if (!kernels)
		return;
	masks = dq_leaf_masks_new(forest, kernels);
	CHECK(!few || masks);
	for (size_t c = 0; masks && c < sizeof(counts) / sizeof(*counts); c++) {
		dq_leaf_masks_run(masks, rows, counts[c], margins);
		for (size_t i = 0; i < counts[c]; i++)
			CHECK(margins[i] ==
			      plain(forest, rows + i * forest->names.count));
	}
	dq_leaf_masks_free(masks);
}

static void
check_walk(struct dq_forest *forest, struct growth *g)
{
	static float rows[ROWS * WIDE];
	static double margins[ROWS], alone;
	struct dq_walk *walk;

	for (int i = 0; i < ROWS; i++)
		make_row(&g->random, rows + i * g->features, g->features);
	rows[0] = INFINITY;
	rows[1] = -INFINITY;
	walk = dq_walk_new(forest);
	dq_walk_run(walk, rows, ROWS, margins);
	for (int i = 0; i < ROWS; i++) {
		const float *x = rows + i * g->features;

		CHECK(margins[i] == plain(forest, x));
		dq_walk_run(walk, x, 1, &alone);
		CHECK(margins[i] == alone);
	}
	dq_walk_free(walk);
	check_masks(forest, dq_lanes_avx512(), rows, g->depth <= 5);
	check_masks(forest, dq_lanes_avx2(), rows, g->depth <= 5);
	check_masks(forest, dq_lanes_portable(), rows, g->depth <= 5);
}

static void
check(struct growth *g, int trees)
{
	struct dq_forest forest;
	struct dq_symmetric *symmetric;

	grow_forest(&forest, g, trees);
	forest.in_double = trees % 2;
	check_walk(&forest, g);
	dq_forest_release(&forest);
	grow_symmetric_forest(&forest, g, trees);
	forest.in_double = trees % 2;
	symmetric = dq_symmetric_new(&forest);
	CHECK(symmetric);
	dq_symmetric_free(symmetric);
	check_walk(&forest, g);
	dq_forest_release(&forest);
}

int
main(void)
{
	struct growth g = {.features = WIDE, .early = 0.2, .zero = 0.1};

	dq_random_init(&g.random, 11, 1);
	for (g.depth = 0; g.depth <= 9; g.depth++)
		for (int trees = 0; trees <= 20; trees++)
			check(&g, trees);
	return unit_done();
}
