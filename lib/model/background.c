#include "model/background.h"

#include "base/mem.h"

#include <stdlib.h>

/* (a - 1)! b! / (a + b)! from (a - 1)! 0! / a! = 1 / a on. */
static void
fill_parts(struct dq_background *background)
{
	for (int a = 1; a <= DQ_PLAYERS_LIMIT; a++) {
		background->part[a][0] = 1.0 / a;
		for (int b = 1; b <= DQ_PLAYERS_LIMIT; b++)
			background->part[a][b] =
			    background->part[a][b - 1] * b / (a + b);
	}
}

struct dq_background *
dq_background_new(const float *rows, size_t count, size_t width)
{
	struct dq_background *background = dq_calloc(1, sizeof(*background));

	background->width = width;
	background->count = count;
	background->columns = dq_calloc(width * count + 1, sizeof(float));
	for (size_t f = 0; f < width; f++)
		for (size_t i = 0; i < count; i++)
			background->columns[f * count + i] =
			    rows[i * width + f];
	fill_parts(background);
	return background;
}

void
dq_background_free(struct dq_background *background)
{
	if (!background)
		return;
	free(background->columns);
	free(background);
}

void
dq_background_left(const struct dq_background *background,
    const struct dq_node *node, bool *left)
{
	const float *x =
	    background->columns + (size_t)node->feature * background->count;
	float threshold = node->threshold;

	/* A missing value is neither below nor above. */
	if (node->default_left)
		for (size_t i = 0; i < background->count; i++)
			left[i] = !(x[i] >= threshold);
	else
		for (size_t i = 0; i < background->count; i++)
			left[i] = x[i] < threshold;
}

double
dq_background_term(const struct dq_background *background,
    const struct dq_term *term, size_t feature)
{
	const float *x = background->columns + feature * background->count;
	double sum = 0;

	for (size_t i = 0; i < background->count; i++)
		sum += dq_term_value(term, x[i]);
	return sum / (double)background->count;
}

/* Sum of the leaves that the rows come to. */
static double
sum_leaves(const struct dq_background *background, const struct dq_tree *tree)
{
	double sum = 0;

	for (size_t i = 0; i < background->count; i++) {
		const struct dq_node *node = tree->nodes;

		while (node->left) {
			size_t at =
			    (size_t)node->feature * background->count + i;

			node = &tree->nodes[dq_node_left(
						node, background->columns[at])
						? node->left
						: node->right];
		}
		sum += node->value;
	}
	return sum;
}

double
dq_background_mean(
    const struct dq_background *background, const struct dq_forest *forest)
{
	double mean = forest->base;

	for (size_t i = 0; i < forest->count; i++)
		mean += sum_leaves(background, &forest->trees[i]) /
			(double)background->count;
	for (size_t f = 0; forest->terms && f < forest->names.count; f++)
		mean += dq_background_term(background, &forest->terms[f], f);
	return mean;
}
