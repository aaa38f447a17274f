/* What is remembered of a customer: the latest prediction of each window that
 * may still be corrected, and the last one before those. */
#ifndef DQ_ROLLUP_CUSTOMER_H
#define DQ_ROLLUP_CUSTOMER_H

#include "rollup/window.h"

struct dq_stand {
	int64_t time;
	int32_t score; /* in DQ_SCORE_UNITS */
	int32_t level; /* enum dq_level */
};

/* Zeroed memory is a customer of whom nothing is known. */
struct dq_stands {
	uint32_t shard; /* the caller's number of what these are counted in */
	uint32_t count;
	struct dq_stand newest; /* count > 0 */
	struct dq_stand *older; /* count - 1 of them, by time; or NULL */
};

void dq_stands_release(struct dq_stands *stands);

/* What a prediction changed: in all windows from the one it is in to that
 * which begins at `until` (INT64_MAX: to the last), `old` was counted, or
 * nothing where it has the time DQ_TIME_NONE. */
struct dq_stands_change {
	struct dq_stand old;
	int64_t until;
};

/* Takes in a prediction. Windows have this length; what is before `final`, the
 * beginning of the first window that may still be corrected, is forgotten but
 * for the last. False: a later one of the same window is known, nothing
 * changes. */
bool dq_stands_add(struct dq_stands *stands, const struct dq_stand *stand,
    int64_t length, int64_t final, struct dq_stands_change *change);

/* Where the window of that length begins. */
int64_t dq_window_start(int64_t time, int64_t length);

/* As elements of an array in a row of the state: [time, score, level], ...
 * Load takes those that are left into stands of which nothing is known; false,
 * and nothing known, when they are none. */
void dq_stands_save(const struct dq_stands *stands, struct dq_buf *out);
bool dq_stands_load(struct dq_stands *stands, struct dq_json_iter *rows);

#endif
