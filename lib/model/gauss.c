#include "model/gauss.h"

#include <math.h>

/* The Legendre polynomial of degree n at x, and its slope. */
static double
legendre(int n, double x, double *slope)
{
	double before = 1, value = x;

	for (int k = 2; k <= n; k++) {
		double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;

		before = value;
		value = next;
	}
	*slope = n * (x * value - before) / (x * x - 1);
	return value;
}

void
dq_gauss(int n, double *points, double *weights)
{
	for (int i = 0; i < n; i++) {
		double x = -cos(M_PI * (i + 0.75) / (n + 0.5)), slope, step;

		/* A dozen steps are far more than the quadratic convergence
		 * needs; the last ones change nothing. */
		for (int round = 0; round < 12; round++) {
			step = legendre(n, x, &slope) / slope;
			x -= step;
		}
		legendre(n, x, &slope);
		points[i] = (1 + x) / 2;
		weights[i] = 1 / ((1 - x * x) * slope * slope);
	}
}
