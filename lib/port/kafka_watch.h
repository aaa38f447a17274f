/* Consumer groups under observation: which of them move. */
#ifndef DQ_PORT_KAFKA_WATCH_H
#define DQ_PORT_KAFKA_WATCH_H

#include "port/kafka_lag.h"

enum dq_lag_state {
	DQ_LAG_OK,
	DQ_LAG_STALLED, /* has a reader and records, and does not move */
	DQ_LAG_STOPPED, /* nobody reads */
	DQ_LAG_UNKNOWN, /* how many records there are */
};

struct dq_kafka_watched {
	struct dq_kafka_lag lag;
	int64_t since; /* steady clock: committed is what it is */
	bool moved;    /* since is when it moved, not when we came */
};

struct dq_kafka_watch {
	struct dq_kafka_lags *lags;
	struct dq_opt_list groups;
	int64_t stall; /* microseconds without moving that make a stall */
	struct dq_kafka_watched *rows;
	size_t count;
};

/* A new look at all groups, which knows what has moved since the last one. */
bool dq_kafka_watch_look(struct dq_kafka_watch *watch, struct dq_err *err);

/* Could this be a stalled one, for all that the looks so far can tell? */
bool dq_kafka_watch_unsure(const struct dq_kafka_watch *watch);

enum dq_lag_state dq_kafka_watch_state(
    const struct dq_kafka_watch *watch, const struct dq_kafka_watched *row);

/* Why it is in that state, "" where nothing is wrong. */
const char *dq_kafka_watch_why(const struct dq_kafka_watch *watch,
    const struct dq_kafka_watched *row, char text[200]);

/* Microseconds since the first record that the group has not got past was
 * written; 0 when there is none; -1: unknown. */
int64_t dq_kafka_lag_behind(const struct dq_kafka_lag *lag);

void dq_kafka_watch_release(struct dq_kafka_watch *watch);

#endif
