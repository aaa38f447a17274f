#include "serve/scores.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 1000000.0 /* what is written has six digits */
#define SCORE_BITS 20	/* hold a million; the others, 400 days and more */
#define STEP 8

static int32_t
gap_of(uint32_t point)
{
	return (int32_t)(point >> SCORE_BITS);
}

static double
score_of(uint32_t point)
{
	return (point & ((1u << SCORE_BITS) - 1)) / UNITS;
}

void
dq_scores_release(struct dq_scores *scores)
{
	free(scores->points);
	*scores = (struct dq_scores){0};
}

/* Drops what is too old beside `day`. */
static void
forget(struct dq_scores *scores, int32_t day)
{
	uint16_t n = 0;

	while (n < scores->count && scores->first <= day - DQ_SCORE_DAYS) {
		n++;
		if (n < scores->count)
			scores->first += gap_of(scores->points[n]);
	}
	if (!n)
		return;
	scores->count = (uint16_t)(scores->count - n);
	memmove(scores->points, scores->points + n,
	    scores->count * sizeof(*scores->points));
}

void
dq_scores_put(struct dq_scores *scores, int32_t day, double score)
{
	uint32_t units = (uint32_t)lround(fmin(fmax(score, 0), 1) * UNITS);
	uint32_t gap = 0;

	if (scores->count && day <= scores->last) {
		uint32_t *last = &scores->points[scores->count - 1];

		*last = *last >> SCORE_BITS << SCORE_BITS | units;
		return;
	}
	forget(scores, day);
	if (scores->count)
		gap = (uint32_t)(day - scores->last);
	else
		scores->first = day;
	if (scores->count == scores->cap) {
		scores->cap += STEP;
		scores->points = dq_realloc_array(
		    scores->points, scores->cap, sizeof(*scores->points));
	}
	scores->points[scores->count++] = gap << SCORE_BITS | units;
	scores->last = day;
}

size_t
dq_scores_read(
    const struct dq_scores *scores, struct dq_score out[DQ_SCORE_DAYS])
{
	int32_t day = scores->first;

	for (uint16_t i = 0; i < scores->count; i++) {
		day += i ? gap_of(scores->points[i]) : 0;
		out[i] = (struct dq_score){day, score_of(scores->points[i])};
	}
	return scores->count;
}

double
dq_scores_until(const struct dq_scores *scores, int32_t day)
{
	int32_t at = scores->last;
	uint16_t i = scores->count;

	if (!i)
		return NAN;
	while (i > 1 && at > day)
		at -= gap_of(scores->points[--i]);
	return score_of(scores->points[i - 1]);
}
