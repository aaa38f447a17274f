#include "model/interventional.h"

#include "base/hash.h"
#include "base/mem.h"
#include "model/leaf_game.h"

#include <stdlib.h>

struct leaf {
	int32_t node;
	int32_t features; /* where those of its players begin */
	struct dq_leaf_game game;
};

/* On every path the features are numbered as they come from the root down:
 * they are its players, and below a node all paths agree on them. */
struct tree {
	const struct dq_tree *tree;
	uint8_t *player; /* by node: of the edge that leads here */
	struct leaf *leaves;
	int32_t count;
	int32_t *features;
};

struct dq_interventional {
	struct tree *trees;
	size_t count, width;
	size_t bytes;
	size_t nodes;	  /* of the largest tree */
	bool borrows;	  /* the trees */
	uint64_t *missed; /* by node of a tree: players that the row misses */
	double part[DQ_PLAYERS_LIMIT + 1][DQ_PLAYERS_LIMIT + 1];
};

/* Counts how often each mask comes: a table of a power of two of places. */
struct tally {
	uint64_t *masks;
	uint32_t *counts;
	uint32_t *used; /* places, in the order in which masks came */
	size_t places, distinct;
};

struct builder {
	const struct dq_background *background;
	struct tally tally;
	bool *left;
	uint64_t **missed; /* by level: of each row of the background */
	struct tree *tree;
	size_t bytes; /* of all leaves */
	int32_t features;
	int32_t path[DQ_PLAYERS_LIMIT];
};

static void
tally_init(struct tally *tally, size_t rows)
{
	for (tally->places = 16; tally->places < 2 * rows;)
		tally->places *= 2;
	tally->masks = dq_calloc(tally->places, sizeof(*tally->masks));
	tally->counts = dq_calloc(tally->places, sizeof(*tally->counts));
	tally->used = dq_calloc(rows, sizeof(*tally->used));
}

static void
tally_release(struct tally *tally)
{
	free(tally->masks);
	free(tally->counts);
	free(tally->used);
}

static void
tally_add(struct tally *tally, uint64_t mask)
{
	size_t at = dq_hash_mix(mask) & (tally->places - 1);

	while (tally->counts[at] && tally->masks[at] != mask)
		at = (at + 1) & (tally->places - 1);
	if (!tally->counts[at]++) {
		tally->masks[at] = mask;
		tally->used[tally->distinct++] = (uint32_t)at;
	}
}

static void
tally_clear(struct tally *tally)
{
	for (size_t i = 0; i < tally->distinct; i++)
		tally->counts[tally->used[i]] = 0;
	tally->distinct = 0;
}

static void
add_leaf(struct builder *b, int32_t at, int players, const uint64_t *missed)
{
	struct tree *tree = b->tree;
	struct leaf *leaf = &tree->leaves[tree->count++];
	double rows = (double)b->background->count;
	size_t count;
	struct dq_miss *misses;

	for (size_t i = 0; i < b->background->count; i++)
		tally_add(&b->tally, missed[i]);
	count = b->tally.distinct;
	misses = dq_calloc(count, sizeof(*misses));
	for (size_t i = 0; i < count; i++) {
		uint32_t place = b->tally.used[i];

		misses[i].players = b->tally.masks[place];
		misses[i].weight =
		    tree->tree->nodes[at].value * b->tally.counts[place] / rows;
	}
	tally_clear(&b->tally);
	leaf->node = at;
	leaf->features = b->features;
	memcpy(tree->features + b->features, b->path,
	    (size_t)players * sizeof(*b->path));
	b->features += players;
	b->bytes += dq_leaf_game_init(
	    &leaf->game, players, misses, count, b->background);
}

static bool
is_full(const struct builder *b)
{
	return b->bytes > DQ_INTERVENTIONAL_LIMIT;
}

/* The number of the feature on the path, a new one where it is not there. */
static int
player_of(struct builder *b, int32_t feature, int *players)
{
	for (int i = 0; i < *players; i++)
		if (b->path[i] == feature)
			return i;
	b->path[*players] = feature;
	return (*players)++;
}

static void
add_node(struct builder *b, int32_t at, int level, int players)
{
	const struct dq_node *node = &b->tree->tree->nodes[at];
	int32_t children[2] = {node->left, node->right};
	uint64_t *above = b->missed[level], *below = b->missed[level + 1];
	int player;

	if (!node->left) {
		add_leaf(b, at, players, above);
		return;
	}
	player = player_of(b, node->feature, &players);
	for (int side = 0; side < 2 && !is_full(b); side++) {
		dq_background_left(b->background, node, b->left);
		for (size_t i = 0; i < b->background->count; i++)
			below[i] = above[i] | (uint64_t)(b->left[i] == side)
						  << player;
		b->tree->player[children[side]] = (uint8_t)player;
		add_node(b, children[side], level + 1, players);
	}
}

static size_t
count_leaf_players(const struct dq_tree *tree)
{
	return (size_t)(tree->count - tree->splits) * (size_t)tree->unique + 1;
}

static void
add_tree(struct dq_interventional *s, struct builder *b,
    const struct dq_tree *source)
{
	struct tree *tree = &s->trees[s->count++];
	size_t leaves = (size_t)(source->count - source->splits);

	*tree = (struct tree){.tree = source};
	tree->player = dq_calloc((size_t)source->count, 1);
	tree->leaves = dq_calloc(leaves, sizeof(*tree->leaves));
	tree->features =
	    dq_calloc(count_leaf_players(source), sizeof(*tree->features));
	b->tree = tree;
	b->features = 0;
	add_node(b, 0, 0, 0);
	s->bytes = b->bytes;
}

static void
builder_init(
    struct builder *b, const struct dq_background *background, int depth)
{
	*b = (struct builder){.background = background};
	tally_init(&b->tally, background->count);
	b->left = dq_calloc(background->count, sizeof(*b->left));
	b->missed = dq_calloc((size_t)depth + 2, sizeof(*b->missed));
	for (int i = 0; i < depth + 2; i++)
		b->missed[i] =
		    dq_calloc(background->count, sizeof(**b->missed));
}

static void
builder_release(struct builder *b, int depth)
{
	for (int i = 0; i < depth + 2; i++)
		free(b->missed[i]);
	free(b->missed);
	free(b->left);
	tally_release(&b->tally);
}

static bool
add_trees(struct dq_interventional *s, struct builder *b,
    const struct dq_forest *forest, struct dq_err *err)
{
	for (size_t i = 0; i < forest->count; i++) {
		if (forest->trees[i].unique > DQ_PLAYERS_LIMIT)
			return dq_err_set(err,
			    "a tree has %d features on a path; it can be "
			    "compared with a background up to %d",
			    forest->trees[i].unique, DQ_PLAYERS_LIMIT);
		add_tree(s, b, &forest->trees[i]);
		if (is_full(b))
			return dq_err_set(err,
			    "trees of more than 8 splits on a path against "
			    "%zu rows take more than %u MiB: give a sample of "
			    "the rows",
			    b->background->count,
			    DQ_INTERVENTIONAL_LIMIT >> 20);
	}
	return true;
}

struct dq_interventional *
dq_interventional_new(const struct dq_forest *forest,
    const struct dq_background *background, struct dq_err *err)
{
	struct dq_interventional *s = dq_calloc(1, sizeof(*s));
	struct builder b;
	int depth = 0;
	bool good;

	s->nodes = 1;
	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];

		depth = tree->depth > depth ? tree->depth : depth;
		if ((size_t)tree->count > s->nodes)
			s->nodes = (size_t)tree->count;
	}
	s->width = forest->names.count;
	s->trees = dq_calloc(forest->count + 1, sizeof(*s->trees));
	s->missed = dq_calloc(s->nodes, sizeof(*s->missed));
	memcpy(s->part, background->part, sizeof(s->part));
	builder_init(&b, background, depth);
	good = add_trees(s, &b, forest, err);
	builder_release(&b, depth);
	if (good)
		return s;
	dq_interventional_free(s);
	return NULL;
}

struct dq_interventional *
dq_interventional_twin(const struct dq_interventional *interventional)
{
	struct dq_interventional *s = dq_calloc(1, sizeof(*s));

	*s = *interventional;
	s->borrows = true;
	s->missed = dq_calloc(s->nodes, sizeof(*s->missed));
	return s;
}

static void
release_trees(struct dq_interventional *s)
{
	for (size_t i = 0; i < s->count; i++) {
		for (int32_t l = 0; l < s->trees[i].count; l++)
			dq_leaf_game_release(&s->trees[i].leaves[l].game);
		free(s->trees[i].player);
		free(s->trees[i].leaves);
		free(s->trees[i].features);
	}
	free(s->trees);
}

void
dq_interventional_free(struct dq_interventional *s)
{
	if (!s)
		return;
	if (!s->borrows)
		release_trees(s);
	free(s->missed);
	free(s);
}

size_t
dq_interventional_bytes(const struct dq_interventional *s)
{
	return s->bytes;
}

static void
find_missed(
    struct dq_interventional *s, const struct tree *tree, const float *x)
{
	const struct dq_node *nodes = tree->tree->nodes;

	for (int32_t i = 1; i < tree->tree->count; i++) {
		const struct dq_node *parent = &nodes[nodes[i].parent];
		bool left = dq_node_left(parent, x[parent->feature]);

		s->missed[i] = s->missed[nodes[i].parent] |
			       (uint64_t)(left != (parent->left == i))
				   << tree->player[i];
	}
}

static void
explain_leaf(const struct dq_interventional *s, const struct tree *tree,
    const struct leaf *leaf, double *phi)
{
	const int32_t *features = tree->features + leaf->features;
	double sums[DQ_PLAYERS_LIMIT];
	const double *got = dq_leaf_game_play(
	    &leaf->game, s->part, s->missed[leaf->node], sums);

	for (int i = 0; i < leaf->game.players; i++)
		phi[features[i]] += got[i];
}

void
dq_interventional_explain(
    struct dq_interventional *s, const float *x, double *phi)
{
	memset(phi, 0, s->width * sizeof(*phi));
	for (size_t i = 0; i < s->count; i++) {
		const struct tree *tree = &s->trees[i];

		find_missed(s, tree, x);
		for (int32_t l = 0; l < tree->count; l++)
			explain_leaf(s, tree, &tree->leaves[l], phi);
	}
}
