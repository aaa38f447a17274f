#include "model/leaf_masks.h"

#include "base/mem.h"

#include <stdlib.h>

struct dq_leaf_masks {
	const struct dq_lane_kernels *kernels;
	struct dq_mask_tree *trees;
	struct dq_mask_split *splits; /* of all trees */
	float *single;		      /* leaves of all, or NULL */
	double *twice;		      /* the same */
	size_t count, width;
	double base;
	struct dq_lane_block block; /* work space */
	bool borrows;		    /* the trees */
};

struct filler {
	const struct dq_tree *tree;
	size_t width;
	struct dq_mask_split *splits;
	float *single;
	double *twice;
	int32_t split_count, leaf_count;
};

/* Returns the bits of the leaves below. */
static uint32_t
fill(struct filler *f, int32_t at)
{
	const struct dq_node *node = &f->tree->nodes[at];
	struct dq_mask_split *split;
	uint32_t left;

	if (!node->left) {
		if (f->single)
			f->single[f->leaf_count] = (float)node->value;
		else
			f->twice[f->leaf_count] = node->value;
		return (uint32_t)1 << f->leaf_count++;
	}
	split = &f->splits[f->split_count++];
	left = fill(f, node->left);
	*split = (struct dq_mask_split){
	    .column = dq_lane_column(node, f->width),
	    .threshold = node->threshold,
	    .kept = (int32_t)~left,
	};
	return left | fill(f, node->right);
}

static void
fill_tree(struct dq_leaf_masks *m, const struct dq_tree *tree, size_t number,
    struct dq_mask_split *splits)
{
	size_t first = number * DQ_MASK_LEAVES;
	struct filler f = {
	    .tree = tree,
	    .width = m->width,
	    .splits = splits,
	    .single = m->single ? m->single + first : NULL,
	    .twice = m->twice ? m->twice + first : NULL,
	};

	fill(&f, 0);
	m->trees[number] =
	    (struct dq_mask_tree){splits, f.split_count, f.single, f.twice};
}

struct dq_leaf_masks *
dq_leaf_masks_new(
    const struct dq_forest *forest, const struct dq_lane_kernels *kernels)
{
	struct dq_leaf_masks *m;
	size_t splits = 0, leaves = forest->count * DQ_MASK_LEAVES;

	for (size_t i = 0; i < forest->count; i++) {
		if (forest->trees[i].splits >= DQ_MASK_LEAVES)
			return NULL;
		splits += (size_t)forest->trees[i].splits;
	}
	m = dq_calloc(1, sizeof(*m));
	m->kernels = kernels;
	m->count = forest->count;
	m->width = forest->names.count;
	m->base =
	    forest->in_double ? forest->base : (double)(float)forest->base;
	m->trees = dq_calloc(m->count + 1, sizeof(*m->trees));
	m->splits = dq_calloc(splits + 1, sizeof(*m->splits));
	if (forest->in_double)
		m->twice = dq_calloc_aligned(leaves + 1, sizeof(double));
	else
		m->single = dq_calloc_aligned(leaves + 1, sizeof(float));
	splits = 0;
	for (size_t i = 0; i < m->count; i++) {
		fill_tree(m, &forest->trees[i], i, m->splits + splits);
		splits += (size_t)forest->trees[i].splits;
	}
	dq_lane_block_init(&m->block, m->kernels, m->width, 1);
	return m;
}

struct dq_leaf_masks *
dq_leaf_masks_twin(const struct dq_leaf_masks *masks)
{
	struct dq_leaf_masks *m = dq_calloc(1, sizeof(*m));

	*m = *masks;
	m->borrows = true;
	dq_lane_block_init(&m->block, m->kernels, m->width, 1);
	return m;
}

void
dq_leaf_masks_free(struct dq_leaf_masks *m)
{
	if (!m)
		return;
	if (!m->borrows) {
		free(m->trees);
		free(m->splits);
		free(m->single);
		free(m->twice);
	}
	dq_lane_block_release(&m->block);
	free(m);
}

void
dq_leaf_masks_run(
    struct dq_leaf_masks *m, const float *rows, size_t count, double *margins)
{
	struct dq_lane_block *block = &m->block;

	dq_lane_block_load(block, rows, count);
	for (size_t r = 0; r < DQ_LANE_BLOCK_ROWS; r++) {
		block->sums[r] = (float)m->base;
		block->totals[r] = m->base;
	}
	for (size_t i = 0; i < m->count; i++)
		m->kernels->leaf(&m->trees[i], block);
	for (size_t r = 0; r < count; r++)
		margins[r] =
		    m->single ? (double)block->sums[r] : block->totals[r];
}
