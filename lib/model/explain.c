#include "model/explain.h"

#include "base/mem.h"
#include "model/gauss.h"
#include "model/lane_tree.h"
#include "model/lone.h"
#include "model/unit_tree.h"

#include <math.h>
#include <stdlib.h>

#define FLUSH_TREES 16		 /* added up in float, then in double */
#define TABLE_LIMIT (32u << 20)	 /* bytes of all tables of a model */
#define LANES_LIMIT (512u << 20) /* bytes of all constants */

/* Against a background the way without tables is some hundred times slower. */
#define AGAINST_TABLE_LIMIT (512u << 20)
#define AGAINST_COST 1e6

/* Float keeps 24 bits: a tree with larger leaves is worked in double, so that
 * contributions stay right to about 1e-6. */
#define LEAF_LIMIT 4.0

/* Measured nanoseconds for a whole block: a unit of a table, each byte of its
 * table that the block's rows touch at most, near as long as all tables are
 * small, a split by four points. */
#define UNIT_COST 55.0
#define BYTE_COST 0.016
#define FAR_BYTE_COST 0.055
#define NEAR_BYTES (8u << 20)
#define SPLIT_COST 90.0
#define TOUCHED_BYTES (DQ_LANE_BLOCK_ROWS * 50.0)

struct dq_explainer {
	const struct dq_forest *forest;
	const struct dq_lane_kernels *kernels;
	struct dq_unit_tree *units;
	struct dq_lane_tree *lanes;
	struct dq_forest rest; /* trees for double: borrowed nodes */
	struct dq_quadrature *quadrature;
	struct dq_interventional *interventional; /* NULL: path-dependent */
	const struct dq_background *background;	  /* while we are made */
	struct dq_explainer_facts facts;
	size_t table_bytes;
	float weights[DQ_LANE_POINTS_LIMIT + 1][DQ_LANE_POINTS_LIMIT];
	struct dq_lane_block block; /* work space */
	struct dq_lone *lone;	    /* the same for one row */
	bool borrows;		    /* all but the work space */
};

/* Of a tree's table behind `before` bytes of others. */
static double
table_cost(const struct dq_unit_plan *plan, size_t before)
{
	double each = before < NEAR_BYTES ? BYTE_COST : FAR_BYTE_COST;
	double bytes = (double)plan->rows * DQ_LANES * sizeof(float);

	if (!plan->units)
		return INFINITY;
	if (bytes > plan->units * TOUCHED_BYTES)
		bytes = plan->units * TOUCHED_BYTES;
	return UNIT_COST * plan->units + each * bytes;
}

/* Of a tree without a table. */
static double
lane_cost(const struct dq_explainer *e, const struct dq_tree *tree)
{
	int points = dq_lane_points(tree);

	if (e->background)
		return AGAINST_COST * tree->splits;
	return SPLIT_COST * tree->splits * (points ? points / 4 : 16);
}

/* May this tree's table be added to `bytes` of tables, and does it pay? */
static bool
prefers_table(const struct dq_explainer *e, const struct dq_tree *tree,
    const struct dq_unit_plan *plan, size_t bytes)
{
	size_t limit = e->background ? AGAINST_TABLE_LIMIT : TABLE_LIMIT;

	return table_cost(plan, bytes) < lane_cost(e, tree) &&
	       bytes + plan->rows * DQ_LANES * sizeof(float) <= limit;
}

/* Large units are few, but their tables are large, and there is room for so
 * many only: the size that makes the whole forest cheapest. */
static int
choose_unit_limit(const struct dq_explainer *e)
{
	const struct dq_forest *forest = e->forest;
	double best = INFINITY;
	int chosen = DQ_UNIT_NODES_LIMIT;

	for (int limit = DQ_UNIT_NODES_LIMIT; limit >= 5; limit--) {
		double cost = 0;
		size_t bytes = 0;

		for (size_t i = 0; i < forest->count; i++) {
			const struct dq_tree *tree = &forest->trees[i];
			struct dq_unit_plan plan = dq_unit_plan(tree, limit);
			bool table = prefers_table(e, tree, &plan, bytes);

			cost += table ? table_cost(&plan, bytes)
				      : lane_cost(e, tree);
			bytes +=
			    table ? plan.rows * DQ_LANES * sizeof(float) : 0;
		}
		if (cost < best) {
			best = cost;
			chosen = limit;
		}
	}
	return chosen;
}

static bool
add_table(struct dq_explainer *e, const struct dq_tree *tree, int limit)
{
	struct dq_unit_plan plan = dq_unit_plan(tree, limit);
	struct dq_unit_tree *unit = &e->units[e->facts.by_table];

	if (!prefers_table(e, tree, &plan, e->table_bytes))
		return false;
	dq_unit_tree_init(
	    unit, tree, limit, e->forest->names.count, e->background);
	e->table_bytes += unit->rows * sizeof(*unit->table);
	e->facts.bytes += unit->bytes;
	e->facts.by_table++;
	return true;
}

static bool
add_lanes(struct dq_explainer *e, const struct dq_tree *tree)
{
	struct dq_lane_tree *lane = &e->lanes[e->facts.by_lanes];

	if (e->background || !dq_lane_points(tree) ||
	    e->facts.bytes > LANES_LIMIT)
		return false;
	dq_lane_tree_init(lane, tree, e->forest->names.count);
	e->facts.bytes += lane->bytes;
	e->facts.by_lanes++;
	return true;
}

static bool
has_large_leaf(const struct dq_tree *tree)
{
	for (int32_t i = 0; i < tree->count; i++)
		if (!tree->nodes[i].left &&
		    fabs(tree->nodes[i].value) > LEAF_LIMIT)
			return true;
	return false;
}

static void
add_rest(struct dq_explainer *e, const struct dq_tree *tree)
{
	e->rest.trees[e->rest.count++] = *tree;
	e->facts.by_double++;
}

static void
make_weights(struct dq_explainer *e)
{
	for (int n = 4; n <= DQ_LANE_POINTS_LIMIT; n *= 2) {
		double points[DQ_LANE_POINTS_LIMIT];
		double weights[DQ_LANE_POINTS_LIMIT];

		dq_gauss(n, points, weights);
		for (int k = 0; k < n; k++)
			e->weights[n][k] = (float)weights[k];
	}
}

/* Gives each tree to its kernel. */
static void
divide(struct dq_explainer *e, bool exact)
{
	size_t n = e->forest->count;
	int32_t limit = choose_unit_limit(e);

	e->units = dq_calloc(n + 1, sizeof(*e->units));
	e->lanes = dq_calloc(n + 1, sizeof(*e->lanes));
	e->rest.trees = dq_calloc(n + 1, sizeof(*e->rest.trees));
	e->rest.names = e->forest->names;
	for (size_t i = 0; i < n; i++) {
		const struct dq_tree *tree = &e->forest->trees[i];

		if (tree->splits &&
		    (exact || has_large_leaf(tree) ||
			(!add_table(e, tree, limit) && !add_lanes(e, tree))))
			add_rest(e, tree);
	}
}

static void
make_work_space(struct dq_explainer *e)
{
	size_t width = e->forest->names.count;
	int32_t masks = DQ_MASK_FIRST, splits = 0;

	for (size_t i = 0; i < e->facts.by_lanes; i++) {
		const struct dq_lane_tree *lane = &e->lanes[i];

		masks = lane->masks > masks ? lane->masks : masks;
		splits = lane->splits > splits ? lane->splits : splits;
	}
	dq_lane_block_init(&e->block, e->kernels, width, (size_t)masks);
	e->lone = dq_lone_new(width, (size_t)splits, (size_t)masks);
}

static bool
prepare_rest(struct dq_explainer *e, struct dq_err *err)
{
	if (!e->background) {
		e->quadrature = dq_quadrature_new(&e->rest);
		return true;
	}
	e->interventional = dq_interventional_new(&e->rest, e->background, err);
	if (!e->interventional)
		return false;
	e->facts.by_sets = e->facts.by_double;
	e->facts.by_double = 0;
	e->facts.bytes += dq_interventional_bytes(e->interventional);
	return true;
}

struct dq_explainer *
dq_explainer_against(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, bool exact,
    const struct dq_background *background, struct dq_err *err)
{
	struct dq_explainer *e = dq_calloc(1, sizeof(*e));

	e->forest = forest;
	e->kernels = kernels;
	e->facts.machine = kernels->name;
	e->background = background;
	divide(e, exact);
	make_weights(e);
	make_work_space(e);
	if (!prepare_rest(e, err)) {
		dq_explainer_free(e);
		return NULL;
	}
	e->background = NULL;
	return e;
}

struct dq_explainer *
dq_explainer_new(const struct dq_forest *forest,
    const struct dq_lane_kernels *kernels, bool exact)
{
	return dq_explainer_against(forest, kernels, exact, NULL, NULL);
}

struct dq_explainer *
dq_explainer_twin(const struct dq_explainer *explainer)
{
	struct dq_explainer *e = dq_calloc(1, sizeof(*e));

	*e = *explainer;
	e->borrows = true;
	make_work_space(e);
	if (explainer->quadrature)
		e->quadrature = dq_quadrature_twin(explainer->quadrature);
	if (explainer->interventional)
		e->interventional =
		    dq_interventional_twin(explainer->interventional);
	return e;
}

static void
release_trees(struct dq_explainer *e)
{
	for (size_t i = 0; i < e->facts.by_table; i++)
		dq_unit_tree_release(&e->units[i]);
	for (size_t i = 0; i < e->facts.by_lanes; i++)
		dq_lane_tree_release(&e->lanes[i]);
	free(e->units);
	free(e->lanes);
	free(e->rest.trees);
}

void
dq_explainer_free(struct dq_explainer *e)
{
	if (!e)
		return;
	if (!e->borrows)
		release_trees(e);
	dq_quadrature_free(e->quadrature);
	dq_interventional_free(e->interventional);
	dq_lane_block_release(&e->block);
	dq_lone_free(e->lone);
	free(e);
}

struct dq_explainer_facts
dq_explainer_facts(const struct dq_explainer *e)
{
	return e->facts;
}

/* Float sums of a few trees go on to double ones, so that many trees do not
 * add up their roundings. */
static void
run_block(struct dq_explainer *e, const float *rows, size_t count, double *phi)
{
	size_t tables = e->facts.by_table, trees = tables + e->facts.by_lanes;

	dq_lane_block_begin(&e->block, rows, count, phi);
	for (size_t i = 0; i < trees; i++) {
		const struct dq_lane_tree *lane =
		    i < tables ? NULL : &e->lanes[i - tables];

		if (lane)
			e->kernels->quadrature(
			    lane, e->weights[lane->points], &e->block);
		else
			e->kernels->table(&e->units[i], &e->block);
		if (i % FLUSH_TREES == FLUSH_TREES - 1 || i == trees - 1)
			e->kernels->flush(&e->block);
	}
	dq_lane_block_end(&e->block, count, phi);
}

static void
run_lone(struct dq_explainer *e, const float *row, double *phi)
{
	size_t tables = e->facts.by_table, trees = tables + e->facts.by_lanes;

	dq_lone_load(e->lone, row);
	for (size_t i = 0; i < trees; i++) {
		const struct dq_lane_tree *lane =
		    i < tables ? NULL : &e->lanes[i - tables];

		if (lane)
			dq_lone_quadrature(
			    e->lone, lane, e->weights[lane->points]);
		else
			dq_lone_table(e->lone, &e->units[i]);
		if (i % FLUSH_TREES == FLUSH_TREES - 1 || i == trees - 1)
			dq_lone_flush(e->lone, phi);
	}
}

static void
explain_rest(struct dq_explainer *e, const float *x, double *phi)
{
	if (e->interventional)
		dq_interventional_explain(e->interventional, x, phi);
	else
		dq_quadrature_explain(e->quadrature, &e->rest, x, phi);
}

void
dq_explainer_run(
    struct dq_explainer *e, const float *rows, size_t count, double *phi)
{
	size_t width = e->forest->names.count, block = DQ_LANE_BLOCK_ROWS;

	for (size_t r = 0; r < count; r++)
		explain_rest(e, rows + r * width, phi + r * width);
	if (!e->facts.by_table && !e->facts.by_lanes)
		return;
	for (size_t r = 0; r < count; r += block)
		if (count - r == 1)
			run_lone(e, rows + r * width, phi + r * width);
		else
			run_block(e, rows + r * width,
			    count - r < block ? count - r : block,
			    phi + r * width);
}
