/* A rollup's insides: what is counted of one partition. */
#ifndef DQ_ROLLUP_SHARD_H
#define DQ_ROLLUP_SHARD_H

#include "base/time.h"
#include "rollup/customer.h"
#include "rollup/rollup.h"

struct dq_shard {
	int32_t partition;   /* -1: none */
	struct dq_buf topic; /* empty: none */
	int64_t clock;	     /* DQ_TIME_NONE: nothing yet */
	int64_t late;
	struct dq_standing before; /* at the first window's beginning */
	struct dq_window *windows; /* by start, those with records only */
	size_t count, cap;
};

struct dq_rollup {
	struct dq_rollup_options options;
	struct dq_shard *shards;
	uint32_t shards_count;
	struct dq_map ids; /* customers' */
	struct dq_stands *customers;
	size_t customers_cap;
	void (*changed)(void *context, struct dq_slice key);
	void *context;
};

/* The number of the partition's shard, a new one when there is none. A topic
 * without a name is any. */
uint32_t dq_rollup_shard(
    struct dq_rollup *rollup, int32_t partition, struct dq_slice topic);

/* The customer, a new one when unknown; valid until the next new one. */
struct dq_stands *dq_rollup_customer(
    struct dq_rollup *rollup, struct dq_slice id);

/* Moves the shard's clock: writes what is due by then. */
void dq_shard_advance(struct dq_rollup *rollup, struct dq_shard *shard,
    int64_t time, struct dq_out *out);

/* Writes every window that changed. */
void dq_shard_write(struct dq_rollup *rollup, struct dq_shard *shard,
    int64_t event_time, struct dq_out *out);

/* The window that begins there, made when it is not there. Valid until the
 * next one is made. */
struct dq_window *dq_shard_window(struct dq_shard *shard, int64_t start);

/* Where the first window begins that is not final. */
int64_t dq_shard_final(
    const struct dq_rollup *rollup, const struct dq_shard *shard);

/* Tells who watches that the window has changed. */
void dq_shard_changed(struct dq_rollup *rollup, const struct dq_shard *shard,
    const struct dq_window *window);

void dq_shard_release(struct dq_shard *shard);

/* "@clock N" and "@window N M". M comes round again: there are never more
 * keys than DQ_WINDOWS_MAX and some. */
#define DQ_SHARD_KEY 48
void dq_shard_key(char key[DQ_SHARD_KEY], const struct dq_shard *shard);
void dq_shard_window_key(char key[DQ_SHARD_KEY], const struct dq_rollup *rollup,
    const struct dq_shard *shard, int64_t start);

#endif
