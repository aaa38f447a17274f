/* Tables as a source: their rows as records, in pages by key, merged by event
 * time. */
#ifndef DQ_PORT_PG_SOURCE_H
#define DQ_PORT_PG_SOURCE_H

#include "port/pg.h"

struct dq_source *dq_pg_source_open(const char *tables,
    const struct dq_pg_options *options, struct dq_err *err);

#endif
