#include "serve/feed.h"

#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"
#include "run/endpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define BLOCK (64u << 10)
#define QUEUE (4u << 20)
#define FOR_EVER (3650 * DQ_DAY)

struct row {
	size_t len;
	struct dq_place place;
	char *why;
};

/* Lines one behind the other. */
struct block {
	struct block *next;
	struct dq_buf bytes;
	struct row *rows;
	size_t count, cap;
};

struct dq_feed {
	struct dq_tool tool; /* a copy that names this source */
	void (*wake)(void *context);
	void *context;
	pthread_t thread;
	volatile sig_atomic_t stop;
	/* of the thread */
	struct dq_source *source;
	struct block *filling;
	/* of both */
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct block *first, **last;
	size_t queued; /* bytes */
	enum dq_feed_state state;
	struct dq_err err;
	int64_t lag;
	/* of the loop */
	struct block *working;
	size_t row, byte;
};

static void
block_free(struct block *block)
{
	if (!block)
		return;
	for (size_t i = 0; i < block->count; i++)
		free(block->rows[i].why);
	free(block->rows);
	dq_buf_release(&block->bytes);
	free(block);
}

static void
set_state(struct dq_feed *feed, enum dq_feed_state state)
{
	pthread_mutex_lock(&feed->lock);
	feed->state = state;
	pthread_mutex_unlock(&feed->lock);
	feed->wake(feed->context);
}

/* Puts what was read so far into the queue, as soon as that has room. */
static void
hand_over(struct dq_feed *feed)
{
	struct block *block = feed->filling;
	bool first;

	if (!block || !block->count)
		return;
	feed->filling = NULL;
	pthread_mutex_lock(&feed->lock);
	while (feed->queued >= QUEUE && !feed->stop)
		pthread_cond_wait(&feed->room, &feed->lock);
	first = !feed->first;
	feed->queued += block->bytes.len;
	feed->lag = dq_source_lag(feed->source);
	*feed->last = block;
	feed->last = &block->next;
	pthread_mutex_unlock(&feed->lock);
	if (first)
		feed->wake(feed->context);
}

static void
keep(struct dq_feed *feed, struct dq_slice line, const char *why)
{
	struct block *block = feed->filling;
	struct row *row;

	if (!block)
		feed->filling = block = dq_calloc(1, sizeof(*block));
	if (block->count == block->cap) {
		block->cap = block->cap ? 2 * block->cap : 64;
		block->rows = dq_realloc_array(
		    block->rows, block->cap, sizeof(*block->rows));
	}
	row = &block->rows[block->count++];
	*row = (struct row){.len = line.len,
	    .place = feed->source->place,
	    .why = why ? dq_strdup(why) : NULL};
	row->place.key = (struct dq_slice){NULL, 0};
	dq_buf_slice(&block->bytes, line);
	if (block->bytes.len >= BLOCK)
		hand_over(feed);
}

static struct dq_source *
open_source(struct dq_feed *feed)
{
	const char *spec = feed->tool.common.from;
	const char *topic = dq_endpoint_topic(spec);
	const char *tables = dq_endpoint_tables(spec);

	if (topic)
		return feed->tool.kafka->source(
		    topic, &feed->tool.common.kafka, &feed->err);
	if (tables)
		return feed->tool.pg->source(
		    tables, &feed->tool.common.pg, &feed->err);
	return dq_source_open(spec, &feed->stop, &feed->err);
}

/* False at the end, whatever kind of end it is. */
static bool
read_one(struct dq_feed *feed)
{
	struct dq_slice line = {NULL, 0};

	switch (dq_source_next(feed->source, &line)) {
	case DQ_GOT_LINE:
		keep(feed, line, NULL);
		return true;
	case DQ_GOT_LONG:
		keep(feed, line, "longer than 1 MiB");
		return true;
	case DQ_GOT_BAD:
		keep(feed, line, feed->source->err.text);
		return true;
	case DQ_GOT_CUT:
		keep(feed, line, "the input ends in the middle of the line");
		return true;
	case DQ_GOT_IDLE:
		hand_over(feed);
		return !feed->stop;
	case DQ_GOT_MARK:
		return true;
	case DQ_GOT_FAIL:
		feed->err = feed->source->err;
		return false;
	case DQ_GOT_END:
	case DQ_GOT_STOP:
		break;
	}
	return false;
}

static void *
read_all(void *argument)
{
	struct dq_feed *feed = argument;

	feed->source = open_source(feed);
	if (!feed->source) {
		set_state(feed, DQ_FEED_FAILED);
		return NULL;
	}
	set_state(feed, DQ_FEED_READING);
	while (!feed->stop && read_one(feed))
		;
	hand_over(feed);
	set_state(feed, feed->err.text[0] ? DQ_FEED_FAILED : DQ_FEED_ENDED);
	return NULL;
}

struct dq_feed *
dq_feed_open(const struct dq_tool *tool, const char *spec,
    void (*wake)(void *context), void *context)
{
	struct dq_feed *feed = dq_calloc(1, sizeof(*feed));

	feed->tool = *tool;
	feed->tool.common.from = spec;
	feed->tool.common.kafka.stop = &feed->stop;
	feed->tool.common.kafka.timeout = FOR_EVER;
	feed->tool.common.pg.stop = &feed->stop;
	feed->wake = wake;
	feed->context = context;
	feed->last = &feed->first;
	feed->lag = -1;
	pthread_mutex_init(&feed->lock, NULL);
	pthread_cond_init(&feed->room, NULL);
	feed->thread = dq_thread_start(spec, read_all, feed);
	return feed;
}

static bool
next_block(struct dq_feed *feed)
{
	block_free(feed->working);
	pthread_mutex_lock(&feed->lock);
	feed->working = feed->first;
	if (feed->working) {
		feed->first = feed->working->next;
		if (!feed->first)
			feed->last = &feed->first;
		feed->queued -= feed->working->bytes.len;
		pthread_cond_signal(&feed->room);
	}
	pthread_mutex_unlock(&feed->lock);
	feed->row = feed->byte = 0;
	return feed->working;
}

bool
dq_feed_take(struct dq_feed *feed, struct dq_feed_line *line)
{
	const struct row *row;

	if ((!feed->working || feed->row == feed->working->count) &&
	    !next_block(feed))
		return false;
	row = &feed->working->rows[feed->row++];
	*line = (struct dq_feed_line){
	    .bytes = {feed->working->bytes.data + feed->byte, row->len},
	    .place = row->place,
	    .why = row->why};
	feed->byte += row->len;
	return true;
}

enum dq_feed_state
dq_feed_state(struct dq_feed *feed)
{
	enum dq_feed_state state;

	pthread_mutex_lock(&feed->lock);
	state = feed->state;
	if (state > DQ_FEED_READING &&
	    (feed->first ||
		(feed->working && feed->row < feed->working->count)))
		state = DQ_FEED_READING;
	pthread_mutex_unlock(&feed->lock);
	return state;
}

const char *
dq_feed_state_name(enum dq_feed_state state)
{
	static const char *const names[] = {
	    "opening", "reading", "ended", "failed"};

	return names[state];
}

const char *
dq_feed_name(const struct dq_feed *feed)
{
	return feed->tool.common.from;
}

const struct dq_err *
dq_feed_err(const struct dq_feed *feed)
{
	return &feed->err;
}

int64_t
dq_feed_lag(struct dq_feed *feed)
{
	int64_t lag;

	pthread_mutex_lock(&feed->lock);
	lag = feed->lag;
	pthread_mutex_unlock(&feed->lock);
	return lag;
}

int64_t
dq_feed_waiting(struct dq_feed *feed)
{
	int64_t bytes;

	pthread_mutex_lock(&feed->lock);
	bytes = (int64_t)feed->queued;
	pthread_mutex_unlock(&feed->lock);
	return bytes;
}

void
dq_feed_close(struct dq_feed *feed)
{
	if (!feed)
		return;
	pthread_mutex_lock(&feed->lock);
	feed->stop = 1;
	pthread_cond_signal(&feed->room);
	pthread_mutex_unlock(&feed->lock);
	pthread_join(feed->thread, NULL);
	dq_source_close(feed->source);
	while (next_block(feed))
		;
	block_free(feed->filling);
	pthread_mutex_destroy(&feed->lock);
	pthread_cond_destroy(&feed->room);
	free(feed);
}
