/* The source of the kernels of lanes.h, compiled once per machine: the
 * including file says for which, or nothing and gets plain C.
 *
 *     LANES_TARGET          attribute of every function
 *     LANES_SELECT(m, a, b) lane by lane: a where mask m is set, else b
 *     LANES_TRANSPOSE(in, at, out)
 *                           out[i] lane l = in[at[l]][i], for eight rows
 *
 * Groups of rows are the innermost loops: what a node has to be asked, and
 * its constants, are fetched once for all of them. */
#ifndef DQ_MODEL_LANES_KERNEL_H
#define DQ_MODEL_LANES_KERNEL_H

#include "model/lanes.h"

#ifndef LANES_TARGET
#define LANES_TARGET __attribute__((unused))
#define LANES_SELECT(m, a, b)                                                  \
	((lanes)(((m) & (lane_mask)(a)) | (~(m) & (lane_mask)(b))))
#define LANES_TRANSPOSE(in, at, out)                                           \
	for (int lane_ = 0; lane_ < DQ_LANES; lane_++)                         \
		for (int i_ = 0; i_ < DQ_LANES; i_++)                          \
	(out)[i_][lane_] = (in)[(at)[lane_]][i_]
#endif

typedef float lanes __attribute__((vector_size(4 * DQ_LANES)));
typedef int32_t lane_mask __attribute__((vector_size(4 * DQ_LANES)));

/* Vectors of a product or a sum: points times groups. */
#define LANES_VECTORS 32

struct lane_work {
	const struct dq_lane_tree *tree;
	const lanes *columns;
	lane_mask *masks;
	lanes *sums;
	int groups;
	size_t columns_step, sums_step; /* from one group to the next */
};

static LANES_TARGET void
lanes_left(const lanes *columns, size_t step, int groups, int32_t column,
    float threshold, lane_mask *left)
{
	columns += column;
	for (int g = 0; g < groups; g++, columns += step)
		left[g] = *columns < threshold;
}

static LANES_TARGET void
lanes_add(const struct lane_work *work, int32_t feature, const lanes *sum)
{
	lanes *to = work->sums + feature;

	for (int g = 0; g < work->groups; g++, to += work->sums_step)
		*to += sum[g];
}

/* The constants behind c for rows that go left, for those that go right, and
 * for those that had left: `step` floats from one to the next. */
#define LANES_CHOOSE(c, step, left)                                            \
	LANES_SELECT(left, zero + (c)[0], zero + (c)[step])
#define LANES_CHOOSE_HELD(c, step, left, held)                                 \
	LANES_SELECT(held, LANES_CHOOSE(c, step, left), zero + (c)[2 * (step)])

static LANES_TARGET void
visit_folded(
    const struct lane_work *work, int32_t at, const lanes *above, lanes *below)
{
	const struct dq_lane_node *node = &work->tree->nodes[at];
	const float *c = work->tree->constants + node->constants;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	int n = work->tree->points, groups = work->groups;
	lane_mask left[DQ_LANE_GROUPS];
	lanes sum[DQ_LANE_GROUPS] = {{0}}, zero = {0};
	bool all = node->held_from == DQ_MASK_ALL;

	lanes_left(work->columns, work->columns_step, groups, node->column,
	    node->threshold, left);
	for (int k = 0; k < n; k++, c++, above += groups, below += groups) {
		for (int g = 0; all && g < groups; g++) {
			below[g] = above[g] * LANES_CHOOSE(c, 2 * n, left[g]);
			sum[g] +=
			    above[g] * LANES_CHOOSE(c + n, 2 * n, left[g]);
		}
		for (int g = 0; !all && g < groups; g++) {
			below[g] = above[g] * LANES_CHOOSE_HELD(
						  c, 2 * n, left[g], held[g]);
			sum[g] += above[g] * LANES_CHOOSE_HELD(c + n, 2 * n,
						 left[g], held[g]);
		}
	}
	lanes_add(work, work->tree->links[at].feature, sum);
}

static LANES_TARGET void visit(
    const struct lane_work *work, int32_t at, const lanes *above, lanes *below);

/* The product below an edge, and who took all of the feature's edges. */
static LANES_TARGET void
enter_edge(const struct lane_work *work, const struct dq_lane_node *node,
    int side, const lane_mask *left, const lanes *above, lanes *product)
{
	int n = work->tree->points, groups = work->groups;
	const float *c = work->tree->constants + node->constants + n * side;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	lane_mask *to = work->masks + node->held_to[side] * DQ_LANE_GROUPS;
	bool all = node->held_from == DQ_MASK_ALL;
	lanes zero = {0};

	for (int k = 0; k < n; k++, c++, above += groups, product += groups) {
		for (int g = 0; all && g < groups; g++)
			product[g] = above[g] * LANES_CHOOSE(c, 4 * n, left[g]);
		for (int g = 0; !all && g < groups; g++)
			product[g] = above[g] * LANES_CHOOSE_HELD(
						    c, 4 * n, left[g], held[g]);
	}
	for (int g = 0; node->held_to[side] != DQ_MASK_UNASKED && g < groups;
	     g++) {
		lane_mask take = side ? ~left[g] : left[g];

		to[g] = all ? take : held[g] & take;
	}
}

/* Takes the feature's part out of what comes back through an edge. */
static LANES_TARGET void
leave_edge(const struct lane_work *work, const struct dq_lane_node *node,
    int side, const lane_mask *left, const lanes *below, lanes *sum)
{
	int n = work->tree->points, groups = work->groups;
	const float *c =
	    work->tree->constants + node->constants + 2 * n + n * side;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	bool all = node->held_from == DQ_MASK_ALL;
	lanes zero = {0};

	for (int k = 0; k < n; k++, c++, below += groups) {
		for (int g = 0; all && g < groups; g++)
			sum[g] += below[g] * LANES_CHOOSE(c, 4 * n, left[g]);
		for (int g = 0; !all && g < groups; g++)
			sum[g] += below[g] *
				  LANES_CHOOSE_HELD(c, 4 * n, left[g], held[g]);
	}
}

static LANES_TARGET void
visit(
    const struct lane_work *work, int32_t at, const lanes *above, lanes *below)
{
	const struct dq_lane_node *node = &work->tree->nodes[at];
	const struct dq_lane_link *link = &work->tree->links[at];
	int groups = work->groups, vectors = groups * work->tree->points;
	lanes product[LANES_VECTORS], back[LANES_VECTORS];
	lanes sum[DQ_LANE_GROUPS] = {{0}};
	lane_mask left[DQ_LANE_GROUPS];

	if (at >= work->tree->inner) {
		visit_folded(work, at, above, below);
		return;
	}
	lanes_left(work->columns, work->columns_step, groups, node->column,
	    node->threshold, left);
	for (int side = 0; side < 2; side++) {
		lanes *to = side ? back : below;
		const lanes *from = to;

		enter_edge(work, node, side, left, above, product);
		if (link->child[side] >= 0)
			visit(work, link->child[side], product, to);
		else
			from = product;
		leave_edge(work, node, side, left, from, sum);
		for (int i = 0; side ? i < vectors : from != to && i < vectors;
		     i++)
			below[i] = side ? below[i] + from[i] : from[i];
	}
	lanes_add(work, link->feature, sum);
}

/* As many groups at a time as the vectors have room for. */
static LANES_TARGET void
lane_quadrature(const struct dq_lane_tree *tree, const float *weights,
    const struct dq_lane_block *block)
{
	lanes above[LANES_VECTORS], below[LANES_VECTORS], zero = {0};
	size_t step = LANES_VECTORS / (size_t)tree->points;
	struct lane_work work = {tree, (const lanes *)block->columns,
	    (lane_mask *)block->masks, (lanes *)block->sums, 0,
	    DQ_LANE_COLUMNS(block->width), DQ_LANE_SUMS(block->width)};

	for (size_t g = 0; g < block->groups; g += step) {
		size_t left = block->groups - g;

		work.groups = (int)(left < step ? left : step);
		for (int k = 0; k < tree->points; k++)
			for (int i = 0; i < work.groups; i++)
				above[k * work.groups + i] = zero + weights[k];
		visit(&work, 0, above, below);
		work.columns += step * work.columns_step;
		work.sums += step * work.sums_step;
	}
}

static LANES_TARGET void
add_rows(const struct dq_unit_tree *tree, const struct dq_unit *unit,
    const lane_mask *rows, const struct dq_lane_block *block)
{
	const float(*table)[DQ_LANES] = tree->table + unit->table;
	lanes *sums = (lanes *)block->sums;

	for (size_t g = 0; g < block->groups; g++) {
		lanes part[DQ_LANES];
		int32_t at[DQ_LANES];

		memcpy(at, &rows[g], sizeof(at));
		LANES_TRANSPOSE(table, at, part);
		for (int i = 0; i < DQ_LANES; i++)
			sums[unit->feature[i]] += part[i];
		sums += DQ_LANE_SUMS(block->width);
	}
}

static LANES_TARGET void
unit_table(const struct dq_unit_tree *tree, const struct dq_lane_block *block)
{
	const lanes *x = (const lanes *)block->columns;
	size_t step = DQ_LANE_COLUMNS(block->width);
	int groups = (int)block->groups;
	/* The bits of the path down to each level. */
	lane_mask bits[DQ_LANES + 1][DQ_LANE_GROUPS] = {{{0}}};
	lane_mask rows[DQ_LANE_GROUPS], left[DQ_LANE_GROUPS];

	for (int32_t u = 0; u < tree->count; u++) {
		const struct dq_unit *unit = &tree->units[u];

		for (int l = unit->enter; l < unit->level; l++) {
			lanes_left(x, step, groups, unit->column[l],
			    unit->threshold[l], left);
			for (int g = 0; g < groups; g++)
				bits[l + 1][g] =
				    bits[l][g] | (left[g] & (1 << l));
		}
		memcpy(rows, bits[unit->level], sizeof(rows));
		for (int l = unit->level; l < unit->splits; l++) {
			lanes_left(x, step, groups, unit->column[l],
			    unit->threshold[l], left);
			for (int g = 0; g < groups; g++)
				rows[g] |= left[g] & (1 << l);
		}
		add_rows(tree, unit, rows, block);
	}
}

#endif
