/* One handle of librdkafka: its configuration, what it complains of, and how
 * long a broker may be away. */
#ifndef DQ_PORT_KAFKA_CLIENT_H
#define DQ_PORT_KAFKA_CLIENT_H

#include "port/kafka.h"

#include <librdkafka/rdkafka.h>

struct dq_kafka_client {
	rd_kafka_t *rk;
	const struct dq_kafka_options *options;
	_Atomic int64_t down_since; /* steady clock; 0: a broker answers */
	int64_t told;		    /* when a person was last told so */
	bool failed;		    /* err says what no waiting will mend */
	struct dq_err err;
};

/* Name and value, until a NULL name; without a value it is left out. A user's
 * -X or -F that names one that the guarantee needs is refused (2); `open` ones
 * are only our defaults. */
struct dq_kafka_setting {
	const char *name, *value;
	bool open;
};

/* `conf` carries the callbacks and is consumed; its opaque becomes `client`.
 * False with err set when a setting is wrong. */
bool dq_kafka_client_open(struct dq_kafka_client *client, rd_kafka_type_t type,
    const struct dq_kafka_options *options, rd_kafka_conf_t *conf,
    const struct dq_kafka_setting *settings, struct dq_err *err);

/* Has this client been without any broker for longer than --timeout, or has
 * it failed for good? False with err set. Call it while waiting. */
bool dq_kafka_client_alive(struct dq_kafka_client *client, struct dq_err *err);

/* A broker has answered. */
void dq_kafka_client_heard(struct dq_kafka_client *client);

/* Does one? Asked, for at most 200 ms, when none did. */
bool dq_kafka_client_answers(struct dq_kafka_client *client);

/* Waits until a broker answers. What it says of `all` topics, or of those in
 * use, to be destroyed; NULL with err set when none answers in time. */
const struct rd_kafka_metadata *dq_kafka_client_metadata(
    struct dq_kafka_client *client, bool all, struct dq_err *err);

/* The same for a handle that nothing is subscribed to yet: bad news of
 * certificates and passwords come out here. */
bool dq_kafka_client_reach(struct dq_kafka_client *client, struct dq_err *err);

/* The answer to an administrator's request, which is to have this limit (ms),
 * or NULL with err set (75) and, unless it is NULL, *code. */
#define DQ_KAFKA_EVENT_LIMIT 15000
rd_kafka_event_t *dq_kafka_client_event(struct dq_kafka_client *client,
    rd_kafka_queue_t *queue, rd_kafka_resp_err_t *code, struct dq_err *err);

/* Waits for the topic's metadata. The number of its partitions, or -1 with
 * err set: there is no such topic (2), no broker in time (75). */
int32_t dq_kafka_partitions(
    struct dq_kafka_client *client, const char *topic, struct dq_err *err);

/* A number that the user's settings or librdkafka's defaults give. */
int64_t dq_kafka_client_number(
    const struct dq_kafka_client *client, const char *name);

/* "a,b" as strings; freed with dq_kafka_topics_free. */
size_t dq_kafka_topics(const char *list, char ***topics);
void dq_kafka_topics_free(char **topics, size_t count);

#endif
