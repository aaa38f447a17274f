/* kernels [NAME]   Runs one kernel of lib/model on a fixed forest and fixed
 * rows, for tests/bench/instructions to count; without NAME prints all. Only
 * what runs inside counted() is. */
#include "base/mem.h"
#include "model/gauss.h"
#include "model/interventional.h"
#include "model/lane_tree.h"
#include "model/lone.h"
#include "model/quadrature.h"
#include "model/unit_tree.h"
#include "model/walk.h"

#include "model_forests.h"

#include <string.h>

#define TREES 24
#define WIDTH 40
#define ROWS 64
#define UNIT_LIMIT 7

enum kernel {
	WALK,
	WALK_LONE,
	TABLES,
	TABLES_LONE,
	QUADRATURE,
	QUADRATURE_LONE,
	DOUBLE,
	SETS
};

struct job {
	const char *name;
	enum kernel kernel;
	int depth;
	double early; /* as struct growth; -1: symmetric trees */
	bool portable;
};

static const struct job jobs[] = {
    {"walk-masks", WALK, 5, 0.05, false},
    {"walk-full", WALK, 6, 0.05, false},
    {"walk-full-lone", WALK_LONE, 6, 0.05, false},
    {"walk-steps", WALK, 14, 0.4, false},
    {"walk-steps-lone", WALK_LONE, 14, 0.4, false},
    {"walk-symmetric", WALK, 6, -1, false},
    {"tables", TABLES, 5, 0.05, false},
    {"tables-portable", TABLES, 5, 0.05, true},
    {"tables-lone", TABLES_LONE, 5, 0.05, false},
    {"quadrature-4", QUADRATURE, 8, 0.05, false},
    {"quadrature-4-portable", QUADRATURE, 8, 0.05, true},
    {"quadrature-4-lone", QUADRATURE_LONE, 8, 0.05, false},
    {"quadrature-8", QUADRATURE, 15, 0.4, false},
    {"quadrature-8-lone", QUADRATURE_LONE, 15, 0.4, false},
    {"quadrature-double", DOUBLE, 6, 0.05, false},
    {"sets", SETS, 6, 0.05, false},
};

struct work {
	enum kernel kernel;
	const struct dq_lane_kernels *kernels;
	struct dq_forest forest;
	struct dq_walk *walk;
	struct dq_unit_tree units[TREES];
	struct dq_lane_tree lanes[TREES];
	struct dq_quadrature *quadrature;
	struct dq_interventional *sets;
	struct dq_lane_block block;
	struct dq_lone *lone;
	float weights[DQ_LANE_POINTS_LIMIT + 1][DQ_LANE_POINTS_LIMIT];
	float rows[ROWS * WIDTH];
	double margins[ROWS], phi[ROWS * WIDTH];
};

static void
work_block(struct work *w)
{
	dq_lane_block_begin(&w->block, w->rows, ROWS, w->phi);
	for (int i = 0; i < TREES; i++)
		if (w->kernel == TABLES)
			w->kernels->table(&w->units[i], &w->block);
		else
			w->kernels->quadrature(&w->lanes[i],
			    w->weights[w->lanes[i].points], &w->block);
	w->kernels->flush(&w->block);
	dq_lane_block_end(&w->block, ROWS, w->phi);
}

static void
work_lone(struct work *w, const float *row, double *phi)
{
	dq_lone_load(w->lone, row);
	for (int i = 0; i < TREES; i++)
		if (w->kernel == TABLES_LONE)
			dq_lone_table(w->lone, &w->units[i]);
		else
			dq_lone_quadrature(w->lone, &w->lanes[i],
			    w->weights[w->lanes[i].points]);
	dq_lone_flush(w->lone, phi);
}

static void
work_row(struct work *w, const float *row, size_t i)
{
	double *phi = w->phi + i * WIDTH;

	if (w->kernel == WALK_LONE)
		dq_walk_run(w->walk, row, 1, w->margins + i);
	else if (w->kernel == DOUBLE)
		dq_quadrature_explain(w->quadrature, &w->forest, row, phi);
	else if (w->kernel == SETS)
		dq_interventional_explain(w->sets, row, phi);
	else
		work_lone(w, row, phi);
}

static __attribute__((noinline)) void
counted(struct work *w)
{
	if (w->kernel == WALK)
		dq_walk_run(w->walk, w->rows, ROWS, w->margins);
	else if (w->kernel == TABLES || w->kernel == QUADRATURE)
		work_block(w);
	else
		for (size_t i = 0; i < ROWS; i++)
			work_row(w, w->rows + i * WIDTH, i);
}

/* What lanes and lone rows need. */
static void
prepare_trees(struct work *w)
{
	bool tables = w->kernel == TABLES || w->kernel == TABLES_LONE;
	size_t splits = 0, masks = DQ_MASK_FIRST;

	for (int i = 0; i < TREES; i++) {
		const struct dq_tree *tree = &w->forest.trees[i];
		struct dq_lane_tree *lane = &w->lanes[i];

		if (tables) {
			dq_unit_tree_init(
			    &w->units[i], tree, UNIT_LIMIT, WIDTH, NULL);
			continue;
		}
		dq_lane_tree_init(lane, tree, WIDTH);
		if ((size_t)lane->splits > splits)
			splits = (size_t)lane->splits;
		if ((size_t)lane->masks > masks)
			masks = (size_t)lane->masks;
	}
	for (int n = 4; n <= DQ_LANE_POINTS_LIMIT; n *= 2)
		for (int k = 0; k < n; k++)
			w->weights[n][k] = 1.0f / (float)n;
	dq_lane_block_init(&w->block, w->kernels, WIDTH, masks);
	w->lone = dq_lone_new(WIDTH, splits, masks);
}

static void
prepare(struct work *w, const struct job *job)
{
	struct growth g = {
	    .depth = job->depth, .features = WIDTH, .early = job->early};
	struct dq_background *background;
	struct dq_err err;

	dq_random_init(&g.random, 7, 1);
	if (job->early < 0)
		grow_symmetric_forest(&w->forest, &g, TREES);
	else
		grow_forest(&w->forest, &g, TREES);
	for (int i = 0; i < ROWS; i++)
		make_row(&g.random, w->rows + i * WIDTH, WIDTH);
	w->kernel = job->kernel;
	w->kernels = job->portable ? dq_lanes_portable() : dq_lanes_best();
	background = dq_background_new(w->rows, ROWS / 2, WIDTH);
	if (w->kernel == WALK || w->kernel == WALK_LONE)
		w->walk = dq_walk_new(&w->forest);
	else if (w->kernel == DOUBLE)
		w->quadrature = dq_quadrature_new(&w->forest);
	else if (w->kernel == SETS)
		w->sets = dq_interventional_new(&w->forest, background, &err);
	else
		prepare_trees(w);
	dq_background_free(background);
}

int
main(int argc, char **argv)
{
	static struct work w;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++) {
		if (argc < 2)
			puts(jobs[i].name);
		else if (!strcmp(argv[1], jobs[i].name)) {
			prepare(&w, &jobs[i]);
			counted(&w);
			return 0;
		}
	}
	return argc > 1;
}
