#include "base/mem.h"
#include "model/lanes.h"

#include <math.h>
#include <stdlib.h>

static void *
new_vectors(size_t count, size_t size)
{
	return dq_calloc_aligned(
	    count * DQ_LANE_GROUPS, (size_t)DQ_LANES * size);
}

void
dq_lane_block_init(struct dq_lane_block *block, size_t width, size_t masks)
{
	size_t sums = DQ_LANE_SUMS(width);

	*block = (struct dq_lane_block){
	    .width = width,
	    .columns = new_vectors(DQ_LANE_COLUMNS(width), sizeof(float)),
	    .sums = new_vectors(sums, sizeof(float)),
	    .totals = new_vectors(sums, sizeof(double)),
	    .masks = new_vectors(masks, sizeof(int32_t)),
	};
}

void
dq_lane_block_release(struct dq_lane_block *block)
{
	free(block->columns);
	free(block->sums);
	free(block->totals);
	free(block->masks);
}

static void
load_row(struct dq_lane_block *block, const float *x, size_t lane)
{
	float *low = block->columns + lane;
	float *high = low + block->width * DQ_LANE_BLOCK_ROWS;

	for (size_t c = 0; c < block->width; c++) {
		low[c * DQ_LANE_BLOCK_ROWS] = isnan(x[c]) ? -INFINITY : x[c];
		high[c * DQ_LANE_BLOCK_ROWS] = isnan(x[c]) ? INFINITY : x[c];
	}
	high[block->width * DQ_LANE_BLOCK_ROWS] = -INFINITY;
}

void
dq_lane_block_begin(struct dq_lane_block *block, const float *rows,
    size_t count, const double *phi)
{
	size_t width = block->width;

	block->groups = (count + DQ_LANES - 1) / DQ_LANES;
	for (size_t lane = 0; lane < block->groups * DQ_LANES; lane++) {
		size_t first = lane / DQ_LANES * DQ_LANES;

		load_row(
		    block, rows + (lane < count ? lane : first) * width, lane);
	}
	for (size_t r = 0; r < count; r++)
		for (size_t f = 0; f < width; f++)
			block->totals[f * DQ_LANE_BLOCK_ROWS + r] =
			    phi[r * width + f];
}

void
dq_lane_block_end(const struct dq_lane_block *block, size_t count, double *phi)
{
	size_t width = block->width;

	for (size_t r = 0; r < count; r++)
		for (size_t f = 0; f < width; f++)
			phi[r * width + f] =
			    block->totals[f * DQ_LANE_BLOCK_ROWS + r];
}
