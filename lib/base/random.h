/* Pseudo-random numbers that are the same on every machine: integer
 * arithmetic, and double operations that IEEE 754 rounds exactly. */
#ifndef DQ_BASE_RANDOM_H
#define DQ_BASE_RANDOM_H

#include <stdint.h>

/* xoshiro256** (Blackman and Vigna 2018). */
struct dq_random {
	uint64_t state[4];
};

/* The same seed and stream give the same numbers; streams are independent. */
void dq_random_init(struct dq_random *random, uint64_t seed, uint64_t stream);

static inline uint64_t
dq_random_bits(struct dq_random *random)
{
	uint64_t *s = random->state;
	uint64_t x = s[1] * 5, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = (s[3] << 45) | (s[3] >> 19);
	return ((x << 7) | (x >> 57)) * 9;
}

/* In [0, 1), a multiple of 2^-53. */
static inline double
dq_random_real(struct dq_random *random)
{
	return (double)(dq_random_bits(random) >> 11) * 0x1p-53;
}

/* In [0, n), n > 0, without bias worth naming (n far below 2^64). */
static inline uint64_t
dq_random_below(struct dq_random *random, uint64_t n)
{
	return (
	    uint64_t)(((unsigned __int128)dq_random_bits(random) * n) >> 64);
}

/* Mean 0, variance 1: the sum of twelve uniforms less six (tails end at 6,
 * and no libm, whose last digit differs between versions). */
double dq_random_normal(struct dq_random *random);

#endif
