/* Kernels that work on eight rows at once, a row in each lane of a vector:
 * every row of a block asks the same question of the same node, so nothing
 * branches on data and the constants of a node serve all rows.
 *
 * There are three builds of the same source (lanes_kernel.h): for AVX-512, for
 * AVX2 and for any machine. None contracts a multiplication and an addition
 * into one rounding, so all give the same bits. */
#ifndef DQ_MODEL_LANES_H
#define DQ_MODEL_LANES_H

#include "model/forest.h"

#define DQ_LANES 8
#define DQ_LANE_GROUPS 8 /* groups of so many rows at most at a time */
#define DQ_LANE_POINTS_LIMIT 16
#define DQ_UNIT_NODES_LIMIT 8 /* as a table row is one vector */

/* Column c holds feature c with missing as -infinity (which goes left), for
 * c >= width feature c - width with missing as +infinity (which goes right);
 * the last is -infinity. */
#define DQ_LANE_COLUMNS(width) (2 * (width) + 1)

/* The column that a split looks at. */
static inline int32_t
dq_lane_column(const struct dq_node *node, size_t width)
{
	return node->feature + (node->default_left ? 0 : (int32_t)width);
}

/* Masks say which rows took all edges of a feature so far. Of two numbers
 * there is none: all rows did, and nobody asks. */
enum { DQ_MASK_ALL, DQ_MASK_UNASKED, DQ_MASK_FIRST };

/* Quadrature: a split. Its constants stand one behind the other, those for a
 * row that goes left, for one that goes right, and, where the feature was on
 * the path before, for one that had left it: what the product is multiplied by
 * through the left edge and through the right one, and what either's feature
 * gets, n floats each; where both children are leaves (FOLDED) what goes up
 * and what the feature gets, n floats each. */
struct dq_lane_node {
	int32_t column;
	float threshold;
	int32_t constants;  /* where they begin */
	int32_t held_from;  /* mask that says who held */
	int32_t held_to[2]; /* masks to note it in */
	int32_t from;	    /* twice the number of the split above, and one
			       more on its right; the root's: twice `inner` */
};

/* What kernels for blocks need besides. */
struct dq_lane_link {
	int32_t feature;
	int32_t child[2]; /* number of a split; -1: a leaf */
};

/* In the order in which features get their sums: children first. */
struct dq_lane_sum {
	int32_t split, feature;
};

/* Splits are numbered level by level, those of FOLDED ones last. */
struct dq_lane_tree {
	struct dq_lane_node *nodes;
	struct dq_lane_link *links;
	struct dq_lane_sum *sums;
	float *constants;
	int32_t splits;
	int32_t inner; /* splits that are not FOLDED */
	int32_t masks; /* numbers of masks are below this */
	int points;    /* 4, 8 or 16 */
	size_t bytes;
};

/* Tables: the path from the root to a subtree, and the subtree itself, with
 * at most eight splits in all. Each split gives a bit (1: left; the path's
 * first, from the root down); the bits make the number of a row of eight
 * floats: what each split's feature gets from the subtree's leaves. */
struct dq_unit {
	/* Of each split; where there is none: what no row goes left at. */
	int32_t column[DQ_LANES];
	float threshold[DQ_LANES];
	/* Whose sum gets each of the eight; where there is none: width. */
	int32_t feature[DQ_LANES];
	uint32_t table; /* number of its first row */
	uint8_t enter;	/* splits before are those of the unit before it */
	uint8_t level;	/* splits on the path */
	uint8_t splits; /* with those of the subtree */
};

struct dq_unit_tree {
	struct dq_unit *units;
	int32_t count;
	float (*table)[DQ_LANES];
	size_t rows; /* of the table */
	size_t bytes;
};

/* A tree whose leaves, numbered from left to right, are bits of a mask. A row
 * that goes right at a split loses the leaves below its left edge; the lowest
 * bit left is the row's leaf (QuickScorer: Lucchese et al. 2015). */
#define DQ_MASK_LEAVES 32

struct dq_mask_split {
	int32_t column;
	float threshold;
	int32_t kept; /* bits of the leaves that are not below the left edge */
};

struct dq_mask_tree {
	const struct dq_mask_split *splits;
	int32_t count; /* of splits, one less than leaves */
	/* DQ_MASK_LEAVES places; either is NULL. */
	const float *single;
	const double *twice;
};

/* A sum a feature, and one that nobody reads. */
#define DQ_LANE_SUMS(width) ((width) + 1)

#define DQ_LANE_BLOCK_ROWS (DQ_LANE_GROUPS * DQ_LANES)

/* Rows in work: `groups` times DQ_LANES of them. There is room for
 * DQ_LANE_GROUPS vectors, one a group, of each column, sum and mask. All
 * vectors are aligned to 32. */
struct dq_lane_block {
	const struct dq_lane_kernels *kernels;
	size_t width;	/* features */
	size_t groups;	/* at most DQ_LANE_GROUPS */
	float *columns; /* DQ_LANE_COLUMNS(width) of them */
	float *sums;	/* DQ_LANE_SUMS(width) of them */
	double *totals; /* of what the sums were; as these */
	int32_t *masks;
};

/* masks: the numbers of all trees' masks are below this. */
void dq_lane_block_init(struct dq_lane_block *block,
    const struct dq_lane_kernels *kernels, size_t width, size_t masks);
void dq_lane_block_release(struct dq_lane_block *block);

/* Takes 1 to DQ_LANE_BLOCK_ROWS rows of `width` floats. Lanes of the last group
 * without a row repeat its first. */
void dq_lane_block_load(
    struct dq_lane_block *block, const float *rows, size_t count);

/* The same, and what their contributions are so far; the sums are 0. */
void dq_lane_block_begin(struct dq_lane_block *block, const float *rows,
    size_t count, const double *phi);

/* Gives the totals. */
void dq_lane_block_end(
    const struct dq_lane_block *block, size_t count, double *phi);

/* load fills a group's columns. quadrature and table add a tree's contributions
 * to the sums; weights: those of the tree's points. flush adds the sums to the
 * totals and clears them. leaf adds each row's leaf to the first column of
 * sums, or of totals where it is in double. */
struct dq_lane_kernels {
	const char *name;
	void (*load)(const struct dq_lane_block *block, size_t group,
	    const float *const rows[DQ_LANES]);
	void (*quadrature)(const struct dq_lane_tree *tree,
	    const float *weights, const struct dq_lane_block *block);
	void (*table)(
	    const struct dq_unit_tree *tree, const struct dq_lane_block *block);
	void (*flush)(const struct dq_lane_block *block);
	void (*leaf)(
	    const struct dq_mask_tree *tree, const struct dq_lane_block *block);
};

/* NULL where the machine cannot. */
const struct dq_lane_kernels *dq_lanes_avx512(void);
const struct dq_lane_kernels *dq_lanes_avx2(void);
const struct dq_lane_kernels *dq_lanes_portable(void);

/* The best of them here. */
static inline const struct dq_lane_kernels *
dq_lanes_best(void)
{
	const struct dq_lane_kernels *best = dq_lanes_avx512();

	if (!best)
		best = dq_lanes_avx2();
	return best ? best : dq_lanes_portable();
}

#endif
