#include "model/lone.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* Units whose table rows are on their way from memory together. */
#define UNITS 32

/* Four points, or four splits; as everywhere the number of points is a
 * multiple of four. */
typedef float four __attribute__((vector_size(16), aligned(4)));

struct dq_lone {
	size_t width;
	float *columns; /* as DQ_LANE_COLUMNS, one float each */
	float *sums;	/* as DQ_LANE_SUMS, one float each */
	uint8_t *held;	/* by mask */
	/* By split that is not folded: its constants; through the left edge
	 * and through the right one what goes down, then what comes up, n
	 * floats each. */
	const float **constants;
	float *products;
	float *parts;  /* by split: what its sum is made of, point by point */
	float *totals; /* by split: its sum */
};

struct dq_lone *
dq_lone_new(size_t width, size_t splits, size_t masks)
{
	struct dq_lone *lone = dq_calloc(1, sizeof(*lone));
	size_t points = 2 * DQ_LANE_POINTS_LIMIT * (splits + DQ_LANES);

	lone->width = width;
	lone->columns =
	    dq_calloc_aligned(DQ_LANE_COLUMNS(width), sizeof(float));
	lone->sums = dq_calloc_aligned(DQ_LANE_SUMS(width), sizeof(float));
	lone->held = dq_calloc(masks + DQ_MASK_FIRST, sizeof(*lone->held));
	lone->held[DQ_MASK_ALL] = 1;
	lone->constants = dq_calloc(splits + 1, sizeof(*lone->constants));
	lone->products = dq_calloc_aligned(points, sizeof(float));
	lone->parts = dq_calloc_aligned(points, sizeof(float));
	lone->totals = dq_calloc_aligned(splits + DQ_LANES, sizeof(float));
	return lone;
}

void
dq_lone_free(struct dq_lone *lone)
{
	if (!lone)
		return;
	free(lone->columns);
	free(lone->sums);
	free(lone->held);
	free(lone->constants);
	free(lone->products);
	free(lone->parts);
	free(lone->totals);
	free(lone);
}

void
dq_lone_load(struct dq_lone *lone, const float *row)
{
	size_t width = lone->width;

	for (size_t c = 0; c < width; c++) {
		lone->columns[c] = isnan(row[c]) ? -INFINITY : row[c];
		lone->columns[width + c] = isnan(row[c]) ? INFINITY : row[c];
	}
	lone->columns[2 * width] = -INFINITY;
}

void
dq_lone_flush(struct dq_lone *lone, double *phi)
{
	for (size_t f = 0; f < lone->width; f++)
		phi[f] += (double)lone->sums[f];
	memset(lone->sums, 0, DQ_LANE_SUMS(lone->width) * sizeof(float));
}

/* Bit i: the row goes left at split i of four. */
static inline uint32_t
left_of_four(const float *columns, const int32_t *at, const float *thresholds)
{
	four x = {
	    columns[at[0]], columns[at[1]], columns[at[2]], columns[at[3]]};
#if defined(__x86_64__)
	return (uint32_t)__builtin_ia32_movmskps(x < *(const four *)thresholds);
#else
	uint32_t bits = 0;

	for (int i = 0; i < 4; i++)
		bits |= (uint32_t)(x[i] < thresholds[i]) << i;
	return bits;
#endif
}

void
dq_lone_table(struct dq_lone *lone, const struct dq_unit_tree *tree)
{
	const float *rows[UNITS];
	float *sums = lone->sums;

	for (int32_t begin = 0; begin < tree->count; begin += UNITS) {
		const struct dq_unit *units = tree->units + begin;
		int32_t left = tree->count - begin;
		int32_t count = left < UNITS ? left : UNITS;

		for (int32_t u = 0; u < count; u++) {
			const struct dq_unit *unit = &units[u];
			uint32_t row =
			    left_of_four(
				lone->columns, unit->column, unit->threshold) |
			    left_of_four(lone->columns, unit->column + 4,
				unit->threshold + 4)
				<< 4;

			rows[u] = tree->table[unit->table + row];
			__builtin_prefetch(rows[u]);
		}
		for (int32_t u = 0; u < count; u++)
			for (int i = 0; i < units[u].splits; i++)
				sums[units[u].feature[i]] += rows[u][i];
	}
}

/* The constants for this row of a split that has `step` floats of them for
 * each way, and who holds from here on. */
static inline const float *
decide(struct dq_lone *lone, const struct dq_lane_node *node,
    const float *constants, int step)
{
	uint32_t left = lone->columns[node->column] < node->threshold;
	uint32_t held = lone->held[node->held_from];

	lone->held[node->held_to[0]] = (uint8_t)(held & left);
	lone->held[node->held_to[1]] = (uint8_t)(held & ~left);
	/* 0: left, 1: right, 2: had left before */
	return constants + node->constants +
	       (size_t)(2 - held - (held & left)) * (size_t)step;
}

static inline four *
at(float *floats, int32_t i)
{
	return (four *)(void *)(floats + i);
}

static inline four
get(const float *floats, int32_t i)
{
	return *(const four *)(const void *)(floats + i);
}

/* Products from the root down to the last splits, and up through those. */
static inline __attribute__((always_inline)) void
go_down(struct dq_lone *lone, const struct dq_lane_tree *tree, int n)
{
	float *products = lone->products, *folded = lone->parts;

	for (int32_t i = 0; i < tree->inner; i++) {
		const struct dq_lane_node *node = &tree->nodes[i];
		const float *c = decide(lone, node, tree->constants, 4 * n);

		lone->constants[i] = c;
		for (int k = 0; k < n; k += 4) {
			four above = get(products, node->from * n + k);

			*at(products, 2 * i * n + k) = above * get(c, k);
			*at(products, (2 * i + 1) * n + k) =
			    above * get(c, n + k);
		}
	}
	folded += 2 * n * ((tree->inner + 3) / 4 * 4);
	for (int32_t i = tree->inner; i < tree->splits; i++, folded += n) {
		const struct dq_lane_node *node = &tree->nodes[i];
		const float *c = decide(lone, node, tree->constants, 2 * n);

		for (int k = 0; k < n; k += 4) {
			four above = get(products, node->from * n + k);

			*at(products, node->from * n + k) = above * get(c, k);
			*at(folded, k) = above * get(c, n + k);
		}
	}
}

static inline __attribute__((always_inline)) void
go_up(struct dq_lone *lone, const struct dq_lane_tree *tree, int n)
{
	float *products = lone->products, *parts = lone->parts;

	for (int32_t i = tree->inner - 1; i >= 0; i--) {
		const float *c = lone->constants[i] + 2 * n;
		int32_t from = tree->nodes[i].from * n;

		for (int k = 0; k < n; k += 4) {
			four left = get(products, 2 * i * n + k);
			four right = get(products, (2 * i + 1) * n + k);

			*at(parts, 2 * i * n + k) = left * get(c, k);
			*at(parts, (2 * i + 1) * n + k) = right * get(c, n + k);
			*at(products, from + k) = left + right;
		}
	}
}

/* Sums of `count` rows of m floats, each from the first to the last, of four
 * rows at once. */
static inline __attribute__((always_inline)) void
add_up(const float *parts, int32_t count, int m, float *totals)
{
	for (int32_t i = 0; i < count; i += 4, parts += 4 * m) {
		four sum = {0};

		for (int k = 0; k < m; k += 4) {
			four a = get(parts, k), b = get(parts, m + k);
			four c = get(parts, 2 * m + k),
			     d = get(parts, 3 * m + k);
			four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
			four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
			four up = __builtin_shufflevector(a, b, 2, 6, 3, 7);
			four to = __builtin_shufflevector(c, d, 2, 6, 3, 7);

			sum += __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
			sum += __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
			sum += __builtin_shufflevector(up, to, 0, 1, 4, 5);
			sum += __builtin_shufflevector(up, to, 2, 3, 6, 7);
		}
		*at(totals, i) = sum;
	}
}

static inline __attribute__((always_inline)) void
quadrature(struct dq_lone *lone, const struct dq_lane_tree *tree,
    const float *weights, int n)
{
	int32_t inner = tree->inner, folded = tree->splits - inner;
	/* Rows of four at a time: the last four may be part of others. */
	int32_t behind = 2 * n * ((inner + 3) / 4 * 4);
	float *totals = lone->totals;

	memcpy(lone->products + 2 * inner * n, weights,
	    (size_t)n * sizeof(*weights));
	go_down(lone, tree, n);
	go_up(lone, tree, n);
	add_up(lone->parts, inner, 2 * n, totals);
	add_up(lone->parts + behind, folded, n, totals + inner);
	for (int32_t i = 0; i < tree->splits; i++)
		lone->sums[tree->sums[i].feature] +=
		    totals[tree->sums[i].split];
}

void
dq_lone_quadrature(
    struct dq_lone *lone, const struct dq_lane_tree *tree, const float *weights)
{
	if (tree->points == 4)
		quadrature(lone, tree, weights, 4);
	else if (tree->points == 8)
		quadrature(lone, tree, weights, 8);
	else
		quadrature(lone, tree, weights, 16);
}
