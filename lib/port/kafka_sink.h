/* Topics as a sink. Lines are keyed by customer_id and spread by murmur2, as
 * the Java client does. */
#ifndef DQ_PORT_KAFKA_SINK_H
#define DQ_PORT_KAFKA_SINK_H

#include "port/kafka.h"

struct dq_sink *dq_kafka_sink_open(const char *topics, bool transactional,
    const struct dq_kafka_options *options, struct dq_err *err);
struct dq_sink *dq_kafka_sink_beside(
    struct dq_sink *sink, const char *topic, struct dq_err *err);
bool dq_kafka_sink_reachable(struct dq_sink *sink);
bool dq_kafka_is_sink(const struct dq_sink *sink);

#endif
