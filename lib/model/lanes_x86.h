/* lanes_kernel.h for x86-64 with AVX2, or with what the including file names:
 *
 *     X86_TARGET    as compilers call it */
#ifndef DQ_MODEL_LANES_X86_H
#define DQ_MODEL_LANES_X86_H

#include "model/lanes.h"

#if defined(__x86_64__)

#include <immintrin.h>

#ifndef X86_TARGET
#define X86_TARGET "avx2"
#endif

#define LANES_TARGET __attribute__((target(X86_TARGET), unused))
#define LANES_SELECT(m, a, b)                                                  \
	((lanes)_mm256_blendv_ps((__m256)(b), (__m256)(a), (__m256)(m)))
#define LANES_TRANSPOSE(in, at, out) transpose((in), (at), (__m256 *)(out))

/* Lane l of out[i] = in[at[l] + i]. Halves of rows l and l + 4 are loaded side
 * by side, which leaves two rounds of shuffling instead of three. */
static inline __attribute__((target(X86_TARGET), always_inline)) void
transpose(const float *in, const uint32_t *at, __m256 *out)
{
	__m256 a[4], b[4], c[4];

	for (int half = 0; half < 2; half++) {
		for (int l = 0; l < 4; l++)
			a[l] = _mm256_insertf128_ps(
			    _mm256_castps128_ps256(
				_mm_load_ps(in + at[l] + 4 * half)),
			    _mm_load_ps(in + at[l + 4] + 4 * half), 1);
		b[0] = _mm256_unpacklo_ps(a[0], a[1]);
		b[1] = _mm256_unpackhi_ps(a[0], a[1]);
		c[0] = _mm256_unpacklo_ps(a[2], a[3]);
		c[1] = _mm256_unpackhi_ps(a[2], a[3]);
		out[4 * half] = _mm256_shuffle_ps(b[0], c[0], 0x44);
		out[4 * half + 1] = _mm256_shuffle_ps(b[0], c[0], 0xee);
		out[4 * half + 2] = _mm256_shuffle_ps(b[1], c[1], 0x44);
		out[4 * half + 3] = _mm256_shuffle_ps(b[1], c[1], 0xee);
	}
}

#define LANES_LOOKUP(from, count, at, out)                                     \
	(out) = (lanes)lookup((from), (count), (__m256i)(at))

/* A permutation finds one of eight by the lowest three bits; the next ones
 * choose among the eights. */
static inline __attribute__((target(X86_TARGET), always_inline)) __m256
lookup(const float *from, int count, __m256i at)
{
	__m256 eight[4], fourth, third;

	eight[0] = _mm256_permutevar8x32_ps(_mm256_load_ps(from), at);
	if (count <= 8)
		return eight[0];
	for (int i = 1; i < 4; i++)
		eight[i] =
		    _mm256_permutevar8x32_ps(_mm256_load_ps(from + 8 * i), at);
	third = _mm256_castsi256_ps(_mm256_slli_epi32(at, 28));
	fourth = _mm256_castsi256_ps(_mm256_slli_epi32(at, 27));
	eight[0] = _mm256_blendv_ps(eight[0], eight[1], third);
	if (count <= 16)
		return eight[0];
	eight[2] = _mm256_blendv_ps(eight[2], eight[3], third);
	return _mm256_blendv_ps(eight[0], eight[2], fourth);
}

#include "model/lanes_kernel.h"

#endif

#endif
