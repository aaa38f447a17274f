#include "model/unit_tree.h"

#include "base/mem.h"
#include "model/edge.h"
#include "model/gauss.h"

#include <math.h>
#include <stdlib.h>

#define POINTS 4 /* exact for eight features on a path */
#define SPLITS DQ_UNIT_NODES_LIMIT

/* One subtree and the splits that lead to it. */
struct cut {
	int32_t node;
	int32_t path[SPLITS];
	int level;
};

struct cutter {
	const struct dq_tree *tree;
	int limit;
	int32_t *below; /* by node: splits of its subtree */
	int32_t path[SPLITS];
	struct cut *cuts;
	int32_t count;
	bool failed;
};

static void
count_below(struct cutter *c)
{
	const struct dq_tree *tree = c->tree;

	c->below = dq_calloc((size_t)tree->count, sizeof(*c->below));
	for (int32_t i = tree->count - 1; i >= 0; i--) {
		c->below[i] += tree->nodes[i].left > 0;
		if (i)
			c->below[tree->nodes[i].parent] += c->below[i];
	}
}

static void
cut_node(struct cutter *c, int32_t at, int level)
{
	const struct dq_node *node = &c->tree->nodes[at];

	if (level + c->below[at] <= c->limit) {
		struct cut *cut = &c->cuts[c->count++];

		cut->node = at;
		cut->level = level;
		memcpy(cut->path, c->path, sizeof(c->path));
		return;
	}
	if (level == c->limit) {
		c->failed = true;
		return;
	}
	c->path[level] = at;
	cut_node(c, node->left, level + 1);
	cut_node(c, node->right, level + 1);
}

static void
cutter_init(struct cutter *c, const struct dq_tree *tree, int limit)
{
	*c = (struct cutter){.tree = tree, .limit = limit};
	count_below(c);
	c->cuts = dq_calloc((size_t)tree->splits + 1, sizeof(*c->cuts));
	cut_node(c, 0, 0);
}

static void
cutter_release(struct cutter *c)
{
	free(c->below);
	free(c->cuts);
}

/* Levels that two cuts have in common. */
static int
common(const struct cut *a, const struct cut *b)
{
	int l = 0;

	while (l < a->level && l < b->level && a->path[l] == b->path[l])
		l++;
	return l;
}

struct dq_unit_plan
dq_unit_plan(const struct dq_tree *tree, int limit)
{
	struct dq_unit_plan plan = {0};
	struct cutter c;

	cutter_init(&c, tree, limit);
	for (int32_t i = 0; !c.failed && i < c.count; i++) {
		const struct cut *cut = &c.cuts[i];

		plan.units++;
		plan.rows += (size_t)1 << (cut->level + c.below[cut->node]);
	}
	cutter_release(&c);
	return plan;
}

struct builder {
	struct dq_unit_tree *unit;
	const struct dq_tree *tree;
	size_t width;
	double points[POINTS], weights[POINTS];

	/* Of the unit in work. */
	int32_t lane_of[2 * SPLITS]; /* its splits by lane: tree nodes */
	int lanes;
	double (*sums)[DQ_LANES]; /* of each table row */
};

/* A feature on the path to a leaf. */
struct player {
	int lane;	 /* of its first split there */
	unsigned mask;	 /* bits of its splits */
	unsigned wanted; /* and what they are where the row takes them all */
	double share;	 /* product of its cover ratios */
	int32_t feature;
};

static int
lane_of(const struct builder *b, int32_t node)
{
	int lane = 0;

	while (b->lane_of[lane] != node)
		lane++;
	return lane;
}

/* From the leaf upwards: the first edge met of a feature has its share, the
 * last its lane. */
static int
find_players(const struct builder *b, int32_t leaf, struct player *players)
{
	const struct dq_node *nodes = b->tree->nodes;
	int count = 0, i;

	for (int32_t at = leaf; at; at = nodes[at].parent) {
		const struct dq_node *split = &nodes[nodes[at].parent];
		int lane = lane_of(b, nodes[at].parent);

		for (i = 0; i < count; i++)
			if (players[i].feature == split->feature)
				break;
		if (i == count)
			players[count++] =
			    (struct player){.feature = split->feature,
				.share = nodes[at].share};
		players[i].lane = lane;
		players[i].mask |= 1u << lane;
		if (split->left == at)
			players[i].wanted |= 1u << lane;
	}
	return count;
}

/* What each player gets when the set `holds` of them take all their edges. */
static void
share_out(const struct builder *b, const struct player *players, int count,
    unsigned holds, double value, double *got)
{
	for (int i = 0; i < count; i++)
		got[i] = 0;
	for (int k = 0; k < POINTS; k++) {
		double t = b->points[k], product = value * b->weights[k];

		for (int i = 0; i < count; i++)
			product *=
			    players[i].share * (1 - t) + (holds >> i & 1) * t;
		for (int i = 0; i < count; i++) {
			double r = players[i].share;

			got[i] += product *
				  (holds >> i & 1 ? (1 - r) / (r * (1 - t) + t)
						  : -1 / (1 - t));
		}
	}
}

static void
add_leaf(struct builder *b, int32_t leaf)
{
	struct player players[SPLITS];
	double got[1 << SPLITS][SPLITS];
	int count = find_players(b, leaf, players);

	for (unsigned holds = 0; holds < 1u << count; holds++)
		share_out(b, players, count, holds, b->tree->nodes[leaf].value,
		    got[holds]);
	for (unsigned bits = 0; bits < 1u << b->lanes; bits++) {
		unsigned holds = 0;

		for (int i = 0; i < count; i++)
			if ((bits & players[i].mask) == players[i].wanted)
				holds |= 1u << i;
		for (int i = 0; i < count; i++)
			b->sums[bits][players[i].lane] += got[holds][i];
	}
}

static void
add_leaves(struct builder *b, int32_t at)
{
	const struct dq_node *node = &b->tree->nodes[at];

	if (!node->left) {
		add_leaf(b, at);
		return;
	}
	add_leaves(b, node->left);
	add_leaves(b, node->right);
}

/* The subtree's splits in depth-first order, behind the path's. */
static void
take_own(struct builder *b, int32_t at)
{
	const struct dq_node *node = &b->tree->nodes[at];

	if (!node->left)
		return;
	b->lane_of[b->lanes++] = at;
	take_own(b, node->left);
	take_own(b, node->right);
}

static void
fill_splits(const struct builder *b, struct dq_unit *unit)
{
	for (int l = 0; l < DQ_LANES; l++) {
		const struct dq_node *node = &b->tree->nodes[b->lane_of[l]];

		unit->threshold[l] = -INFINITY;
		unit->feature[l] = (int32_t)b->width;
		if (l >= b->lanes)
			continue;
		unit->column[l] = dq_lane_column(node, b->width);
		unit->threshold[l] = node->threshold;
		unit->feature[l] = node->feature;
	}
}

static void
build_unit(struct builder *b, const struct cut *cut, int enter)
{
	struct dq_unit_tree *tree = b->unit;
	struct dq_unit *unit = &tree->units[tree->count++];
	size_t rows;

	b->lanes = cut->level;
	memset(b->lane_of, 0, sizeof(b->lane_of));
	memcpy(b->lane_of, cut->path, sizeof(cut->path));
	take_own(b, cut->node);
	unit->table = (uint32_t)tree->rows;
	unit->enter = (uint8_t)enter;
	unit->level = (uint8_t)cut->level;
	unit->splits = (uint8_t)b->lanes;
	fill_splits(b, unit);
	rows = (size_t)1 << b->lanes;
	memset(b->sums, 0, rows * sizeof(*b->sums));
	add_leaves(b, cut->node);
	for (size_t i = 0; i < rows; i++)
		for (int l = 0; l < DQ_LANES; l++)
			tree->table[tree->rows + i][l] = (float)b->sums[i][l];
	tree->rows += rows;
}

void
dq_unit_tree_init(struct dq_unit_tree *unit, const struct dq_tree *tree,
    int limit, size_t width)
{
	struct dq_unit_plan plan = dq_unit_plan(tree, limit);
	struct builder b = {.unit = unit, .tree = tree, .width = width};
	struct cutter c;

	*unit = (struct dq_unit_tree){0};
	unit->units =
	    dq_calloc_aligned((size_t)plan.units, sizeof(*unit->units));
	unit->table = dq_calloc_aligned(plan.rows, sizeof(*unit->table));
	b.sums = dq_calloc(1 << SPLITS, sizeof(*b.sums));
	dq_gauss(POINTS, b.points, b.weights);
	cutter_init(&c, tree, limit);
	for (int32_t i = 0; i < c.count; i++)
		build_unit(
		    &b, &c.cuts[i], i ? common(&c.cuts[i - 1], &c.cuts[i]) : 0);
	unit->bytes = plan.rows * sizeof(*unit->table) +
		      (size_t)plan.units * sizeof(*unit->units);
	cutter_release(&c);
	free(b.sums);
}

void
dq_unit_tree_release(struct dq_unit_tree *unit)
{
	free(unit->units);
	free(unit->table);
}
