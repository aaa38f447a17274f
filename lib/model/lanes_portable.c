/* The kernels of lanes.h in C alone. */
#include "model/lanes_kernel.h"

static const struct dq_lane_kernels kernels = {
    "portable", lane_load, lane_quadrature, unit_table, lane_flush, mask_leaf};

const struct dq_lane_kernels *
dq_lanes_portable(void)
{
	return &kernels;
}
