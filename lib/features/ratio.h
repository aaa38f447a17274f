/* Quotients of exact sums: one rounding of each operand, one of the result;
 * NAN over 0. */
#ifndef DQ_FEATURES_RATIO_H
#define DQ_FEATURES_RATIO_H

#include <math.h>
#include <stdint.h>

typedef __int128 wide;

/* The library's way from 128 bits to a double is long, and seldom needed. */
static inline double
to_real(wide a)
{
	return a == (int64_t)a ? (double)(int64_t)a : (double)a;
}

static inline double
ratio(wide a, wide b)
{
	return b ? to_real(a) / to_real(b) : NAN;
}

static inline double
percent(wide a, wide b)
{
	return b ? 100 * to_real(a) / to_real(b) : NAN;
}

#endif
