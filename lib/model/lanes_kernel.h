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

static LANES_TARGET void
visit_folded(const struct lane_work *work, const struct dq_lane_node *node,
    const lanes *above, lanes *below)
{
	const float *c = work->tree->constants + node->constants;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	int n = work->tree->points, groups = work->groups;
	lane_mask left[DQ_LANE_GROUPS];
	lanes sum[DQ_LANE_GROUPS] = {{0}}, zero = {0};

	lanes_left(work->columns, work->columns_step, groups, node->column,
	    node->threshold, left);
	for (int k = 0; k < n; k++, above += groups, below += groups) {
		lanes up[3] = {zero + c[k], zero + c[n + k], zero};
		lanes gain[2] = {zero + c[2 * n + k], zero + c[3 * n + k]};

		if (node->held_from < 0) {
			for (int g = 0; g < groups; g++) {
				below[g] = above[g] *
					   LANES_SELECT(left[g], up[0], up[1]);
				sum[g] += above[g] * LANES_SELECT(left[g],
							 gain[0], gain[1]);
			}
			continue;
		}
		up[2] = zero + c[4 * n + k];
		for (int g = 0; g < groups; g++) {
			lanes to = LANES_SELECT(left[g], up[0], up[1]);
			lanes part = LANES_SELECT(left[g], gain[0], gain[1]);

			below[g] = above[g] * LANES_SELECT(held[g], to, up[2]);
			sum[g] += above[g] * LANES_SELECT(held[g], part, zero);
		}
	}
	lanes_add(work, node->feature, sum);
}

static LANES_TARGET void visit(
    const struct lane_work *work, int32_t at, const lanes *above, lanes *below);

/* The product below an edge, and who took all of the feature's edges. */
static LANES_TARGET void
enter_edge(const struct lane_work *work, const struct dq_lane_node *node,
    int side, const lane_mask *take, const lanes *above, lanes *product)
{
	int n = work->tree->points, groups = work->groups;
	const float *constants = work->tree->constants + node->constants;
	const float *c = constants + 4 * n * side;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	lane_mask *to = work->masks + node->held_to[side] * DQ_LANE_GROUPS;
	lanes zero = {0}, ratio;

	for (int k = 0; k < n; k++)
		for (int g = 0; g < groups; g++)
			product[k * groups + g] =
			    LANES_SELECT(take[g], zero + c[k], zero + c[n + k]);
	if (node->held_from >= 0) {
		ratio = zero + constants[8 * n + side];
		for (int k = 0; k < n; k++)
			for (int g = 0; g < groups; g++)
				product[k * groups + g] = LANES_SELECT(
				    held[g], product[k * groups + g], ratio);
	}
	for (int i = 0; i < n * groups; i++)
		product[i] *= above[i];
	for (int g = 0; node->held_to[side] >= 0 && g < groups; g++)
		to[g] = node->held_from >= 0 ? held[g] & take[g] : take[g];
}

/* Takes the feature's part out of what comes back through an edge. */
static LANES_TARGET void
leave_edge(const struct lane_work *work, const struct dq_lane_node *node,
    int side, const lane_mask *take, const lanes *below, lanes *sum)
{
	int n = work->tree->points, groups = work->groups;
	const float *c =
	    work->tree->constants + node->constants + 4 * n * side + 2 * n;
	const lane_mask *held = work->masks + node->held_from * DQ_LANE_GROUPS;
	lanes zero = {0};

	for (int k = 0; k < n; k++, below += groups) {
		lanes gain[2] = {zero + c[k], zero + c[n + k]};

		if (node->held_from < 0)
			for (int g = 0; g < groups; g++)
				sum[g] += below[g] * LANES_SELECT(take[g],
							 gain[0], gain[1]);
		else
			for (int g = 0; g < groups; g++) {
				lanes part =
				    LANES_SELECT(take[g], gain[0], gain[1]);

				sum[g] += below[g] *
					  LANES_SELECT(held[g], part, zero);
			}
	}
}

static LANES_TARGET void
visit(
    const struct lane_work *work, int32_t at, const lanes *above, lanes *below)
{
	const struct dq_lane_node *node = &work->tree->nodes[at];
	int groups = work->groups, vectors = groups * work->tree->points;
	lanes product[LANES_VECTORS], back[LANES_VECTORS];
	lanes sum[DQ_LANE_GROUPS] = {{0}};
	lane_mask take[DQ_LANE_GROUPS];

	if (node->folded) {
		visit_folded(work, node, above, below);
		return;
	}
	lanes_left(work->columns, work->columns_step, groups, node->column,
	    node->threshold, take);
	for (int side = 0; side < 2; side++) {
		lanes *to = side ? back : below;
		const lanes *from = to;

		enter_edge(work, node, side, take, above, product);
		if (node->child[side] >= 0)
			visit(work, node->child[side], product, to);
		else
			from = product;
		leave_edge(work, node, side, take, from, sum);
		for (int i = 0; side ? i < vectors : from != to && i < vectors;
		     i++)
			below[i] = side ? below[i] + from[i] : from[i];
		for (int g = 0; g < groups; g++)
			take[g] = ~take[g];
	}
	lanes_add(work, node->feature, sum);
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
