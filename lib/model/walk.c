#include "model/walk.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define FLIGHT 8 /* trees at once: their loads wait for memory together */
#define ROWS 64	 /* rows that a flight of trees is done for in turn */

/* The children of a split stand side by side. A leaf leads to itself. */
struct step {
	int32_t column;
	float threshold;
	int32_t left;
};

struct flight {
	int32_t roots[FLIGHT];
	int depth; /* of its deepest tree */
	int count; /* the last flight may be short */
};

struct dq_walk {
	struct step *steps; /* of all trees */
	double *values;	    /* the same, leaves only */
	struct flight *flights;
	size_t count;
	size_t width;
	double base;
	bool in_double;
	/* Of each row: missing as -infinity, which goes left; missing as
	 * +infinity, which goes right; -infinity. */
	float *columns;
};

static void
add_tree(struct dq_walk *walk, const struct dq_tree *tree, int32_t first)
{
	for (int32_t i = 0; i < tree->count; i++) {
		const struct dq_node *node = &tree->nodes[i];
		struct step *step = &walk->steps[first + i];

		*step = (struct step){
		    (int32_t)(2 * walk->width), INFINITY, first + i};
		walk->values[first + i] = node->value;
		if (!node->left)
			continue;
		step->column = node->feature +
			       (node->default_left ? 0 : (int32_t)walk->width);
		step->threshold = node->threshold;
		step->left = first + node->left;
	}
}

struct dq_walk *
dq_walk_new(const struct dq_forest *forest)
{
	struct dq_walk *walk = dq_calloc(1, sizeof(*walk));
	size_t nodes = 0;
	int32_t first = 0;

	for (size_t i = 0; i < forest->count; i++)
		nodes += (size_t)forest->trees[i].count;
	walk->width = forest->names.count;
	walk->in_double = forest->in_double;
	walk->base =
	    forest->in_double ? forest->base : (double)(float)forest->base;
	walk->count = (forest->count + FLIGHT - 1) / FLIGHT;
	walk->steps = dq_calloc(nodes + 1, sizeof(*walk->steps));
	walk->values = dq_calloc(nodes + 1, sizeof(*walk->values));
	walk->flights = dq_calloc(walk->count + 1, sizeof(*walk->flights));
	walk->columns = dq_calloc(ROWS * (2 * walk->width + 1), sizeof(float));
	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];
		struct flight *flight = &walk->flights[i / FLIGHT];

		/* A short flight's empty places go where its last tree goes. */
		for (int k = flight->count++; k < FLIGHT; k++)
			flight->roots[k] = first;
		if (tree->depth > flight->depth)
			flight->depth = tree->depth;
		add_tree(walk, tree, first);
		first += tree->count;
	}
	return walk;
}

void
dq_walk_free(struct dq_walk *walk)
{
	if (!walk)
		return;
	free(walk->steps);
	free(walk->values);
	free(walk->flights);
	free(walk->columns);
	free(walk);
}

static inline int32_t
next(const struct step *steps, int32_t at, const float *x)
{
	const struct step *step = &steps[at];

	return step->left + !(x[step->column] < step->threshold);
}

static inline double
add_leaves(const struct dq_walk *walk, const int32_t leaves[FLIGHT], int count,
    double margin)
{
	float single = (float)margin;

	if (walk->in_double) {
		for (int k = 0; k < count; k++)
			margin += walk->values[leaves[k]];
		return margin;
	}
	for (int k = 0; k < count; k++)
		single += (float)walk->values[leaves[k]];
	return (double)single;
}

/* The margin with the leaves of a flight added. Eight variables, not an
 * array: they are to stay in registers. */
static double
fly(const struct dq_walk *walk, const struct flight *flight, const float *x,
    double margin)
{
	const struct step *steps = walk->steps;
	const int32_t *roots = flight->roots;
	int32_t a = roots[0], b = roots[1], c = roots[2], d = roots[3];
	int32_t e = roots[4], f = roots[5], g = roots[6], h = roots[7];

	for (int level = 0; level < flight->depth; level++) {
		a = next(steps, a, x);
		b = next(steps, b, x);
		c = next(steps, c, x);
		d = next(steps, d, x);
		e = next(steps, e, x);
		f = next(steps, f, x);
		g = next(steps, g, x);
		h = next(steps, h, x);
	}
	return add_leaves(
	    walk, (int32_t[]){a, b, c, d, e, f, g, h}, flight->count, margin);
}

static void
load_row(const struct dq_walk *walk, const float *row, float *x)
{
	size_t width = walk->width;

	for (size_t c = 0; c < width; c++) {
		bool missing = row[c] != row[c];

		x[c] = missing ? -INFINITY : row[c];
		x[width + c] = missing ? INFINITY : row[c];
	}
	x[2 * width] = -INFINITY;
}

static void
run_block(
    struct dq_walk *walk, const float *rows, size_t count, double *margins)
{
	size_t columns = 2 * walk->width + 1;

	for (size_t r = 0; r < count; r++) {
		load_row(
		    walk, rows + r * walk->width, walk->columns + r * columns);
		margins[r] = walk->base;
	}
	for (size_t i = 0; i < walk->count; i++)
		for (size_t r = 0; r < count; r++)
			margins[r] = fly(walk, &walk->flights[i],
			    walk->columns + r * columns, margins[r]);
}

void
dq_walk_run(
    struct dq_walk *walk, const float *rows, size_t count, double *margins)
{
	for (size_t r = 0; r < count; r += ROWS)
		run_block(walk, rows + r * walk->width,
		    count - r < ROWS ? count - r : ROWS, margins + r);
}
