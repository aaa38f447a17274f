/* The kernels of lanes.h for x86-64 with AVX-512: vectors of the same eight
 * lanes, twice as many of them in registers, masks by themselves, and three
 * operands. */
#define X86_TARGET "avx2,avx512f,avx512vl,avx512dq,avx512bw"

#include "model/lanes_x86.h"

#if defined(__x86_64__)

static const struct dq_lane_kernels kernels = {
    "AVX-512", lane_load, lane_quadrature, unit_table, lane_flush, mask_leaf};

const struct dq_lane_kernels *
dq_lanes_avx512(void)
{
	return __builtin_cpu_supports("avx512vl") &&
		       __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512bw")
		   ? &kernels
		   : NULL;
}

#else

const struct dq_lane_kernels *
dq_lanes_avx512(void)
{
	return NULL;
}

#endif
