/* Interventional SHAP against Shapley values by their definition, and tables
 * against the way without them. */
#include "model/explain.h"

#include "model_forests.h"
#include "unit.h"

#define BACKGROUND 37
#define ROWS 70 /* a block and a part of one */
#define WIDE 16

static float against[BACKGROUND * WIDE], rows[ROWS * WIDE];
static size_t tables, sets; /* trees explained by them */
static double fast[ROWS * WIDE], exact[ROWS * WIDE];

static double
margin_of(const struct dq_forest *forest, const float *x)
{
	return game(forest, x, ~0u);
}

/* What a set of features is worth: the mean margin of the background once it
 * has the row's values of these. */
static double
mixed_game(
    const struct dq_forest *forest, const float *x, size_t count, unsigned set)
{
	size_t width = forest->names.count;
	float mixed[WIDE];
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t f = 0; f < width; f++)
			mixed[f] = set >> f & 1 ? x[f] : against[i * width + f];
		sum += margin_of(forest, mixed);
	}
	return sum / (double)count;
}

/* Shapley values over all subsets. */
static void
by_definition(
    const struct dq_forest *forest, const float *x, size_t count, double *phi)
{
	int width = (int)forest->names.count;
	double worth[1 << 8];

	for (unsigned set = 0; set < 1u << width; set++)
		worth[set] = mixed_game(forest, x, count, set);
	for (int f = 0; f < width; f++) {
		phi[f] = 0;
		for (unsigned set = 0; set < 1u << width; set++) {
			int size = __builtin_popcount(set);

			if (!(set >> f & 1))
				phi[f] += exp(lgamma(size + 1) +
					      lgamma(width - size) -
					      lgamma(width + 1)) *
					  (worth[set | 1u << f] - worth[set]);
		}
	}
}

static void
make_rows(struct growth *g, float *to, int count)
{
	for (int i = 0; i < count; i++)
		make_row(&g->random, to + i * g->features, g->features);
}

/* All that is said of a forest: sets equal the definition, tables equal sets,
 * both add up to the margin. */
static void
check_forest(struct growth *g, int trees, size_t count, bool define)
{
	struct dq_background *background;
	struct dq_explainer *explainers[2];
	struct dq_forest forest;
	struct dq_err err;
	double want[8], size = 1;
	int width = g->features;

	grow_forest(&forest, g, trees);
	make_rows(g, against, (int)count);
	make_rows(g, rows, ROWS);
	background = dq_background_new(against, count, (size_t)width);
	for (int e = 0; e < 2; e++) {
		explainers[e] = dq_explainer_against(
		    &forest, dq_lanes_best(), e, background, &err);
		dq_explainer_run(explainers[e], rows, ROWS, e ? exact : fast);
		CHECK(!dq_explainer_facts(explainers[e]).by_lanes);
		CHECK(!dq_explainer_facts(explainers[e]).by_double);
	}
	CHECK(!dq_explainer_facts(explainers[1]).by_table);
	tables += dq_explainer_facts(explainers[0]).by_table;
	sets += dq_explainer_facts(explainers[0]).by_sets;
	for (int i = 0; i < ROWS; i++) {
		double sum = dq_background_mean(background, &forest);

		for (int f = 0; f < width; f++) {
			size = fmax(size, fabs(exact[i * width + f]));
			sum += exact[i * width + f];
		}
		CHECK_NEAR(sum, margin_of(&forest, rows + i * width), 1e-11);
	}
	for (int i = 0; i < ROWS * width; i++)
		CHECK_NEAR(fast[i], exact[i], 2e-6 * size);
	for (int i = 0; define && i < 3; i++) {
		by_definition(&forest, rows + i * width, count, want);
		for (int f = 0; f < width; f++)
			CHECK_NEAR(exact[i * width + f], want[f], 1e-12);
	}
	CHECK_NEAR(dq_background_mean(background, &forest),
	    mixed_game(&forest, rows, count, 0), 1e-12);
	dq_background_free(background);
	for (int e = 0; e < 2; e++)
		dq_explainer_free(explainers[e]);
	dq_forest_release(&forest);
}

/* A tree that splits on one feature after the other, right on right: more of
 * them on its path than a mask has bits is refused. */
static bool
explains_chain(int features)
{
	struct dq_forest forest = {0};
	struct dq_background *background;
	struct dq_explainer *explainer;
	struct dq_tree *tree;
	struct dq_err err;
	float *row = calloc((size_t)features, sizeof(*row));
	double phi[DQ_PLAYERS_LIMIT + 1] = {0}, sum = 0;
	char name[16];
	bool good;

	for (int i = 0; i < features; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		dq_map_put(&forest.names, DQ_SLICE(name));
	}
	tree = dq_forest_add(&forest, 2 * features + 1);
	for (int i = 0; i < features; i++)
		tree->nodes[2 * i] = (struct dq_node){.left = 2 * i + 1,
		    .right = 2 * i + 2,
		    .feature = i,
		    .threshold = 0.5f,
		    .cover = 1};
	for (int i = 0; i < features; i++)
		tree->nodes[2 * i + 1].value = i + 1;
	CHECK(dq_forest_finish(&forest, &err));
	background = dq_background_new(row, 1, (size_t)features);
	explainer = dq_explainer_against(
	    &forest, dq_lanes_best(), false, background, &err);
	good = explainer;
	for (int i = 0; i < features; i++)
		row[i] = 1;
	if (good)
		dq_explainer_run(explainer, row, 1, phi);
	/* From the first leaf, 1, to the last, 0. */
	for (int i = 0; i < features; i++)
		sum += phi[i];
	CHECK_NEAR(sum, good ? -1 : 0, 1e-12);
	dq_explainer_free(explainer);
	dq_background_free(background);
	dq_forest_release(&forest);
	free(row);
	return good;
}

int
main(void)
{
	struct growth g = {0};

	dq_random_init(&g.random, 11, 1);
	for (g.depth = 0; g.depth <= 10; g.depth++)
		for (g.features = 1; g.features <= 8; g.features++) {
			g.early = g.features % 2 * 0.3;
			check_forest(&g, 2, 1, true);
			check_forest(&g, 2, 7, g.depth < 8);
		}
	/* Wider than the definition can follow. */
	g.features = WIDE;
	for (g.depth = 4; g.depth <= 12; g.depth += 2)
		check_forest(&g, g.depth > 8 ? 2 : 20, BACKGROUND, false);
	CHECK(tables > 100 && sets > 10);
	CHECK(explains_chain(DQ_PLAYERS_LIMIT));
	CHECK(!explains_chain(DQ_PLAYERS_LIMIT + 1));
	return unit_done();
}
