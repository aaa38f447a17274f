/* One leaf's part of the game of background.h: which sets of the features on
 * its path rows of the background miss it by, and what a row that misses it by
 * a set of its own makes of that. The features are its players: bits of a
 * mask. */
#ifndef DQ_MODEL_LEAF_GAME_H
#define DQ_MODEL_LEAF_GAME_H

#include "model/background.h"

/* Rows of the background that miss a leaf by the same players. */
struct dq_miss {
	uint64_t players;
	double weight; /* their share of the background, times the leaf */
};

struct dq_leaf_game {
	int players;
	int near;      /* rows that miss it by so many are tabulated, or -1 */
	double *table; /* by dq_set_number: what each player gets */
	struct dq_miss *misses;
	size_t count; /* of them */
	/* Of each player a bit a miss, those that a row which misses the leaf
	 * by that player has nothing to do with. */
	uint64_t *blocked;
};

/* Takes `misses` (heap). Returns the bytes that the game holds. */
size_t dq_leaf_game_init(struct dq_leaf_game *game, int players,
    struct dq_miss *misses, size_t count,
    const struct dq_background *background);
void dq_leaf_game_release(struct dq_leaf_game *game);

/* What each player gets when a row misses the leaf by `ours`: in a table of the
 * game's, or in `sums`. part: as the background's. */
const double *dq_leaf_game_play(const struct dq_leaf_game *game,
    const double (*part)[DQ_PLAYERS_LIMIT + 1], uint64_t ours,
    double sums[DQ_PLAYERS_LIMIT]);

#endif
