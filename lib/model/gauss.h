/* Gauss-Legendre quadrature: n points integrate a polynomial of degree 2n - 1
 * exactly. */
#ifndef DQ_MODEL_GAUSS_H
#define DQ_MODEL_GAUSS_H

/* The n points of [0, 1], ascending, and their weights, which sum to 1.
 * Newton's iteration on the Legendre polynomial (recurrence and derivative:
 * Abramowitz and Stegun 22.7.10, 22.8.5; weights: 25.4.29). n >= 1. */
void dq_gauss(int n, double *points, double *weights);

#endif
