/* The source of the kernels of lanes.h, compiled once per machine: the
 * including file says for which, or nothing and gets plain C.
 *
 *     LANES_TARGET          attribute of every function
 *     LANES_SELECT(m, a, b) lane by lane: a where mask m is set, else b
 *     LANES_TRANSPOSE(in, at, out)
 *                           out[i] lane l = in[at[l] + i], for eight of each
 *     LANES_LOOKUP(from, count, at, out)
 *                           out lane l = from[at[l]], one of at most 32
 *
 * Groups of rows are the innermost loops: what a node has to be asked, and
 * its constants, are fetched once for all of them. */
#ifndef DQ_MODEL_LANES_KERNEL_H
#define DQ_MODEL_LANES_KERNEL_H

#include "model/lanes.h"

#include <math.h>

typedef float lanes __attribute__((vector_size(4 * DQ_LANES)));
typedef int32_t lane_mask __attribute__((vector_size(4 * DQ_LANES)));
typedef uint32_t lane_bits __attribute__((vector_size(4 * DQ_LANES)));
typedef double lane_doubles
    __attribute__((vector_size(8 * DQ_LANES), aligned(4 * DQ_LANES)));

#ifndef LANES_TARGET
#define LANES_TARGET __attribute__((unused))
#define LANES_SELECT(m, a, b)                                                  \
	((lanes)(((m) & (lane_mask)(a)) | (~(m) & (lane_mask)(b))))
#define LANES_TRANSPOSE(in, at, out) transpose((in), (at), (float *)(out))

static inline void
transpose(const float *in, const uint32_t *at, float *out)
{
	for (int lane = 0; lane < DQ_LANES; lane++) {
		const float *row = in + at[lane];

		for (int i = 0; i < DQ_LANES; i++)
			out[i * DQ_LANES + lane] = row[i];
	}
}

#define LANES_LOOKUP(from, count, at, out)                                     \
	for (int lane_ = 0; lane_ < DQ_LANES; lane_++)                         \
	(out)[lane_] = (from)[(at)[lane_]]
#endif

/* Vectors of a product or a sum: points times groups. */
#define LANES_VECTORS 32

struct lane_work {
	const struct dq_lane_tree *tree;
	const lanes *columns;
	lane_mask *masks;
	lanes *sums;
	int groups;
};

static LANES_TARGET void
lanes_left(const struct lane_work *work, const struct dq_lane_node *node,
    lane_mask *left)
{
	const lanes *x = work->columns + node->column * DQ_LANE_GROUPS;

	for (int g = 0; g < work->groups; g++)
		left[g] = x[g] < node->threshold;
}

static LANES_TARGET void
lanes_add(const struct lane_work *work, int32_t feature, const lanes *sum)
{
	lanes *to = work->sums + feature * DQ_LANE_GROUPS;

	for (int g = 0; g < work->groups; g++)
		to[g] += sum[g];
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

	lanes_left(work, node, left);
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
	lanes_left(work, node, left);
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
	    (lane_mask *)block->masks, (lanes *)block->sums, 0};

	for (size_t g = 0; g < block->groups; g += step) {
		size_t left = block->groups - g;

		work.groups = (int)(left < step ? left : step);
		for (int k = 0; k < tree->points; k++)
			for (int i = 0; i < work.groups; i++)
				above[k * work.groups + i] = zero + weights[k];
		visit(&work, 0, above, below);
		work.columns += step;
		work.sums += step;
	}
}

#define LANES_INLINE LANES_TARGET inline __attribute__((always_inline))

/* Adds what the rows of the table say that begin at so many floats. */
static LANES_INLINE void
add_rows(const float *table, const int32_t *feature, const lane_mask *rows,
    lanes *sums, int groups)
{
	lanes *to[DQ_LANES];

	for (int i = 0; i < DQ_LANES; i++)
		to[i] = sums + feature[i] * DQ_LANE_GROUPS;
	for (int g = 0; g < groups; g++) {
		lanes part[DQ_LANES];
		uint32_t at[DQ_LANES];

		memcpy(at, &rows[g], sizeof(at));
		LANES_TRANSPOSE(table, at, part);
		for (int i = 0; i < DQ_LANES; i++)
			to[i][g] += part[i];
	}
}

/* Sets the bit of split l, as floats of the table, where a row goes left. */
static LANES_INLINE void
ask(const struct dq_unit *unit, int l, const lanes *x, const lane_mask *before,
    lane_mask *rows, int groups)
{
	x += unit->column[l] * DQ_LANE_GROUPS;
	for (int g = 0; g < groups; g++)
		rows[g] =
		    before[g] | ((x[g] < unit->threshold[l]) & (DQ_LANES << l));
}

/* Numbers of rows of the unit's table. */
static LANES_INLINE void
find_rows(const struct dq_unit *unit, const lanes *x,
    lane_mask (*bits)[DQ_LANE_GROUPS], lane_mask *rows, int groups)
{
	for (int l = unit->enter; l < unit->level; l++)
		ask(unit, l, x, bits[l], bits[l + 1], groups);
	for (int g = 0; g < groups; g++)
		rows[g] = bits[unit->level][g];
	for (int l = unit->level; l < unit->splits; l++)
		ask(unit, l, x, rows, rows, groups);
}

/* Tables are larger than near caches: rows are sent for. */
static LANES_INLINE void
send_for(const float *table, const lane_mask *rows, int groups)
{
	for (int g = 0; g < groups; g++) {
		uint32_t at[DQ_LANES];

		memcpy(at, &rows[g], sizeof(at));
		for (int i = 0; i < DQ_LANES; i++)
			__builtin_prefetch(table + at[i]);
	}
}

static LANES_INLINE void
unit_table_groups(const struct dq_unit_tree *tree,
    const struct dq_lane_block *block, int groups)
{
	const lanes *x = (const lanes *)block->columns;
	/* The bits of the path down to each level. */
	lane_mask bits[DQ_LANES + 1][DQ_LANE_GROUPS];
	lane_mask rows[2][DQ_LANE_GROUPS];

	memset(bits, 0, sizeof(bits[0]));
	find_rows(tree->units, x, bits, rows[0], groups);
	for (int32_t u = 0; u < tree->count; u++) {
		const struct dq_unit *unit = &tree->units[u];

		if (u + 1 < tree->count) {
			find_rows(unit + 1, x, bits, rows[(u + 1) % 2], groups);
			send_for(tree->table[unit[1].table], rows[(u + 1) % 2],
			    groups);
		}
		add_rows(tree->table[unit->table], unit->feature, rows[u % 2],
		    (lanes *)block->sums, groups);
	}
}

/* A constant number of groups keeps rows[] in registers. */
static LANES_TARGET __attribute__((noinline)) void
unit_table_full(
    const struct dq_unit_tree *tree, const struct dq_lane_block *block)
{
	unit_table_groups(tree, block, DQ_LANE_GROUPS);
}

static LANES_TARGET void
unit_table(const struct dq_unit_tree *tree, const struct dq_lane_block *block)
{
	if (block->groups == DQ_LANE_GROUPS)
		unit_table_full(tree, block);
	else
		unit_table_groups(tree, block, (int)block->groups);
}

static LANES_TARGET void
lane_flush(const struct dq_lane_block *block)
{
	lanes *sums = (lanes *)block->sums, zero = {0};
	lane_doubles *totals = (lane_doubles *)block->totals;

	for (size_t f = 0; f < block->width; f++)
		for (size_t g = 0; g < block->groups; g++) {
			size_t at = f * DQ_LANE_GROUPS + g;

			totals[at] +=
			    __builtin_convertvector(sums[at], lane_doubles);
			sums[at] = zero;
		}
}

/* What is left of a tree's leaves for each row. */
static LANES_INLINE void
strike_leaves(const struct dq_mask_tree *tree, const lanes *columns,
    lane_mask *leaves, int groups)
{
	for (int g = 0; g < groups; g++)
		leaves[g] = ~(lane_mask){0};
	for (int32_t i = 0; i < tree->count; i++) {
		const struct dq_mask_split *split = &tree->splits[i];
		const lanes *x = columns + split->column * DQ_LANE_GROUPS;

		for (int g = 0; g < groups; g++)
			leaves[g] &= (x[g] < split->threshold) | split->kept;
	}
}

static LANES_INLINE void
mask_leaf_groups(const struct dq_mask_tree *tree,
    const struct dq_lane_block *block, int groups)
{
	lanes *sums = (lanes *)block->sums;
	lane_doubles *totals = (lane_doubles *)block->totals;
	lane_mask leaves[DQ_LANE_GROUPS];

	strike_leaves(tree, (const lanes *)block->columns, leaves, groups);
	for (int g = 0; g < groups; g++) {
		/* The number of the lowest bit is a float's exponent. */
		lane_bits left = (lane_bits)leaves[g];
		lanes low =
		    __builtin_convertvector((lane_mask)(left & -left), lanes);
		lane_mask at = ((lane_mask)low >> 23 & 0xff) - 127;
		/* By its type's alignment a sanitizer's frame of gcc 14 would
		 * have it, and the loads by its size. */
		lane_doubles values __attribute__((aligned(8 * DQ_LANES)));
		lanes found;

		if (tree->single) {
			LANES_LOOKUP(tree->single, tree->count + 1, at, found);
			sums[g] += found;
			continue;
		}
		for (int l = 0; l < DQ_LANES; l++)
			values[l] = tree->twice[at[l]];
		totals[g] += values;
	}
}

static LANES_TARGET __attribute__((noinline)) void
mask_leaf_full(
    const struct dq_mask_tree *tree, const struct dq_lane_block *block)
{
	mask_leaf_groups(tree, block, DQ_LANE_GROUPS);
}

static LANES_TARGET void
mask_leaf(const struct dq_mask_tree *tree, const struct dq_lane_block *block)
{
	if (block->groups == DQ_LANE_GROUPS)
		mask_leaf_full(tree, block);
	else
		mask_leaf_groups(tree, block, (int)block->groups);
}

static LANES_TARGET void
lane_load(const struct dq_lane_block *block, size_t group,
    const float *const rows[DQ_LANES])
{
	const lanes zero = {0}, infinity = zero + INFINITY;
	lanes *low = (lanes *)block->columns + group;
	lanes *high = low + block->width * DQ_LANE_GROUPS;

	for (size_t c = 0; c < block->width; c++) {
		lanes x = {rows[0][c], rows[1][c], rows[2][c], rows[3][c],
		    rows[4][c], rows[5][c], rows[6][c], rows[7][c]};
		lane_mask known = x == x;

		low[c * DQ_LANE_GROUPS] = LANES_SELECT(known, x, -infinity);
		high[c * DQ_LANE_GROUPS] = LANES_SELECT(known, x, infinity);
	}
	high[block->width * DQ_LANE_GROUPS] = -infinity;
}

#endif
