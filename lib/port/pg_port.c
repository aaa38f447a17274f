#include "port/pg.h"

#include "port/pg_offsets.h"
#include "port/pg_sink.h"
#include "port/pg_source.h"

const struct dq_pg dq_pg = {
    .source = dq_pg_source_open,
    .sink = dq_pg_sink_open,
    .stored = dq_pg_stored,
};
