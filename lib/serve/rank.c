#include "serve/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Children are numbers + 1, 0: none. */
struct dq_rank_node {
	double score;
	uint32_t weight, left, right;
	bool there;
};

void
dq_rank_release(struct dq_rank *rank)
{
	free(rank->nodes);
	*rank = (struct dq_rank){0};
}

static uint32_t
weight_of(uint32_t number)
{
	uint64_t x = (number + 1) * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(x >> 32);
}

/* Does `number` with `score` stand before the node? */
static bool
before(double score, uint32_t number, const struct dq_rank *rank, uint32_t node)
{
	double other = rank->nodes[node - 1].score;

	return score != other ? score > other : number < node - 1;
}

/* Splits a tree into what stands before (score, number) and the rest. */
static void
split(struct dq_rank *rank, uint32_t tree, double score, uint32_t number,
    uint32_t *first, uint32_t *rest)
{
	while (tree) {
		struct dq_rank_node *node = &rank->nodes[tree - 1];

		if (before(score, number, rank, tree)) {
			*rest = tree;
			rest = &node->left;
			tree = node->left;
		} else {
			*first = tree;
			first = &node->right;
			tree = node->right;
		}
	}
	*first = *rest = 0;
}

static uint32_t
join(struct dq_rank *rank, uint32_t first, uint32_t rest)
{
	uint32_t tree = 0, *at = &tree;

	while (first && rest) {
		struct dq_rank_node *a = &rank->nodes[first - 1];
		struct dq_rank_node *b = &rank->nodes[rest - 1];

		if (a->weight > b->weight) {
			*at = first;
			at = &a->right;
			first = a->right;
		} else {
			*at = rest;
			at = &b->left;
			rest = b->left;
		}
	}
	*at = first ? first : rest;
	return tree;
}

/* The place that names a node, or where one of that order would be. */
static uint32_t *
place_of(struct dq_rank *rank, double score, uint32_t number)
{
	uint32_t *at = &rank->root;

	while (*at && *at != number + 1) {
		struct dq_rank_node *node = &rank->nodes[*at - 1];

		at = before(score, number, rank, *at) ? &node->left
						      : &node->right;
	}
	return at;
}

void
dq_rank_remove(struct dq_rank *rank, uint32_t number)
{
	struct dq_rank_node *node;
	uint32_t *at;

	if (number >= rank->cap || !rank->nodes[number].there)
		return;
	node = &rank->nodes[number];
	at = place_of(rank, node->score, number);
	*at = join(rank, node->left, node->right);
	node->there = false;
}

void
dq_rank_put(struct dq_rank *rank, uint32_t number, double score)
{
	size_t cap = rank->cap;
	uint32_t *at = &rank->root;
	struct dq_rank_node *node;

	if (number >= cap) {
		rank->cap = (size_t)number * 2 + 64;
		rank->nodes = dq_realloc_array(
		    rank->nodes, rank->cap, sizeof(*rank->nodes));
		memset(rank->nodes + cap, 0,
		    (rank->cap - cap) * sizeof(*rank->nodes));
	}
	dq_rank_remove(rank, number);
	node = &rank->nodes[number];
	*node = (struct dq_rank_node){
	    .score = score, .weight = weight_of(number), .there = true};
	while (*at && rank->nodes[*at - 1].weight >= node->weight)
		at = before(score, number, rank, *at)
			 ? &rank->nodes[*at - 1].left
			 : &rank->nodes[*at - 1].right;
	split(rank, *at, score, number, &node->left, &node->right);
	*at = number + 1;
}

uint32_t
dq_rank_after(const struct dq_rank *rank, double score, uint32_t number)
{
	uint32_t tree = rank->root, found = 0;

	while (tree) {
		const struct dq_rank_node *node = &rank->nodes[tree - 1];
		bool later =
		    tree - 1 != number && before(score, number, rank, tree);

		if (later)
			found = tree;
		tree = later ? node->left : node->right;
	}
	return found - 1;
}

uint32_t
dq_rank_first(const struct dq_rank *rank, double score)
{
	uint32_t tree = rank->root, found = 0;

	while (tree) {
		const struct dq_rank_node *node = &rank->nodes[tree - 1];
		bool good = node->score <= score;

		if (good)
			found = tree;
		tree = good ? node->left : node->right;
	}
	return found - 1;
}
