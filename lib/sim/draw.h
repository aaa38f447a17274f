/* Distributions over base/random.h, of additions, multiplications and
 * divisions only: the same bits on every machine. */
#ifndef DQ_SIM_DRAW_H
#define DQ_SIM_DRAW_H

#include "base/random.h"

#include <stdbool.h>

static inline bool
dq_sim_chance(struct dq_random *random, double probability)
{
	return dq_random_real(random) < probability;
}

static inline double
dq_sim_between(struct dq_random *random, double low, double high)
{
	return low + (high - low) * dq_random_real(random);
}

/* A whole number in [low, high]. */
static inline int
dq_sim_pick(struct dq_random *random, int low, int high)
{
	return low + (int)dq_random_below(random, (uint64_t)(high - low) + 1);
}

/* Geometric: 0, 1, 2... with this mean; burstier than Poisson, as people
 * are. */
static inline int
dq_sim_count(struct dq_random *random, double mean)
{
	double again = mean / (1 + mean);
	int n = 0;

	while (n < 8 && dq_random_real(random) < again)
		n++;
	return n;
}

/* (1 + x/1024)^1024: e to the x within 1 % for |x| < 4. */
static inline double
dq_sim_exp(double x)
{
	double power = 1 + x / 1024;

	for (int i = 0; i < 10; i++)
		power *= power;
	return power;
}

/* A positive factor with mean 1 and about this relative spread (log-normal).
 */
static inline double
dq_sim_spread(struct dq_random *random, double sigma)
{
	return dq_sim_exp(sigma * dq_random_normal(random) - sigma * sigma / 2);
}

static inline double
dq_sim_clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

#endif
