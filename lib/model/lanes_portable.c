/* The kernels of lanes.h in C alone. */
#include "model/lanes_kernel.h"

#include <math.h>

const struct dq_lane_kernels dq_lanes_portable = {
    "portable", lane_quadrature, unit_table};

void
dq_lanes_load(float *columns, const float *rows, size_t count, size_t width)
{
	for (size_t lane = 0; lane < DQ_LANES; lane++) {
		const float *x = rows + (lane < count ? lane : 0) * width;

		for (size_t c = 0; c < width; c++) {
			float *low = columns + c * DQ_LANES + lane;

			*low = isnan(x[c]) ? -INFINITY : x[c];
			low[width * DQ_LANES] = isnan(x[c]) ? INFINITY : x[c];
		}
		columns[2 * width * DQ_LANES + lane] = -INFINITY;
	}
}
