/* Numbers in order of a score, highest first; equal scores in order of their
 * numbers. A treap in arrays: each operation takes O(log n). */
#ifndef DQ_SERVE_RANK_H
#define DQ_SERVE_RANK_H

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>

#define DQ_RANK_NONE UINT32_MAX

/* Zeroed memory is empty. */
struct dq_rank {
	struct dq_rank_node *nodes; /* by number */
	size_t cap;
	uint32_t root; /* + 1; 0: none */
};

void dq_rank_release(struct dq_rank *rank);

/* Puts a number in its place, or moves it there. */
void dq_rank_put(struct dq_rank *rank, uint32_t number, double score);
void dq_rank_remove(struct dq_rank *rank, uint32_t number);

/* The first number whose score is not above `score` (INFINITY: of all), or
 * DQ_RANK_NONE. */
uint32_t dq_rank_first(const struct dq_rank *rank, double score);

/* The first behind (score, number), which need not be there any more. */
uint32_t dq_rank_after(
    const struct dq_rank *rank, double score, uint32_t number);

#endif
