/* A customer's last score of each day, for DQ_SCORE_DAYS days: 4 bytes a day
 * that has one. */
#ifndef DQ_SERVE_SCORES_H
#define DQ_SERVE_SCORES_H

#include <stddef.h>
#include <stdint.h>

#define DQ_SCORE_DAYS 400

struct dq_score {
	int32_t day;
	double score;
};

/* Zeroed memory has none. */
struct dq_scores {
	uint32_t *points; /* days since the one before, and millionths */
	uint16_t count, cap;
	int32_t first, last; /* days */
};

void dq_scores_release(struct dq_scores *scores);

/* `day` is not before the last one, whose score it else replaces. */
void dq_scores_put(struct dq_scores *scores, int32_t day, double score);

/* By day; their number. */
size_t dq_scores_read(
    const struct dq_scores *scores, struct dq_score out[DQ_SCORE_DAYS]);

/* The last score that is not of a later day, else the oldest; NAN: none. */
double dq_scores_until(const struct dq_scores *scores, int32_t day);

#endif
