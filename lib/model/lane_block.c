#include "base/mem.h"
#include "model/lanes.h"

#include <stdlib.h>

static void *
new_vectors(size_t count, size_t size)
{
	return dq_calloc_aligned(
	    count * DQ_LANE_GROUPS, (size_t)DQ_LANES * size);
}

void
dq_lane_block_init(struct dq_lane_block *block,
    const struct dq_lane_kernels *kernels, size_t width, size_t masks)
{
	size_t sums = DQ_LANE_SUMS(width);

	*block = (struct dq_lane_block){
	    .kernels = kernels,
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

void
dq_lane_block_load(struct dq_lane_block *block, const float *rows, size_t count)
{
	block->groups = (count + DQ_LANES - 1) / DQ_LANES;
	for (size_t g = 0; g < block->groups; g++) {
		size_t first = g * DQ_LANES;
		const float *from[DQ_LANES];

		for (size_t l = 0; l < DQ_LANES; l++)
			from[l] =
			    rows + (first + l < count ? first + l : first) *
				       block->width;
		block->kernels->load(block, g, from);
	}
}

void
dq_lane_block_begin(struct dq_lane_block *block, const float *rows,
    size_t count, const double *phi)
{
	size_t width = block->width;

	dq_lane_block_load(block, rows, count);
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
