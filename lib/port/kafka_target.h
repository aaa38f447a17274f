/* Topics that a producer writes to. */
#ifndef DQ_PORT_KAFKA_TARGET_H
#define DQ_PORT_KAFKA_TARGET_H

#include "port/kafka_client.h"

struct dq_kafka_target {
	char *name;
	rd_kafka_topic_t *handle; /* NULL: not open */
	int32_t partitions;
	uint32_t kinds; /* that belong there, by the topic table */
};

struct dq_kafka_targets {
	struct dq_kafka_target *items;
	size_t count;
};

/* Topics with commas between; none is open yet. */
void dq_kafka_targets_init(struct dq_kafka_targets *targets, const char *names);
void dq_kafka_targets_release(struct dq_kafka_targets *targets);

/* False with err set when one is not there. */
bool dq_kafka_targets_open(struct dq_kafka_targets *targets,
    struct dq_kafka_client *client, struct dq_err *err);

/* Before the client's handle is destroyed; they can be opened again. */
void dq_kafka_targets_close(struct dq_kafka_targets *targets);

/* The index of one by its name; -1: none, or no name. */
int dq_kafka_targets_named(
    const struct dq_kafka_targets *targets, struct dq_slice name);

/* Where records of a kind go: the first topic they belong to, else the first of
 * all. */
struct dq_kafka_target *dq_kafka_targets_of(
    const struct dq_kafka_targets *targets, enum dq_kind kind);

/* The one of that name, added if need be, open; NULL with err set when it
 * cannot be opened. Others may move. */
struct dq_kafka_target *dq_kafka_targets_at(struct dq_kafka_targets *targets,
    struct dq_slice name, struct dq_kafka_client *client, struct dq_err *err);

#endif
