/* The fast kernels against Shapley values by their definition, against the
 * quadrature in double, and against each other. */
#include "model/explain.h"
#include "model/gauss.h"
#include "model/lane_tree.h"
#include "model/unit_tree.h"

#include "model_forests.h"
#include "unit.h"

#define ROWS 83 /* a block, two groups and a part of one */
#define WIDE 64

static float rows[ROWS * WIDE];
static double fast[ROWS * WIDE], plain[ROWS * WIDE], exact[ROWS * WIDE];

/* These kernels give the bits of the portable ones, in blocks and alone. */
static void
check_same(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, int features)
{
	struct dq_explainer *explainer;

	if (!kernels)
		return;
	memset(fast, 0, sizeof(fast));
	explainer = dq_explainer_new(forest, kernels, false);
	dq_explainer_run(explainer, rows, ROWS, fast);
	for (int i = 0; i < 5; i++) {
		double *alone = fast + i * features;

		memset(alone, 0, (size_t)features * sizeof(*alone));
		dq_explainer_run(explainer, rows + i * features, 1, alone);
	}
	for (int i = 0; i < ROWS * features; i++)
		CHECK(fast[i] == plain[i]);
	dq_explainer_free(explainer);
}

/* Float kernels are within 2e-6 of double, at contributions of size 1; all
 * builds agree to the bit. */
static void
check_forest(struct growth *g, int trees)
{
	struct dq_explainer *explainers[2];
	struct dq_forest forest;
	double size = 1;

	grow_forest(&forest, g, trees);
	for (int i = 0; i < ROWS; i++)
		make_row(&g->random, rows + i * g->features, g->features);
	memset(plain, 0, sizeof(plain));
	memset(exact, 0, sizeof(exact));
	for (int i = 0; i < 2; i++) {
		explainers[i] =
		    dq_explainer_new(&forest, dq_lanes_portable(), i);
		dq_explainer_run(explainers[i], rows, ROWS, i ? exact : plain);
		dq_explainer_free(explainers[i]);
	}
	check_same(&forest, dq_lanes_avx512(), g->features);
	check_same(&forest, dq_lanes_avx2(), g->features);
	check_same(&forest, dq_lanes_portable(), g->features);
	for (int i = 0; i < ROWS * g->features; i++)
		size = fabs(exact[i]) > size ? fabs(exact[i]) : size;
	for (int i = 0; i < ROWS * g->features; i++)
		CHECK_NEAR(plain[i], exact[i], 2e-6 * size);
	dq_forest_release(&forest);
}

/* Every single kernel on one tree, whichever would be chosen. */
static void
check_tree(const struct dq_forest *forest, struct dq_quadrature *quadrature,
    const float *x, const struct dq_lane_kernels *kernels)
{
	struct dq_lane_block block;
	const struct dq_tree *tree = &forest->trees[0];
	size_t width = forest->names.count;
	struct dq_lane_tree lane;
	struct dq_unit_tree unit;
	double points[16], weights[16], want[WIDE], got[WIDE];
	float float_weights[16];

	dq_lane_block_init(&block, kernels, width, 4096);
	memset(got, 0, sizeof(got));
	dq_lane_tree_init(&lane, tree, width);
	dq_gauss(lane.points, points, weights);
	for (int k = 0; k < lane.points; k++)
		float_weights[k] = (float)weights[k];
	dq_lane_block_begin(&block, x, 1, got);
	kernels->quadrature(&lane, float_weights, &block);
	kernels->flush(&block);
	dq_lane_block_end(&block, 1, got);
	dq_lane_tree_release(&lane);
	dq_quadrature_explain(quadrature, forest, x, want);
	for (size_t i = 0; i < width; i++)
		CHECK_NEAR(got[i], want[i], 4e-6);
	for (int limit = 1; limit <= DQ_UNIT_NODES_LIMIT; limit++) {
		if (!dq_unit_plan(tree, limit).units)
			continue;
		memset(got, 0, sizeof(got));
		dq_unit_tree_init(&unit, tree, limit, width, NULL);
		dq_lane_block_begin(&block, x, 1, got);
		kernels->table(&unit, &block);
		kernels->flush(&block);
		dq_lane_block_end(&block, 1, got);
		dq_unit_tree_release(&unit);
		for (size_t i = 0; i < width; i++)
			CHECK_NEAR(got[i], want[i], 4e-6);
	}
	dq_lane_block_release(&block);
}

static void
check_trees(struct growth *g)
{
	struct dq_forest forest;
	struct dq_quadrature *quadrature;
	float x[WIDE];

	grow_forest(&forest, g, 1);
	if (forest.trees[0].splits) {
		quadrature = dq_quadrature_new(&forest);
		for (int i = 0; i < 5; i++) {
			make_row(&g->random, x, g->features);
			check_tree(&forest, quadrature, x, dq_lanes_best());
			check_tree(&forest, quadrature, x, dq_lanes_portable());
		}
		dq_quadrature_free(quadrature);
	}
	dq_forest_release(&forest);
}

int
main(void)
{
	struct growth g = {0};

	dq_random_init(&g.random, 5, 1);
	for (g.depth = 1; g.depth <= 10; g.depth++)
		for (g.features = 1; g.features <= 40; g.features += 3) {
			g.early = g.features % 2 * 0.3;
			g.zero = g.features % 3 ? 0 : 0.2;
			check_trees(&g);
			check_forest(&g, g.depth < 7 ? 40 : 3);
		}
	/* More features on a path than four, eight and sixteen points bear. */
	g = (struct growth){
	    .random = g.random, .features = WIDE, .early = 0.45};
	for (g.depth = 12; g.depth <= 18; g.depth += 3)
		for (int i = 0; i < 8; i++)
			check_forest(&g, 2);
	return unit_done();
}
