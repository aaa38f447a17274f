#include "model/symmetric.h"

#include "base/mem.h"
#include "model/order.h"

#include <stdlib.h>

#define ROWS DQ_SYMMETRIC_ROWS
#define DEPTH_LIMIT 16

typedef int32_t four __attribute__((vector_size(16)));

struct level {
	int32_t threshold; /* left: below */
	uint32_t column;
};

struct dq_symmetric {
	struct level *levels; /* of all trees, from the root down */
	double *leaves;	      /* of all trees, right to left */
	int *depths;
	size_t count, width;
	double base;
	bool in_double;
	/* Numbers in order (order.h) with the sign's bit turned, as vectors
	 * compare signed ones: column by column, ROWS each; first with missing
	 * on the left, then with missing on the right. */
	int32_t *columns;
	bool borrows; /* all but the columns */
};

static bool
same_question(const struct dq_node *a, const struct dq_node *b)
{
	return a->left && b->left && a->feature == b->feature &&
	       a->default_left == b->default_left &&
	       dq_order(a->threshold) == dq_order(b->threshold);
}

/* Nodes stand level by level, so those of a level follow its first. */
static bool
is_symmetric(const struct dq_tree *tree)
{
	if (tree->depth > DEPTH_LIMIT || tree->count != (2 << tree->depth) - 1)
		return false;
	for (int32_t i = 0; i < tree->splits; i++) {
		int level = 31 - __builtin_clz((unsigned)i + 1);
		int32_t first = (1 << level) - 1;

		if (!same_question(&tree->nodes[first], &tree->nodes[i]))
			return false;
	}
	return true;
}

static int32_t
turned(uint32_t order)
{
	return (int32_t)(order ^ 0x80000000u);
}

/* Leaves below `node`, whose answers so far are `at`. */
static void
fill_leaves(const struct dq_tree *tree, int32_t node, size_t at, double *leaves)
{
	const struct dq_node *n = &tree->nodes[node];

	if (!n->left) {
		leaves[at] = n->value;
		return;
	}
	fill_leaves(tree, n->left, 2 * at + 1, leaves);
	fill_leaves(tree, n->right, 2 * at, leaves);
}

static void
fill_tree(const struct dq_symmetric *s, const struct dq_tree *tree,
    struct level *levels, double *leaves)
{
	for (int l = 0; l < tree->depth; l++) {
		const struct dq_node *node = &tree->nodes[(1 << l) - 1];
		size_t half = node->default_left ? 0 : s->width;

		levels[l] = (struct level){turned(dq_order(node->threshold)),
		    (uint32_t)((size_t)node->feature + half)};
	}
	fill_leaves(tree, 0, 0, leaves);
}

static void
make_work_space(struct dq_symmetric *s)
{
	s->columns =
	    dq_calloc_aligned(2 * s->width + 1, ROWS * sizeof(*s->columns));
}

struct dq_symmetric *
dq_symmetric_new(const struct dq_forest *forest)
{
	struct dq_symmetric *s;
	size_t levels = 0, leaves = 0;

	for (size_t i = 0; i < forest->count; i++) {
		if (!is_symmetric(&forest->trees[i]))
			return NULL;
		levels += (size_t)forest->trees[i].depth;
		leaves += (size_t)1 << forest->trees[i].depth;
	}
	s = dq_calloc(1, sizeof(*s));
	s->count = forest->count;
	s->width = forest->names.count;
	s->in_double = forest->in_double;
	s->base =
	    forest->in_double ? forest->base : (double)(float)forest->base;
	s->levels = dq_calloc(levels + 1, sizeof(*s->levels));
	s->leaves = dq_calloc(leaves + 1, sizeof(*s->leaves));
	s->depths = dq_calloc(s->count + 1, sizeof(*s->depths));
	make_work_space(s);
	levels = leaves = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];

		s->depths[i] = tree->depth;
		fill_tree(s, tree, s->levels + levels, s->leaves + leaves);
		levels += (size_t)tree->depth;
		leaves += (size_t)1 << tree->depth;
	}
	return s;
}

struct dq_symmetric *
dq_symmetric_twin(const struct dq_symmetric *symmetric)
{
	struct dq_symmetric *s = dq_calloc(1, sizeof(*s));

	*s = *symmetric;
	s->borrows = true;
	make_work_space(s);
	return s;
}

void
dq_symmetric_free(struct dq_symmetric *s)
{
	if (!s)
		return;
	if (!s->borrows) {
		free(s->levels);
		free(s->leaves);
		free(s->depths);
	}
	free(s->columns);
	free(s);
}

static void
load_rows(const struct dq_symmetric *s, const float *rows, size_t count)
{
	for (size_t r = 0; r < count; r++)
		for (size_t c = 0; c < s->width; c++) {
			float x = rows[r * s->width + c];
			bool missing = x != x;
			int32_t known = turned(dq_order(x));
			int32_t *to = s->columns + c * ROWS + r;

			to[0] = missing ? INT32_MIN : known;
			to[s->width * ROWS] = missing ? INT32_MAX : known;
		}
}

/* Answers of all ROWS rows, so many at a time that they stay in registers;
 * where there are fewer, the rest is of rows before. */
static void
answer(const struct dq_symmetric *s, const struct level *levels, int depth,
    int32_t *at)
{
	for (size_t r = 0; r < ROWS; r += 16) {
		four a = {0}, b = {0}, c = {0}, d = {0};

		for (int l = 0; l < depth; l++) {
			const four *x =
			    (const four *)(const void *)(s->columns +
							 levels[l].column *
							     ROWS +
							 r);

			/* A comparison that holds is -1. */
			a = a + a - (x[0] < levels[l].threshold);
			b = b + b - (x[1] < levels[l].threshold);
			c = c + c - (x[2] < levels[l].threshold);
			d = d + d - (x[3] < levels[l].threshold);
		}
		memcpy(at + r, (four[]){a, b, c, d}, 16 * sizeof(*at));
	}
}

void
dq_symmetric_run(
    struct dq_symmetric *s, const float *rows, size_t count, double *margins)
{
	const struct level *levels = s->levels;
	const double *leaves = s->leaves;
	int32_t at[ROWS];

	load_rows(s, rows, count);
	for (size_t r = 0; r < count; r++)
		margins[r] = s->base;
	for (size_t i = 0; i < s->count; i++) {
		answer(s, levels, s->depths[i], at);
		if (s->in_double)
			for (size_t r = 0; r < count; r++)
				margins[r] += leaves[at[r]];
		else
			for (size_t r = 0; r < count; r++)
				margins[r] = (double)((float)margins[r] +
						      (float)leaves[at[r]]);
		levels += s->depths[i];
		leaves += (size_t)1 << s->depths[i];
	}
}
