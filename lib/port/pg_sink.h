/* Tables as a sink: rows in batches; with a group's offsets in the same
 * transactions, from anywhere else each id once. */
#ifndef DQ_PORT_PG_SINK_H
#define DQ_PORT_PG_SINK_H

#include "port/pg.h"

struct dq_sink *dq_pg_sink_open(const char *tables,
    const struct dq_pg_options *options, struct dq_err *err);

#endif
