/* A source read by a thread of its own, and worked on in the loop's. What is
 * read waits in a queue of limited size: when that is full, reading waits. */
#ifndef DQ_SERVE_FEED_H
#define DQ_SERVE_FEED_H

#include "run/tool.h"

struct dq_feed;

enum dq_feed_state {
	DQ_FEED_OPENING,
	DQ_FEED_READING,
	DQ_FEED_ENDED,
	DQ_FEED_FAILED,
};

struct dq_feed_line {
	struct dq_slice bytes; /* without the newline */
	struct dq_place place; /* its key is not kept */
	char *why;	       /* it cannot be a record; NULL: it may be one */
};

/* Starts the thread, which opens the source, too, so that a broker that is
 * away keeps nobody waiting. `wake` is called in it when there is something to
 * take, or the state has changed. `spec` and `tool` must outlive the feed. */
struct dq_feed *dq_feed_open(const struct dq_tool *tool, const char *spec,
    void (*wake)(void *context), void *context);

/* The next line, in the order of reading; false when none is there now. Valid
 * until the next call. */
bool dq_feed_take(struct dq_feed *feed, struct dq_feed_line *line);

/* DQ_FEED_ENDED and _FAILED only when all lines were taken. */
enum dq_feed_state dq_feed_state(struct dq_feed *feed);
const char *dq_feed_state_name(enum dq_feed_state state);

const char *dq_feed_name(const struct dq_feed *feed);

/* Why it failed. */
const struct dq_err *dq_feed_err(const struct dq_feed *feed);

/* Records that are there and not read yet, -1: not known. */
int64_t dq_feed_lag(struct dq_feed *feed);

/* Bytes read that were not taken yet. */
int64_t dq_feed_waiting(struct dq_feed *feed);

/* Ends the thread, whatever it waits for. */
void dq_feed_close(struct dq_feed *feed);

#endif
