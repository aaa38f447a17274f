/* Records of partitions between two offsets: how many there are, and when the
 * first was written. */
#ifndef DQ_PORT_KAFKA_UNREAD_H
#define DQ_PORT_KAFKA_UNREAD_H

#include "port/kafka_client.h"

/* Offsets are also taken by marks of transactions, by aborted records and by
 * what compaction took away: so many are looked at one by one, and above it
 * only the first record is found and the offsets behind it are taken for
 * records. */
#define DQ_KAFKA_UNREAD_COUNT 1000

struct dq_kafka_unread {
	const char *topic;
	int32_t partition;
	int64_t from, to;
	/* filled: */
	int64_t records; /* that this handle may read, -1: not to be had */
	int64_t time;	 /* of the first, microseconds; or DQ_TIME_NONE */
	rd_kafka_topic_t *handle;
	bool done;
};

/* A handle for the below; `isolation` is "read_committed" or
 * "read_uncommitted". */
bool dq_kafka_unread_open(struct dq_kafka_client *client,
    const struct dq_kafka_options *options, const char *isolation,
    struct dq_err *err);

/* Different partitions, `from` below `to` each. False with err set when the
 * brokers do not answer, or forbid it. */
bool dq_kafka_unread_read(struct dq_kafka_client *client,
    struct dq_kafka_unread *parts, size_t count, struct dq_err *err);

#endif
