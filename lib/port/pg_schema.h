/* The tables' making and checking: migrations forward, each once. */
#ifndef DQ_PORT_PG_SCHEMA_H
#define DQ_PORT_PG_SCHEMA_H

#include "port/pg_client.h"

struct dq_pg_migration {
	int64_t version; /* counted from 1, without a gap */
	const char *name;
	struct dq_slice sql;
};

/* A finding: what, and what is so with it. */
struct dq_pg_finding {
	void (*say)(void *context, const char *what, const char *is);
	void *context;
};

/* Applies the migrations that the database has not had, all of them or none,
 * and notes what the schema then looks like. Says "applied" of each. False
 * with err set: one differs from what was applied under its number, or the
 * database is of a newer dq (2), or the database's own words. */
bool dq_pg_schema_init(struct dq_pg_client *client,
    const struct dq_pg_migration *list, size_t count,
    const struct dq_pg_finding *finding, struct dq_err *err);

/* Says each migration that is not applied, and each column, constraint, index,
 * function and grant that is no longer as it was made. */
bool dq_pg_schema_check(struct dq_pg_client *client,
    const struct dq_pg_migration *list, size_t count,
    const struct dq_pg_finding *finding, struct dq_err *err);

/* Drops (or with `dry` only says) the months of a table that end before that
 * time. */
bool dq_pg_schema_prune(struct dq_pg_client *client, const char *table,
    int64_t before, bool dry, const struct dq_pg_finding *finding,
    struct dq_err *err);

#endif
