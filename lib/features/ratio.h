/* Quotients of exact sums: one rounding of each operand, one of the result;
 * NAN over 0. */
#ifndef DQ_FEATURES_RATIO_H
#define DQ_FEATURES_RATIO_H

#include <math.h>
#include <stdint.h>

typedef __int128 wide;

static inline double
ratio(wide a, wide b)
{
	return b ? (double)a / (double)b : NAN;
}

static inline double
percent(wide a, wide b)
{
	return b ? 100 * (double)a / (double)b : NAN;
}

#endif
