/* Reading a changelog, or a whole topic: rule 9 of dq-stream(7). The contract
 * is in port/kafka.h. */
#ifndef DQ_PORT_KAFKA_RESTORE_H
#define DQ_PORT_KAFKA_RESTORE_H

#include "port/kafka.h"

bool dq_kafka_restore(const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, struct dq_err *err);

struct dq_kafka_table *dq_kafka_table_open(
    const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, struct dq_err *err);
bool dq_kafka_table_more(struct dq_kafka_table *table, struct dq_err *err);
void dq_kafka_table_close(struct dq_kafka_table *table);

#endif
