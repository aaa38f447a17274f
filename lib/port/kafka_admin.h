/* Topics as a cluster has them, and changing them. */
#ifndef DQ_PORT_KAFKA_ADMIN_H
#define DQ_PORT_KAFKA_ADMIN_H

#include "port/kafka.h"

struct dq_kafka_admin;

struct dq_kafka_config {
	char *name, *value;
	bool own; /* set for this topic, not the broker's default */
};

struct dq_kafka_topic {
	char *name;
	int32_t partitions, replicas;
	struct dq_kafka_config *configs;
	size_t config_count;
};

/* NULL with err set when settings are wrong or no broker comes in time. */
struct dq_kafka_admin *dq_kafka_admin_open(
    const struct dq_kafka_options *options, struct dq_err *err);
void dq_kafka_admin_close(struct dq_kafka_admin *admin);

/* All topics but the cluster's own, by name; to be freed below. */
bool dq_kafka_admin_topics(struct dq_kafka_admin *admin,
    struct dq_kafka_topic **topics, size_t *count, struct dq_err *err);
void dq_kafka_admin_topics_free(struct dq_kafka_topic *topics, size_t count);

/* The value of a topic's setting, or NULL. */
const char *dq_kafka_topic_config(
    const struct dq_kafka_topic *topic, const char *name);

/* With `dry` the broker only says whether it would. `replicas` -1: as the
 * broker thinks fit. */
bool dq_kafka_admin_create(struct dq_kafka_admin *admin,
    const struct dq_kafka_topic *topic, bool dry, struct dq_err *err);
bool dq_kafka_admin_grow(struct dq_kafka_admin *admin, const char *topic,
    int32_t partitions, bool dry, struct dq_err *err);
/* Sets these and keeps the topic's other own settings. */
bool dq_kafka_admin_set(struct dq_kafka_admin *admin,
    const struct dq_kafka_topic *topic, const struct dq_kafka_config *configs,
    size_t count, bool dry, struct dq_err *err);
bool dq_kafka_admin_delete(
    struct dq_kafka_admin *admin, const char *topic, struct dq_err *err);

#endif
