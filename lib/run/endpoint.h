/* --from and --to: which family of ports an endpoint belongs to. */
#ifndef DQ_RUN_ENDPOINT_H
#define DQ_RUN_ENDPOINT_H

#include "port/sink.h"
#include "port/source.h"
#include "run/tool.h"

/* The name behind "kafka:", or NULL. */
const char *dq_endpoint_topic(const char *spec);

/* The tables behind "pg:", or NULL. */
const char *dq_endpoint_tables(const char *spec);

/* Opens --from; ends the program when that cannot be. */
struct dq_source *dq_endpoint_source(const struct dq_tool *tool);

/* Opens --to; NULL with err set when that cannot be. */
struct dq_sink *dq_endpoint_sink(
    const struct dq_tool *tool, enum dq_sink_mode mode, struct dq_err *err);

/* Opens --dlq: a topic shares the producer (and the transactions) of `sink`
 * when that is a topic too. */
struct dq_sink *dq_endpoint_letters(
    const struct dq_tool *tool, struct dq_sink *sink, struct dq_err *err);

/* Do checkpoints of a source of our own decide what is committed? */
bool dq_endpoint_grouped(const struct dq_tool *tool);

#endif
