#include "port/pg_schema.h"

#include "base/num.h"
#include "base/time.h"
#include "record/digest.h"

#include <stdio.h>

/* Ours in the namespace where dq_schema stands, a line each. */
#define OURS                                                                   \
	"c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = "     \
	"'dq_schema'::regclass) AND NOT c.relispartition AND c.relname = ANY " \
	"('{customers,transactions,daily_balances,payments,labels,"            \
	"risk_scores,interventions,customer_assignments,"                      \
	"intervention_outcomes,action_audit_log,dq_offsets}')"

#define CATALOGUE                                                              \
	"SELECT 'column ' || c.relname || '.' || a.attname || ' ' || "         \
	"format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN " \
	"' not null' ELSE '' END AS line FROM pg_class c JOIN pg_attribute a " \
	"ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE " \
	"c.relkind IN ('r', 'p') AND " OURS                                    \
	" UNION ALL SELECT 'constraint ' || c.relname || ' ' || "              \
	"pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON " \
	"c.oid = k.conrelid WHERE k.contype <> 'n' AND " OURS                  \
	" UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM "    \
	"pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE "              \
	"i.indisvalid AND " OURS                                               \
	" UNION ALL SELECT 'grant ' || p.privilege_type || ' on ' || "         \
	"c.relname || ' to ' || r.rolname FROM pg_class c, "                   \
	"aclexplode(c.relacl) p JOIN pg_roles r ON r.oid = p.grantee WHERE "   \
	"r.rolname LIKE 'dq\\_%' AND " OURS                                    \
	" UNION ALL SELECT 'function ' || f.oid::regprocedure FROM pg_proc f " \
	"WHERE f.proname IN ('dq_month', 'dq_months')"

static const char table_sql[] =
    "CREATE TABLE IF NOT EXISTS dq_schema (version integer PRIMARY KEY, name "
    "text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL "
    "DEFAULT now(), catalogue text[]); COMMENT ON TABLE dq_schema IS 'Which "
    "migrations of dq were applied, and what the schema looked like then'";

static bool
query(struct dq_pg_client *client, const char *sql, PGresult **result,
    struct dq_err *err)
{
	return dq_pg_run(client, result, err, sql, 0, NULL);
}

/* How many migrations the database has had. Those must be ours. */
static bool
applied(struct dq_pg_client *client, const struct dq_pg_migration *list,
    size_t count, size_t *have, struct dq_err *err)
{
	char sum[DQ_SHA256_TEXT];
	bool good = true;
	PGresult *rows;

	if (!query(client,
		"SELECT version, sha256 FROM dq_schema ORDER BY version", &rows,
		err))
		return false;
	*have = (size_t)PQntuples(rows);
	if (*have > count)
		good = dq_err_code(err, DQ_EXIT_USAGE,
		    "the database is of a newer dq: it has had %zu migrations, "
		    "here are %zu",
		    *have, count);
	for (size_t i = 0; i < *have && good; i++) {
		dq_sha256_text(list[i].sql, sum);
		if (strcmp(sum, PQgetvalue(rows, (int)i, 1)) != 0)
			good = dq_err_code(err, DQ_EXIT_USAGE,
			    "%s is not what was applied under its number: a "
			    "migration is never changed, write another",
			    list[i].name);
	}
	PQclear(rows);
	return good;
}

static bool
apply(struct dq_pg_client *client, const struct dq_pg_migration *migration,
    struct dq_err *err)
{
	char sum[DQ_SHA256_TEXT], version[24];
	const char *const values[] = {version, migration->name, sum};
	struct dq_buf sql = {0};
	bool good;

	dq_buf_slice(&sql, migration->sql);
	good = dq_pg_do(client, dq_buf_text(&sql), err);
	dq_buf_release(&sql);
	if (!good) {
		if (err->code == DQ_EXIT_DATA)
			err->code = DQ_EXIT_USAGE; /* not a record's fault */
		return dq_err_at(err, "%s", migration->name);
	}
	dq_sha256_text(migration->sql, sum);
	snprintf(
	    version, sizeof(version), "%lld", (long long)migration->version);
	return dq_pg_run(client, NULL, err,
	    "INSERT INTO dq_schema (version, name, sha256) VALUES ($1, $2, $3)",
	    3, values);
}

static bool
apply_rest(struct dq_pg_client *client, const struct dq_pg_migration *list,
    size_t count, size_t *have, struct dq_err *err)
{
	/* Two at once: the second finds all done. */
	if (!dq_pg_do(client,
		"BEGIN; SET LOCAL lock_timeout = 0; "
		"SELECT pg_advisory_xact_lock(7215, 0)",
		err) ||
	    !dq_pg_do(client, table_sql, err) ||
	    !applied(client, list, count, have, err))
		return false;
	for (size_t i = *have; i < count; i++)
		if (!apply(client, &list[i], err))
			return false;
	if (*have < count &&
	    !dq_pg_do(client,
		"UPDATE dq_schema SET catalogue = ARRAY(" CATALOGUE
		" ORDER BY line) WHERE version = (SELECT max(version) FROM "
		"dq_schema)",
		err))
		return false;
	return dq_pg_do(client, "COMMIT", err);
}

bool
dq_pg_schema_init(struct dq_pg_client *client,
    const struct dq_pg_migration *list, size_t count,
    const struct dq_pg_finding *finding, struct dq_err *err)
{
	size_t have;

	if (!apply_rest(client, list, count, &have, err))
		return false;
	for (; have < count; have++)
		finding->say(finding->context, list[have].name, "applied");
	return true;
}

static bool
say_rows(struct dq_pg_client *client, const char *sql, const char *is,
    const struct dq_pg_finding *finding, struct dq_err *err)
{
	PGresult *rows;

	if (!query(client, sql, &rows, err))
		return false;
	for (int i = 0; i < PQntuples(rows); i++)
		finding->say(finding->context, PQgetvalue(rows, i, 0), is);
	PQclear(rows);
	return true;
}

bool
dq_pg_schema_check(struct dq_pg_client *client,
    const struct dq_pg_migration *list, size_t count,
    const struct dq_pg_finding *finding, struct dq_err *err)
{
	size_t have = 0;

	if (!applied(client, list, count, &have, err) &&
	    strcmp(client->state, "42P01") != 0)
		return false;
	for (size_t i = have; i < count; i++)
		finding->say(finding->context, list[i].name,
		    "not applied: dq-store init");
	return !have ||
	       say_rows(client,
		   "SELECT unnest(catalogue) FROM dq_schema WHERE version = "
		   "(SELECT max(version) FROM dq_schema) EXCEPT (" CATALOGUE
		   ") ORDER BY 1",
		   "missing", finding, err);
}

bool
dq_pg_schema_prune(struct dq_pg_client *client, const char *table,
    int64_t before, bool dry, const struct dq_pg_finding *finding,
    struct dq_err *err)
{
	struct dq_buf time = {0}, sql = {0};
	const char *values[] = {table, NULL};
	bool good;
	PGresult *rows;

	dq_buf_time(&time, before);
	values[1] = dq_buf_text(&time);
	good = dq_pg_run(client, &rows, err,
	    "SELECT partition FROM dq_months($1::regclass) WHERE first_day + "
	    "interval '1 month' <= $2::timestamptz",
	    2, values);
	dq_buf_release(&time);
	if (!good)
		return false;
	for (int i = 0; i < PQntuples(rows) && good; i++) {
		sql.len = 0;
		dq_buf_printf(&sql, "DROP TABLE %s", PQgetvalue(rows, i, 0));
		good = dry || dq_pg_do(client, dq_buf_text(&sql), err);
		if (good)
			finding->say(finding->context, PQgetvalue(rows, i, 0),
			    dry ? "to be dropped" : "dropped");
	}
	dq_buf_release(&sql);
	PQclear(rows);
	return good;
}
