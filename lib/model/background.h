/* The rows that customers are compared with, and the game that is played
 * against them: interventional SHAP (Lundberg et al. 2020).
 *
 * A set of features is worth the mean margin of the background's rows once
 * they have the customer's values of these features. For a leaf of value v and
 * one row of the background let A be the features on its path whose edges the
 * customer takes and the row does not, and B those that the row takes and the
 * customer does not. Where a feature is missed by both, the leaf gives
 * nothing; else each of A gets v (|A| - 1)! |B|! / (|A| + |B|)! and each of B
 * -v |A|! (|B| - 1)! / (|A| + |B|)!, and the leaf's contribution is the mean
 * over the background. */
#ifndef DQ_MODEL_BACKGROUND_H
#define DQ_MODEL_BACKGROUND_H

#include "model/forest.h"

#define DQ_BACKGROUND_LIMIT 65536 /* rows */

/* Features on a path that may be told apart. */
#define DQ_PLAYERS_LIMIT 64

struct dq_background {
	float *columns; /* feature by feature, `count` values each */
	size_t width, count;

	/* part[a][b] = (a - 1)! b! / (a + b)!: what each of a features gets
	 * beside b on the other side; part[0] is 0. */
	double part[DQ_PLAYERS_LIMIT + 1][DQ_PLAYERS_LIMIT + 1];
};

/* Copies `count` (1 to DQ_BACKGROUND_LIMIT) rows as kernels read them,
 * count * width floats. */
struct dq_background *dq_background_new(
    const float *rows, size_t count, size_t width);
void dq_background_free(struct dq_background *background);

/* For each row of the background, sets left[i] to whether it goes left. */
void dq_background_left(const struct dq_background *background,
    const struct dq_node *node, bool *left);

/* The mean of a term over the background. */
double dq_background_term(const struct dq_background *background,
    const struct dq_term *term, size_t feature);

/* The mean margin of the background: base, each tree's mean leaf, each term's
 * mean. */
double dq_background_mean(
    const struct dq_background *background, const struct dq_forest *forest);

#endif
