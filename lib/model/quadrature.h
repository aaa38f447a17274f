/* Exact path-dependent SHAP by Gauss-Legendre quadrature in double: right at
 * any depth, the figure the fast kernels are held against.
 *
 * For a leaf of value v let r_j be the product of the cover ratios of feature
 * j's edges on its path, and s_j be 1 where the row takes all of them, else
 * 0. Feature i's share of the leaf is
 *     v (s_i - r_i) integral over t in [0,1] of
 *         product over the other features j of (r_j (1 - t) + s_j t)
 * (the multilinear extension of the game that TreeSHAP plays; Owen 1972,
 * Lundberg et al. 2020). With d features on the path the integrand has degree
 * d - 1, so n points are exact from n >= d / 2 on. */
#ifndef DQ_MODEL_QUADRATURE_H
#define DQ_MODEL_QUADRATURE_H

#include "model/forest.h"

struct dq_quadrature;

struct dq_quadrature *dq_quadrature_new(const struct dq_forest *forest);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_quadrature *dq_quadrature_twin(
    const struct dq_quadrature *quadrature);
void dq_quadrature_free(struct dq_quadrature *quadrature);

/* Contributions of one row (x: as many as the forest has features, NAN is
 * missing) to phi, as many. The forest must be the one it was made for. Not
 * for two threads at once. */
void dq_quadrature_explain(struct dq_quadrature *quadrature,
    const struct dq_forest *forest, const float *x, double *phi);

/* The mean margin of the rows that the model was trained on, as the covers
 * tell it: base plus each tree's mean leaf. */
double dq_forest_mean(const struct dq_forest *forest);

#endif
