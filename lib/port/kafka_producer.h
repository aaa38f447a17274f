/* A producer behind one or more sinks: idempotent, or transactional with the
 * offsets of the source at the other end of the pipe (dq-stream(7)). */
#ifndef DQ_PORT_KAFKA_PRODUCER_H
#define DQ_PORT_KAFKA_PRODUCER_H

#include "port/kafka_client.h"

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
	int64_t commits;
	unsigned generation; /* of the handle: a @begin makes a new one */
	unsigned calls;
};

/* False with err set when no broker comes, or a setting is wrong. */
bool dq_kafka_producer_open(struct dq_kafka_producer *p,
    const struct dq_kafka_options *options, bool transactional,
    struct dq_err *err);

/* Turns an idempotent producer, idle so far, into a transactional one. */
bool dq_kafka_producer_upgrade(struct dq_kafka_producer *p, struct dq_err *err);

/* One message; waits while the queue is full. key.data may be NULL; a value
 * of no data is a tombstone. */
bool dq_kafka_produce(struct dq_kafka_producer *p, rd_kafka_topic_t *topic,
    int32_t partition, struct dq_slice key, struct dq_slice value,
    struct dq_err *err);

/* Looks after what was produced, without waiting; false with err set when it
 * cannot be delivered, or no broker answers for too long. */
bool dq_kafka_producer_pulse(struct dq_kafka_producer *p, struct dq_err *err);

/* All messages so far are acknowledged. */
bool dq_kafka_flush(struct dq_kafka_producer *p, struct dq_err *err);

/* A @begin: what its source promises must fit our limits (rule 16). */
bool dq_kafka_transaction_limits(struct dq_kafka_producer *p,
    const struct dq_control *control, struct dq_err *err);

/* A @checkpoint: data, state and offsets become one transaction. */
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
