#include "model/leaf_game.h"

#include "base/mem.h"
#include "model/small_sets.h"

#include <stdlib.h>

/* Most rows that have anything to do with a leaf miss it by few features: what
 * these get is tabulated, as far as table and work stay below these. */
#define NEAR_SETS 1024
#define NEAR_WORK 65536 /* sets times misses of a leaf */

/* Of 64 misses each. */
static size_t
count_words(const struct dq_leaf_game *game)
{
	return (game->count + 63) / 64;
}

static void
block_misses(struct dq_leaf_game *game)
{
	size_t words = count_words(game);

	game->blocked = dq_calloc(
	    (size_t)game->players * words + 1, sizeof(*game->blocked));
	for (size_t i = 0; i < game->count; i++)
		for (uint64_t p = game->misses[i].players; p; p &= p - 1)
			game->blocked[(size_t)__builtin_ctzll(p) * words +
				      i / 64] |= 1ull << i % 64;
}

/* Which of 64 misses have no player in common with ours. */
static uint64_t
find_open(const struct dq_leaf_game *game, size_t word, uint64_t ours)
{
	size_t words = count_words(game), left = game->count - 64 * word;
	uint64_t blocked = left < 64 ? ~0ull << left : 0;

	for (; ours; ours &= ours - 1)
		blocked |=
		    game->blocked[(size_t)__builtin_ctzll(ours) * words + word];
	return ~blocked;
}

static void
add_to_all(double *got, uint64_t players, double part)
{
	for (; players; players &= players - 1)
		got[__builtin_ctzll(players)] += part;
}

/* Adds what each player gets of a leaf that the row misses by `ours`, each row
 * of the background by its own. */
static void
share(const struct dq_leaf_game *game,
    const double (*part)[DQ_PLAYERS_LIMIT + 1], uint64_t ours, double *got)
{
	int missed = __builtin_popcountll(ours);
	double lost = 0;

	for (size_t word = 0; word < count_words(game); word++)
		for (uint64_t left = find_open(game, word, ours); left;
		     left &= left - 1) {
			const struct dq_miss *miss =
			    &game->misses[64 * word +
					  (size_t)__builtin_ctzll(left)];
			int gained = __builtin_popcountll(miss->players);

			add_to_all(got, miss->players,
			    miss->weight * part[gained][missed]);
			lost += miss->weight * part[missed][gained];
		}
	add_to_all(got, ours, -lost);
}

/* The next larger mask with as many bits. */
static uint64_t
next_set(uint64_t set)
{
	uint64_t low = set & -set, sum = set + low;

	return sum | (((set ^ sum) >> 2) / low);
}

static size_t
tabulate(struct dq_leaf_game *game, const struct dq_background *background)
{
	size_t players = (size_t)game->players, row = 0;

	game->near = -1;
	while (game->near < DQ_SMALL_SET && game->near < game->players) {
		size_t sets = dq_sets_up_to(players, game->near + 1);

		if (sets > NEAR_SETS || sets * game->count > NEAR_WORK)
			break;
		game->near++;
	}
	if (game->near < 0)
		return 0;
	game->table = dq_calloc(
	    dq_sets_up_to(players, game->near) * players + 1, sizeof(double));
	for (int size = 0; size <= game->near; size++) {
		size_t sets = dq_sets_of(players, size);
		uint64_t set = (1ull << size) - 1;

		for (size_t i = 0; i < sets; i++, row++) {
			share(game, background->part, set,
			    game->table + row * players);
			if (i < sets - 1)
				set = next_set(set);
		}
	}
	return row * players * sizeof(double);
}

size_t
dq_leaf_game_init(struct dq_leaf_game *game, int players,
    struct dq_miss *misses, size_t count,
    const struct dq_background *background)
{
	size_t table;

	*game = (struct dq_leaf_game){
	    .players = players, .misses = misses, .count = count};
	block_misses(game);
	table = tabulate(game, background);
	return table + count * sizeof(*misses) +
	       (size_t)players * count_words(game) * sizeof(*game->blocked);
}

void
dq_leaf_game_release(struct dq_leaf_game *game)
{
	free(game->table);
	free(game->misses);
	free(game->blocked);
}

const double *
dq_leaf_game_play(const struct dq_leaf_game *game,
    const double (*part)[DQ_PLAYERS_LIMIT + 1], uint64_t ours,
    double sums[DQ_PLAYERS_LIMIT])
{
	int missed = __builtin_popcountll(ours);
	size_t players = (size_t)game->players;

	if (missed <= game->near)
		return game->table +
		       dq_set_number(ours, missed, players) * players;
	memset(sums, 0, players * sizeof(*sums));
	share(game, part, ours, sums);
	return sums;
}
