#include "model/walk.h"

#include "base/mem.h"
#include "model/leaf_masks.h"
#include "model/order.h"
#include "model/symmetric.h"

#include <stdlib.h>

#define FLIGHT 8 /* trees at once: their loads wait for memory together */
#define ROWS                                                                   \
	DQ_SYMMETRIC_ROWS /* rows that a flight of trees is done for in turn   \
			   */

/* Fewer rows do not pay for the work on many at once. */
#define MANY_ROWS 16

/* Flights up to this depth are kept as full trees, unless that would make
 * more of them than so many places a node. */
#define FULL_DEPTH 10
#define FULL_PLACES 4

/* Rows and thresholds are held as whole numbers (order.h). */
struct question {
	uint32_t threshold; /* left: below */
	uint32_t column;
};

/* A split of a tree that is not full. The children stand side by side; a leaf
 * leads to itself. */
struct step {
	struct question question;
	uint32_t left;
};

struct flight {
	int depth; /* of its deepest tree */
	bool full;
	/* Full: where its trees begin, 2^depth places each. A leaf above the
	 * last level goes on to the right. */
	size_t first;
	uint32_t roots[FLIGHT]; /* else */
};

struct dq_walk {
	struct flight *flights;
	size_t count;
	struct question *questions; /* of full trees: level by level from 1 */
	struct step *steps;	    /* of others */
	/* Leaves of full trees, right to left; for others as the steps. In
	 * float or in double as the forest says, the rest is NULL. */
	float *full_single, *step_single;
	double *full_double, *step_double;
	size_t width;
	double base;
	/* Of each row, in order (order.h): missing as 0, which goes left;
	 * missing as the largest, which goes right; and one 0. */
	uint32_t *columns;
	/* For many rows, where it can be; one of them or none. */
	struct dq_symmetric *symmetric;
	struct dq_leaf_masks *masks;
	bool borrows; /* all but the columns */
};

static struct question
question_of(const struct dq_walk *walk, const struct dq_node *node)
{
	size_t half = node->default_left ? 0 : walk->width;

	return (struct question){dq_order(node->threshold),
	    (uint32_t)((size_t)node->feature + half)};
}

static void
set_value(float *single, double *twice, size_t at, double value)
{
	if (single)
		single[at] = (float)value;
	else
		twice[at] = value;
}

/* The tree below `node` from place `at` of a level on; `first` is place 0. */
static void
fill_full(struct dq_walk *walk, const struct dq_tree *tree, int32_t node,
    size_t first, size_t at, size_t places)
{
	const struct dq_node *n = &tree->nodes[node];

	if (at >= places) {
		set_value(walk->full_single, walk->full_double,
		    first + at - places, n->value);
		return;
	}
	if (n->left)
		walk->questions[first + at] = question_of(walk, n);
	fill_full(
	    walk, tree, n->left ? n->left : node, first, 2 * at + 1, places);
	fill_full(walk, tree, n->left ? n->right : node, first, 2 * at, places);
}

static void
fill_steps(struct dq_walk *walk, const struct dq_tree *tree, uint32_t first)
{
	for (uint32_t i = 0; i < (uint32_t)tree->count; i++) {
		const struct dq_node *node = &tree->nodes[i];
		struct step *step = &walk->steps[first + i];

		*step =
		    (struct step){{1, (uint32_t)(2 * walk->width)}, first + i};
		set_value(walk->step_single, walk->step_double, first + i,
		    node->value);
		if (node->left)
			*step = (struct step){question_of(walk, node),
			    first + (uint32_t)node->left};
	}
}

/* The trees of a flight, how deep, and whether as full ones. Returns the
 * number of them. */
static size_t
plan_flight(
    const struct dq_forest *forest, size_t number, struct flight *flight)
{
	size_t begin = number * FLIGHT, left = forest->count - begin;
	size_t count = left < FLIGHT ? left : FLIGHT, nodes = 0;

	for (size_t i = begin; i < begin + count; i++) {
		nodes += (size_t)forest->trees[i].count;
		if (forest->trees[i].depth > flight->depth)
			flight->depth = forest->trees[i].depth;
	}
	flight->full =
	    flight->depth <= FULL_DEPTH &&
	    (size_t)FLIGHT << flight->depth <= FULL_PLACES * nodes + 64;
	return count;
}

/* What a short flight's empty places add. */
#define NOTHING (-0.0)

static void
fill_flight(struct dq_walk *walk, const struct dq_forest *forest, size_t number,
    size_t count, uint32_t *step)
{
	struct flight *flight = &walk->flights[number];
	const struct dq_tree *trees = forest->trees + number * FLIGHT;
	size_t places = (size_t)1 << flight->depth;

	for (size_t k = 0; k < FLIGHT; k++) {
		size_t first = flight->first + k * places;

		flight->roots[k] = 0;
		if (flight->full && k < count)
			fill_full(walk, &trees[k], 0, first, 1, places);
		for (size_t i = 0; flight->full && k >= count && i < places;
		     i++)
			set_value(walk->full_single, walk->full_double,
			    first + i, NOTHING);
		if (flight->full || k >= count)
			continue;
		flight->roots[k] = *step;
		fill_steps(walk, &trees[k], *step);
		*step += (uint32_t)trees[k].count;
	}
}

static void
new_values(bool in_double, size_t count, float **single, double **twice)
{
	if (in_double)
		*twice = dq_calloc(count, sizeof(**twice));
	else
		*single = dq_calloc(count, sizeof(**single));
}

static void
make_work_space(struct dq_walk *walk)
{
	walk->columns =
	    dq_calloc(ROWS * (2 * walk->width + 1), sizeof(*walk->columns));
}

struct dq_walk *
dq_walk_new(const struct dq_forest *forest)
{
	struct dq_walk *walk = dq_calloc(1, sizeof(*walk));
	size_t places = 0, steps = 1;
	uint32_t step = 1;

	walk->width = forest->names.count;
	walk->base =
	    forest->in_double ? forest->base : (double)(float)forest->base;
	walk->count = (forest->count + FLIGHT - 1) / FLIGHT;
	walk->flights = dq_calloc(walk->count + 1, sizeof(*walk->flights));
	for (size_t i = 0; i < walk->count; i++) {
		struct flight *flight = &walk->flights[i];
		size_t count = plan_flight(forest, i, flight);

		flight->first = places;
		if (flight->full)
			places += (size_t)FLIGHT << flight->depth;
		for (size_t k = 0; !flight->full && k < count; k++)
			steps += (size_t)forest->trees[i * FLIGHT + k].count;
	}
	walk->questions = dq_calloc(places + 1, sizeof(*walk->questions));
	walk->steps = dq_calloc(steps, sizeof(*walk->steps));
	new_values(forest->in_double, places + 1, &walk->full_single,
	    &walk->full_double);
	new_values(
	    forest->in_double, steps, &walk->step_single, &walk->step_double);
	/* Step 0 is the tree of a flight's empty places. */
	walk->steps[0].question =
	    (struct question){1, (uint32_t)(2 * walk->width)};
	set_value(walk->step_single, walk->step_double, 0, NOTHING);
	for (size_t i = 0; i < walk->count; i++) {
		size_t left = forest->count - i * FLIGHT;

		fill_flight(
		    walk, forest, i, left < FLIGHT ? left : FLIGHT, &step);
	}
	make_work_space(walk);
	walk->symmetric = dq_symmetric_new(forest);
	if (!walk->symmetric)
		walk->masks = dq_leaf_masks_new(forest, dq_lanes_best());
	return walk;
}

struct dq_walk *
dq_walk_twin(const struct dq_walk *first)
{
	struct dq_walk *walk = dq_calloc(1, sizeof(*walk));

	*walk = *first;
	walk->borrows = true;
	make_work_space(walk);
	if (first->symmetric)
		walk->symmetric = dq_symmetric_twin(first->symmetric);
	if (first->masks)
		walk->masks = dq_leaf_masks_twin(first->masks);
	return walk;
}

static void
release_trees(struct dq_walk *walk)
{
	free(walk->flights);
	free(walk->questions);
	free(walk->steps);
	free(walk->full_single);
	free(walk->full_double);
	free(walk->step_single);
	free(walk->step_double);
}

void
dq_walk_free(struct dq_walk *walk)
{
	if (!walk)
		return;
	if (!walk->borrows)
		release_trees(walk);
	free(walk->columns);
	dq_symmetric_free(walk->symmetric);
	dq_leaf_masks_free(walk->masks);
	free(walk);
}

static inline bool
goes_left(const struct question *question, const uint32_t *x)
{
	return x[question->column] < question->threshold;
}

static inline uint32_t
next(const struct step *steps, uint32_t at, const uint32_t *x)
{
	return steps[at].left + !goes_left(&steps[at].question, x);
}

/* From a place of a full tree to one of the next level: twice the place, and
 * one more to the left. Compilers take six instructions for what is two. */
static inline size_t
descend(const struct question *tree, size_t at, const uint32_t *x)
{
#if defined(__x86_64__)
	__asm__("cmpl %2, %1\n\tadcq %0, %0"
		: "+r"(at)
		: "m"(x[tree[at].column]), "r"(tree[at].threshold)
		: "cc");
	return at;
#else
	return 2 * at + goes_left(tree + at, x);
#endif
}

/* The margin with a flight's leaves added, in the order of its trees. */
static inline __attribute__((always_inline)) double
add_single(const float *leaf, size_t stride, float sum, size_t a, size_t b,
    size_t c, size_t d, size_t e, size_t f, size_t g, size_t h)
{
	sum += leaf[a];
	sum += leaf[stride + b];
	sum += leaf[2 * stride + c];
	sum += leaf[3 * stride + d];
	sum += leaf[4 * stride + e];
	sum += leaf[5 * stride + f];
	sum += leaf[6 * stride + g];
	sum += leaf[7 * stride + h];
	return (double)sum;
}

static inline __attribute__((always_inline)) double
add_double(const double *leaf, size_t stride, double sum, size_t a, size_t b,
    size_t c, size_t d, size_t e, size_t f, size_t g, size_t h)
{
	sum += leaf[a];
	sum += leaf[stride + b];
	sum += leaf[2 * stride + c];
	sum += leaf[3 * stride + d];
	sum += leaf[4 * stride + e];
	sum += leaf[5 * stride + f];
	sum += leaf[6 * stride + g];
	sum += leaf[7 * stride + h];
	return (double)sum;
}

/* Down full trees of one depth, one step each at a time. Eight variables, not
 * an array: they are to stay in registers. */
static inline __attribute__((always_inline)) double
fly_full_depth(const struct dq_walk *walk, size_t first, const uint32_t *x,
    double margin, int depth)
{
	const struct question *q = walk->questions + first;
	size_t places = (size_t)1 << depth;
	ptrdiff_t leaves = (ptrdiff_t)first - (ptrdiff_t)places;
	size_t a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1;

	/* One base, constant distances. */
	__asm__("" : "+r"(q));
	for (int level = 0; level < depth; level++) {
		a = descend(q, a, x);
		b = descend(q + places, b, x);
		c = descend(q + 2 * places, c, x);
		d = descend(q + 3 * places, d, x);
		e = descend(q + 4 * places, e, x);
		f = descend(q + 5 * places, f, x);
		g = descend(q + 6 * places, g, x);
		h = descend(q + 7 * places, h, x);
	}
	if (walk->full_double)
		return add_double(walk->full_double + leaves, places, margin, a,
		    b, c, d, e, f, g, h);
	return add_single(walk->full_single + leaves, places, (float)margin, a,
	    b, c, d, e, f, g, h);
}

/* Constant depths make every address one of a base and a place. */
static double
fly_full(const struct dq_walk *walk, const struct flight *flight,
    const uint32_t *x, double margin)
{
	size_t first = flight->first;

	switch (flight->depth) {
	case 3:
		return fly_full_depth(walk, first, x, margin, 3);
	case 4:
		return fly_full_depth(walk, first, x, margin, 4);
	case 5:
		return fly_full_depth(walk, first, x, margin, 5);
	case 6:
		return fly_full_depth(walk, first, x, margin, 6);
	case 7:
		return fly_full_depth(walk, first, x, margin, 7);
	case 8:
		return fly_full_depth(walk, first, x, margin, 8);
	default:
		return fly_full_depth(walk, first, x, margin, flight->depth);
	}
}

static double
fly_steps(const struct dq_walk *walk, const struct flight *flight,
    const uint32_t *x, double margin)
{
	const struct step *steps = walk->steps;
	const uint32_t *roots = flight->roots;
	uint32_t a = roots[0], b = roots[1], c = roots[2], d = roots[3];
	uint32_t e = roots[4], f = roots[5], g = roots[6], h = roots[7];

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
	if (walk->step_double)
		return add_double(
		    walk->step_double, 0, margin, a, b, c, d, e, f, g, h);
	return add_single(
	    walk->step_single, 0, (float)margin, a, b, c, d, e, f, g, h);
}

static void
load_row(const struct dq_walk *walk, const float *row, uint32_t *x)
{
	size_t width = walk->width;

	for (size_t c = 0; c < width; c++) {
		bool missing = row[c] != row[c];
		uint32_t known = dq_order(row[c]);

		x[c] = missing ? 0 : known;
		x[width + c] = missing ? UINT32_MAX : known;
	}
	x[2 * width] = 0;
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
	for (size_t i = 0; i < walk->count; i++) {
		const struct flight *flight = &walk->flights[i];

		for (size_t r = 0; r < count; r++) {
			const uint32_t *x = walk->columns + r * columns;

			margins[r] =
			    flight->full
				? fly_full(walk, flight, x, margins[r])
				: fly_steps(walk, flight, x, margins[r]);
		}
	}
}

void
dq_walk_run(
    struct dq_walk *walk, const float *rows, size_t count, double *margins)
{
	for (size_t r = 0; r < count; r += ROWS) {
		size_t block = count - r < ROWS ? count - r : ROWS;
		const float *from = rows + r * walk->width;

		if (walk->symmetric && block >= MANY_ROWS)
			dq_symmetric_run(
			    walk->symmetric, from, block, margins + r);
		else if (walk->masks && block >= MANY_ROWS)
			dq_leaf_masks_run(
			    walk->masks, from, block, margins + r);
		else
			run_block(walk, from, block, margins + r);
	}
}
