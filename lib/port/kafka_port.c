#include "port/kafka.h"

#include "port/kafka_restore.h"
#include "port/kafka_sink.h"
#include "port/kafka_source.h"

const struct dq_kafka dq_kafka = {
    .source = dq_kafka_source_open,
    .sink = dq_kafka_sink_open,
    .beside = dq_kafka_sink_beside,
    .reachable = dq_kafka_sink_reachable,
    .restore = dq_kafka_restore,
    .table = dq_kafka_table_open,
    .more = dq_kafka_table_more,
    .close = dq_kafka_table_close,
};
