/* Topics behind a spool: a sink that puts lines on disk and lets a thread take
 * them to Kafka. It is ready without a broker. */
#ifndef DQ_PORT_SPOOL_SINK_H
#define DQ_PORT_SPOOL_SINK_H

#include "port/kafka.h"

/* By options->spool and options->spool_limit; NULL with err set. Full, it
 * waits, and calls waiting() meanwhile. Made durable, lines are on the disk.
 * Closed, it waits until they are delivered, at most options->timeout for a
 * broker (75), and not at all when asked to stop. */
struct dq_sink *dq_spool_sink_open(const struct dq_kafka *kafka,
    const char *topics, const struct dq_kafka_options *options,
    struct dq_err *err);

#endif
