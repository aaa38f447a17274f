#include "serve/rank.h"
#include "unit.h"

#include "base/random.h"

#include <math.h>

#define NUMBERS 300

/* The order by looking at all. */
static uint32_t
next_of(const double *score, double after, uint32_t number, bool first)
{
	uint32_t best = DQ_RANK_NONE;

	for (uint32_t i = 0; i < NUMBERS; i++) {
		bool behind = first || score[i] < after ||
			      (score[i] == after && i > number);

		if (isnan(score[i]) || !behind)
			continue;
		if (best == DQ_RANK_NONE || score[i] > score[best])
			best = i;
	}
	return best;
}

static void
check_all(const struct dq_rank *rank, const double *score)
{
	uint32_t want = next_of(score, 0, 0, true);
	uint32_t got = dq_rank_first(rank, INFINITY);

	for (;;) {
		CHECK_INT(got, want);
		if (got == DQ_RANK_NONE || got != want)
			break;
		want = next_of(score, score[got], got, false);
		got = dq_rank_after(rank, score[got], got);
	}
}

/* Put, moved and removed at random; few scores, so that many are equal. */
static void
as_sorted(void)
{
	struct dq_rank rank = {0};
	struct dq_random random;
	double score[NUMBERS];

	dq_random_init(&random, 7, 0);
	for (int i = 0; i < NUMBERS; i++)
		score[i] = NAN;
	check_all(&rank, score);
	for (int i = 0; i < 6000; i++) {
		uint32_t number = (uint32_t)dq_random_below(&random, NUMBERS);

		if (dq_random_below(&random, 4)) {
			score[number] =
			    (double)dq_random_below(&random, 40) / 40;
			dq_rank_put(&rank, number, score[number]);
		} else {
			dq_rank_remove(&rank, number);
			score[number] = NAN;
		}
		if (i % 50 == 0)
			check_all(&rank, score);
	}
	check_all(&rank, score);
	CHECK_INT(
	    dq_rank_first(&rank, 0.5), next_of(score, 0.5 + 1e-9, 0, false));
	CHECK_INT(dq_rank_first(&rank, -1), DQ_RANK_NONE);
	dq_rank_remove(&rank, 100000);
	dq_rank_release(&rank);
}

int
main(void)
{
	as_sorted();
	return unit_done();
}
