/* Reading a changelog: rule 9 of dq-stream(7). */
#ifndef DQ_PORT_KAFKA_RESTORE_H
#define DQ_PORT_KAFKA_RESTORE_H

#include "port/kafka.h"

bool dq_kafka_restore(const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, struct dq_err *err);

#endif
