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
	const struct dq_background *background;
	bool *left;    /* work space: of each row of it */
	uint8_t *bits; /* and what its splits say */

	/* Of the unit in work. */
	int32_t lane_of[2 * SPLITS]; /* its splits by lane: tree nodes */
	int lanes;
	double (*sums)[DQ_LANES];  /* of each table row */
	double share[1 << SPLITS]; /* of the background, by table row */
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

/* For each table row: the players that take all their edges when the splits
 * say so. */
static void
find_holds(const struct builder *b, const struct player *players, int count,
    uint8_t *holds)
{
	unsigned rows = 1u << b->lanes;

	memset(holds, 0, rows);
	for (int i = 0; i < count; i++)
		for (unsigned bits = 0; bits < rows; bits++)
			holds[bits] |= (uint8_t)(((bits & players[i].mask) ==
						     players[i].wanted)
						 << i);
}

/* The same against the part of the background, `value` of the leaf in all,
 * whose players `theirs` take their edges: for all sets that could be ours. */
static void
share_against(const struct builder *b, int count, unsigned theirs, double value,
    double (*got)[SPLITS])
{
	unsigned gained = ~theirs & ((1u << count) - 1), lost = theirs;
	int gains = __builtin_popcount(gained);

	for (;; lost = (lost - 1) & theirs) {
		int losses = __builtin_popcount(lost);
		double up = value * b->background->part[gains][losses];
		double down = value * b->background->part[losses][gains];
		double *to = got[(gained | theirs) & ~lost];

		for (int i = 0; i < count; i++)
			to[i] +=
			    (gained >> i & 1) * up - (lost >> i & 1) * down;
		if (!lost)
			return;
	}
}

static void
share_background(const struct builder *b, const uint8_t *holds, int count,
    double value, double (*got)[SPLITS])
{
	double share[1 << SPLITS] = {0};

	for (unsigned bits = 0; bits < 1u << b->lanes; bits++)
		share[holds[bits]] += b->share[bits];
	memset(got, 0, ((size_t)1 << count) * sizeof(*got));
	for (unsigned theirs = 0; theirs < 1u << count; theirs++)
		if (share[theirs])
			share_against(
			    b, count, theirs, value * share[theirs], got);
}

static void
add_leaf(struct builder *b, int32_t leaf)
{
	struct player players[SPLITS];
	double got[1 << SPLITS][SPLITS];
	double value = b->tree->nodes[leaf].value;
	uint8_t holds[1 << SPLITS];
	int count = find_players(b, leaf, players);

	find_holds(b, players, count, holds);
	if (b->background)
		share_background(b, holds, count, value, got);
	for (unsigned set = 0; !b->background && set < 1u << count; set++)
		share_out(b, players, count, set, value, got[set]);
	for (unsigned bits = 0; bits < 1u << b->lanes; bits++)
		for (int i = 0; i < count; i++)
			b->sums[bits][players[i].lane] += got[holds[bits]][i];
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

/* How much of the background comes to each row of the unit's table. */
static void
find_share(struct builder *b)
{
	size_t count = b->background ? b->background->count : 0;

	memset(b->share, 0, sizeof(b->share));
	memset(b->bits, 0, count * sizeof(*b->bits));
	for (int l = 0; count && l < b->lanes; l++) {
		dq_background_left(
		    b->background, &b->tree->nodes[b->lane_of[l]], b->left);
		for (size_t i = 0; i < count; i++)
			b->bits[i] |= (uint8_t)(b->left[i] << l);
	}
	for (size_t i = 0; i < count; i++)
		b->share[b->bits[i]]++;
	for (int i = 0; count && i < 1 << SPLITS; i++)
		b->share[i] /= (double)count;
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
	find_share(b);
	add_leaves(b, cut->node);
	for (size_t i = 0; i < rows; i++)
		for (int l = 0; l < DQ_LANES; l++)
			tree->table[tree->rows + i][l] = (float)b->sums[i][l];
	tree->rows += rows;
}

void
dq_unit_tree_init(struct dq_unit_tree *unit, const struct dq_tree *tree,
    int limit, size_t width, const struct dq_background *background)
{
	struct dq_unit_plan plan = dq_unit_plan(tree, limit);
	size_t count = background ? background->count : 0;
	struct builder b = {.unit = unit,
	    .tree = tree,
	    .width = width,
	    .background = background};
	struct cutter c;

	*unit = (struct dq_unit_tree){0};
	unit->units =
	    dq_calloc_aligned((size_t)plan.units, sizeof(*unit->units));
	unit->table = dq_calloc_aligned(plan.rows, sizeof(*unit->table));
	b.sums = dq_calloc(1 << SPLITS, sizeof(*b.sums));
	b.left = dq_calloc(count + 1, sizeof(*b.left));
	b.bits = dq_calloc(count + 1, sizeof(*b.bits));
	dq_gauss(POINTS, b.points, b.weights);
	cutter_init(&c, tree, limit);
	for (int32_t i = 0; i < c.count; i++)
		build_unit(
		    &b, &c.cuts[i], i ? common(&c.cuts[i - 1], &c.cuts[i]) : 0);
	unit->bytes = plan.rows * sizeof(*unit->table) +
		      (size_t)plan.units * sizeof(*unit->units);
	cutter_release(&c);
	free(b.sums);
	free(b.left);
	free(b.bits);
}

void
dq_unit_tree_release(struct dq_unit_tree *unit)
{
	free(unit->units);
	free(unit->table);
}
