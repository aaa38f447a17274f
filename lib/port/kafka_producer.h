/* A producer behind one or more sinks: idempotent, or transactional with the
 * offsets of the source at the other end of the pipe (dq-stream(7)). */
#ifndef DQ_PORT_KAFKA_PRODUCER_H
#define DQ_PORT_KAFKA_PRODUCER_H

#include "port/kafka_client.h"

#include <stdatomic.h>

/* A commit has two steps; each may take this part of the source's --wait. */
#define DQ_KAFKA_STEPS 8

struct dq_kafka_place {
	char *topic;
	int32_t partition;
	int64_t offset;
};

struct dq_kafka_producer {
	struct dq_kafka_client client;
	const struct dq_kafka_options *options;
	struct dq_sink *sink; /* the main one: its waiting() is called */
	bool transactional;
	bool open;   /* a transaction is */
	bool failed; /* err says why; nothing may be committed any more */
	struct dq_err err;
	int lock; /* of the transactional id, -1: none */
	struct dq_buf id;
	int limit;		       /* ms for each step of a commit */
	struct dq_kafka_place *places; /* committed last */
	size_t place_count;
	/* Takes lines to the handle and makes commits. While it is busy the
	 * handle, `open`, `failed` and `err` are its own. */
	struct dq_worker *worker; /* NULL before a first job */
	bool committing;	  /* its job is, or was, a commit */
	atomic_bool give_up;	  /* the job is to end */
	/* of the commit under way */
	rd_kafka_topic_partition_list_t *offsets;
	rd_kafka_consumer_group_metadata_t *metadata;
	unsigned generation; /* of the handle: a @begin makes a new one */
	unsigned calls;
};

/* False with err set when no broker comes, or a setting is wrong. */
bool dq_kafka_producer_open(struct dq_kafka_producer *p,
    const struct dq_kafka_options *options, bool transactional,
    struct dq_err *err);

/* Turns an idempotent producer, idle so far, into a transactional one. */
bool dq_kafka_producer_upgrade(struct dq_kafka_producer *p, struct dq_err *err);

/* One message; waits while the queue is full. For the worker's job, or whoever
 * has settled before. key.data may be NULL; a value of no data is a tombstone.
 */
bool dq_kafka_produce(struct dq_kafka_producer *p, rd_kafka_topic_t *topic,
    int32_t partition, struct dq_slice key, struct dq_slice value,
    struct dq_err *err);

/* Looks after what was produced, without waiting; false with err set when it
 * cannot be delivered, or no broker answers for too long. */
bool dq_kafka_producer_pulse(struct dq_kafka_producer *p, struct dq_err *err);

/* Gives the worker, which is not busy, a job. */
void dq_kafka_producer_begin(
    struct dq_kafka_producer *p, void (*job)(void *context), void *context);

/* Has the worker something in hand? */
bool dq_kafka_producer_busy(const struct dq_kafka_producer *p);

/* Waits for it; the source is served meanwhile. False with err set when a
 * commit or a delivery failed. */
bool dq_kafka_producer_settle(struct dq_kafka_producer *p, struct dq_err *err);

/* Ends what the worker has in hand, done or not: a transaction that is open is
 * to be aborted then. */
void dq_kafka_producer_abandon(struct dq_kafka_producer *p);

/* All messages so far are acknowledged. */
bool dq_kafka_flush(struct dq_kafka_producer *p, struct dq_err *err);

/* A @begin: what its source promises must fit our limits (rule 16). */
bool dq_kafka_transaction_limits(struct dq_kafka_producer *p,
    const struct dq_control *control, struct dq_err *err);

/* A @checkpoint: data, state and offsets become one transaction. Its commit is
 * under way when this returns, how it ended is told by the next call: until
 * then what is to be written may wait, and the handle is not to be used. */
bool dq_kafka_transaction_commit(struct dq_kafka_producer *p,
    const struct dq_control *control, struct dq_err *err);

/* Does `code` say that another process has our transactional id? Then err
 * tells a person so. */
bool dq_kafka_transaction_fenced(const struct dq_kafka_producer *p,
    rd_kafka_resp_err_t code, struct dq_err *err);

/* An @assign: what was committed for other partitions is no longer known. */
void dq_kafka_transaction_forget(struct dq_kafka_producer *p);

/* Aborts what is open (or, without a transaction, sends what is queued when
 * `good`) and frees. False with err set when messages were lost. */
bool dq_kafka_producer_close(
    struct dq_kafka_producer *p, bool good, struct dq_err *err);

#endif
