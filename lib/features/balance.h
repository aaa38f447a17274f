/* Levels of an account day by day, and 30-day tiles of days long gone. */
#ifndef DQ_FEATURES_BALANCE_H
#define DQ_FEATURES_BALANCE_H

#include "features/customer.h"

#define DQ_MONTH_DAYS 30

/* A tile of 30 days, by day number / 30 rounded down: what the windows of 365
 * days need. Levels count the days with a known one. */
struct dq_month {
	int64_t sum;	    /* of levels */
	uint64_t square[2]; /* of levels squared: low word, high word */
	int64_t low;	    /* lowest low; where days > 0 */
	int64_t high;	    /* highest level; where days > 0 */
	int64_t atm;
	int64_t spend;
	int32_t number;
	int32_t days; /* with a known level */
	int32_t fees;
	int32_t spare_;
};

/* Days that follow each other with one level and one low. */
struct dq_run {
	int32_t from, to;
	int64_t level, low;
	bool known;
};

/* Where a walk over the levels stands. */
struct dq_walk {
	int32_t next; /* the day it comes to */
	int64_t level;
	bool known;
};

/* Begins before the first kept day. */
struct dq_walk dq_walk_begin(const struct dq_customer *c);

/* The inactive days before `day` as a run; false when there are none. */
bool dq_walk_gap(struct dq_walk *walk, int32_t day, struct dq_run *run);

/* An active day. */
void dq_walk_day(
    struct dq_walk *walk, const struct dq_day *day, struct dq_run *run);

/* The least tile that a window of 365 days ending on T touches. */
int32_t dq_month_first(int32_t T);
int32_t dq_month_of(int32_t day);

/* A tile without a day. */
struct dq_month dq_month_empty(int32_t number);

/* Adds a run, or an active day's sums, to a tile that covers them. */
void dq_month_add_run(struct dq_month *month, const struct dq_run *run);
void dq_month_add_day(struct dq_month *month, const struct dq_day *day);
void dq_month_add_sums(struct dq_month *month, const struct dq_sums *sums);
void dq_month_add(struct dq_month *to, const struct dq_month *more);

/* Moves the days before `kept` from the packed days into the tiles, and drops
 * tiles that no window ending on `newest` or later touches. Returns the bytes
 * that left the front of the packed days. */
uint32_t dq_balance_fold(struct dq_customer **c, int32_t kept, int32_t newest);

#endif
