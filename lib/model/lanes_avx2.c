/* The kernels of lanes.h for x86-64 with AVX2. */
#define X86_TARGET "avx2"

#include "model/lanes_x86.h"

#if defined(__x86_64__)

static const struct dq_lane_kernels kernels = {
    "AVX2", lane_load, lane_quadrature, unit_table, lane_flush, mask_leaf};

const struct dq_lane_kernels *
dq_lanes_avx2(void)
{
	return __builtin_cpu_supports("avx2") ? &kernels : NULL;
}

#else

const struct dq_lane_kernels *
dq_lanes_avx2(void)
{
	return NULL;
}

#endif
