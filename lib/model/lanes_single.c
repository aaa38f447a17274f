/* The kernels of lanes.h for a lone row: the first lane of the first group.
 * The same operations in the same order, so the same bits. */
#include "model/lanes.h"

/* Four points; as everywhere the number of points is a multiple of four. */
typedef float four __attribute__((vector_size(16), aligned(4)));

struct single {
	const struct dq_lane_tree *tree;
	const float *columns;
	int32_t *masks;
	float *sums;
};

#define MASK(number) masks[(number)*DQ_LANE_GROUPS * DQ_LANES]

static bool
goes_left(const float *columns, int32_t column, float threshold)
{
	return columns[column * DQ_LANES] < threshold;
}

/* One point after the other, as the lanes do. */
static float
add_products(float sum, const float *a, const float *b, int n)
{
	for (int k = 0; k < n; k += 4) {
		four p = *(const four *)(a + k) * *(const four *)(b + k);

		sum = sum + p[0] + p[1] + p[2] + p[3];
	}
	return sum;
}

static void
visit_folded(const struct single *s, const struct dq_lane_node *node,
    const float *above, float *below)
{
	int n = s->tree->points;
	const float *c = s->tree->constants + node->constants;
	bool left = goes_left(s->columns, node->column, node->threshold);
	bool held = node->held_from < 0 || s->MASK(node->held_from);
	const float *up = c + (held ? n * !left : 4 * n);
	const float *gain = c + 2 * n + n * !left;
	float sum = 0;

	for (int k = 0; k < n; k += 4)
		*(four *)(below + k) =
		    *(const four *)(above + k) * *(const four *)(up + k);
	if (held)
		sum = add_products(sum, above, gain, n);
	s->sums[node->feature * DQ_LANES] += sum;
}

static void visit(
    const struct single *s, int32_t at, const float *above, float *below);

/* Through one edge and back; adds to *sum what its feature gets. */
static void
visit_edge(const struct single *s, const struct dq_lane_node *node, int side,
    bool take, const float *above, float *below, float *sum)
{
	int n = s->tree->points;
	const float *constants = s->tree->constants + node->constants;
	const float *c = constants + 4 * n * side + (take ? 0 : n);
	bool held = node->held_from < 0 || s->MASK(node->held_from);
	float product[DQ_LANE_POINTS_LIMIT];

	for (int k = 0; k < n; k++)
		product[k] = above[k] * (held ? c[k] : constants[8 * n + side]);
	if (node->held_to[side] >= 0)
		s->MASK(node->held_to[side]) = held && take;
	if (node->child[side] >= 0)
		visit(s, node->child[side], product, below);
	else
		memcpy(below, product, (size_t)n * sizeof(*below));
	if (held)
		*sum = add_products(*sum, below, c + 2 * n, n);
}

static void
visit(const struct single *s, int32_t at, const float *above, float *below)
{
	const struct dq_lane_node *node = &s->tree->nodes[at];
	float back[DQ_LANE_POINTS_LIMIT], sum = 0;
	bool left;

	if (node->folded) {
		visit_folded(s, node, above, below);
		return;
	}
	left = goes_left(s->columns, node->column, node->threshold);
	visit_edge(s, node, 0, left, above, below, &sum);
	visit_edge(s, node, 1, !left, above, back, &sum);
	for (int k = 0; k < s->tree->points; k += 4)
		*(four *)(below + k) += *(const four *)(back + k);
	s->sums[node->feature * DQ_LANES] += sum;
}

static void
single_quadrature(const struct dq_lane_tree *tree, const float *weights,
    const struct dq_lane_block *block)
{
	struct single s = {tree, block->columns, block->masks, block->sums};
	float below[DQ_LANE_POINTS_LIMIT];

	visit(&s, 0, weights, below);
}

static void
single_table(const struct dq_unit_tree *tree, const struct dq_lane_block *block)
{
	float *sums = block->sums;

	for (int32_t u = 0; u < tree->count; u++) {
		const struct dq_unit *unit = &tree->units[u];
		const float *part =
		    tree->table[dq_unit_row(unit, block->columns)];

		for (int i = 0; i < DQ_LANES; i++)
			sums[unit->feature[i] * DQ_LANES] += part[i];
	}
}

const struct dq_lane_kernels dq_lanes_single = {
    "one row", single_quadrature, single_table};
