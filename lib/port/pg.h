/* Tables of a PostgreSQL database as endpoints (libpq). A tool that has them
 * names &dq_pg and links libpq; the others do neither. */
#ifndef DQ_PORT_PG_H
#define DQ_PORT_PG_H

#include "port/kafka.h"
#include "port/sink.h"
#include "port/source.h"

struct dq_pg_options {
	const char *database; /* libpq's connection string, or NULL */
	int64_t since, until; /* event time, DQ_TIME_NONE: no bound */
	const char *after;    /* place of a reader, as it tells it, or NULL */
	int64_t count;	      /* stop after so many rows, 0: never */
	int64_t timeout;      /* give up without a database, microseconds */
	/* not options: who opens */
	const char *tool;
	const char *group; /* whose offsets go with the rows, or NULL */
	const volatile sig_atomic_t *stop;
};

struct dq_pg {
	/* `tables` is "a,b": their rows as records, merged by event time. NULL
	 * with err set on failure. */
	struct dq_source *(*source)(const char *tables,
	    const struct dq_pg_options *options, struct dq_err *err);
	/* Records go to the table of their kind. */
	struct dq_sink *(*sink)(const char *tables,
	    const struct dq_pg_options *options, struct dq_err *err);
	/* Where a group stands by the database; `options` as context. */
	bool (*stored)(void *options, const char *group,
	    struct dq_kafka_stored *places, size_t count, struct dq_err *err);
};

extern const struct dq_pg dq_pg;

#endif
