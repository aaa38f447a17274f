/* How far a group has read, kept with the rows: rule 18 of dq-stream(7). */
#ifndef DQ_PORT_PG_OFFSETS_H
#define DQ_PORT_PG_OFFSETS_H

#include "port/pg_client.h"
#include "record/control.h"

struct dq_pg_offset {
	char *topic;
	int32_t partition;
	int64_t old, next;
	bool known; /* the database has a row of it */
};

struct dq_pg_offsets {
	struct dq_pg_offset *list; /* sorted */
	size_t count;
};

void dq_pg_offsets_release(struct dq_pg_offsets *offsets);

/* @assign: where the partitions stand. */
void dq_pg_offsets_assign(
    struct dq_pg_offsets *offsets, const struct dq_control *control);

/* @checkpoint: where they stand once it is committed. False with err set when
 * it names a partition that was not assigned. */
bool dq_pg_offsets_next(struct dq_pg_offsets *offsets,
    const struct dq_control *control, struct dq_err *err);

/* Has any of them moved, or none a row yet? */
bool dq_pg_offsets_moved(const struct dq_pg_offsets *offsets);

/* Inside a transaction: moves each from its old offset to the next. False with
 * err set, code 75, when another process has moved one. */
bool dq_pg_offsets_move(const struct dq_pg_offsets *offsets,
    struct dq_pg_client *client, const char *group, struct dq_err *err);

/* Nobody knows whether the last transaction was committed: does the database
 * say what it would say then? False with err set when it cannot be asked. */
bool dq_pg_offsets_arrived(const struct dq_pg_offsets *offsets,
    struct dq_pg_client *client, const char *group, bool *arrived,
    struct dq_err *err);

/* The transaction is committed. */
void dq_pg_offsets_done(struct dq_pg_offsets *offsets);

/* struct dq_pg's `stored`. */
bool dq_pg_stored(void *options, const char *group,
    struct dq_kafka_stored *places, size_t count, struct dq_err *err);

#endif
