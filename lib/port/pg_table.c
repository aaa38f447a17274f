#include "port/pg_table.h"

#define TEXT(name)                                                             \
	{                                                                      \
		name, name, DQ_PG_TEXT                                         \
	}
#define NUMBER(name)                                                           \
	{                                                                      \
		name, name, DQ_PG_NUMBER                                       \
	}
#define INT(name)                                                              \
	{                                                                      \
		name, name, DQ_PG_INT                                          \
	}
#define TIME(name)                                                             \
	{                                                                      \
		name, name, DQ_PG_TIME                                         \
	}
#define FLAG(name)                                                             \
	{                                                                      \
		name, name, DQ_PG_FLAG                                         \
	}

static const struct dq_pg_column customers[] = {
    {"updated_at", "event_time", DQ_PG_EVENT},
    TEXT("customer_id"),
    INT("salary_day"),
    NUMBER("monthly_income"),
    TEXT("income_bracket"),
    INT("account_age_days"),
    TEXT("account_type"),
    TIME("created_at"),
    TIME("account_opened"),
    NUMBER("opening_balance"),
    NUMBER("minimum_balance"),
    TEXT("currency"),
    TEXT("time_zone"),
    TEXT("language"),
    {"consent", "consent", DQ_PG_JSON},
    FLAG("vulnerable"),
    FLAG("deleted"),
    {"extra", NULL, DQ_PG_EXTRA},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column transactions[] = {
    {"txn_time", "txn_time", DQ_PG_EVENT},
    TEXT("customer_id"),
    {"txn_id", "transaction_id", DQ_PG_ID},
    NUMBER("amount"),
    TEXT("txn_type"),
    TEXT("category"),
    TEXT("channel"),
    TEXT("merchant_id"),
    TEXT("currency"),
    NUMBER("balance_after"),
    FLAG("is_failed"),
    {"extra", NULL, DQ_PG_EXTRA},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column payments[] = {
    {"event_time", "event_time", DQ_PG_EVENT},
    TEXT("customer_id"),
    TEXT("payment_id"),
    TEXT("payment_type"),
    {"due_date", "due_date", DQ_PG_MIDNIGHT},
    NUMBER("amount"),
    TEXT("currency"),
    TEXT("status"),
    {"paid_date", "paid_date", DQ_PG_MIDNIGHT},
    NUMBER("paid_amount"),
    INT("days_late"),
    {"extra", NULL, DQ_PG_EXTRA},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column daily_balances[] = {
    {"balance_date", "balance_date", DQ_PG_MIDNIGHT},
    TEXT("customer_id"),
    NUMBER("opening_balance"),
    NUMBER("closing_balance"),
    NUMBER("min_balance"),
    NUMBER("max_balance"),
    NUMBER("total_credits"),
    NUMBER("total_debits"),
    INT("txn_count"),
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column labels[] = {
    {"observation_date", "event_time", DQ_PG_EVENT},
    TEXT("customer_id"),
    INT("label"),
    INT("days_to_default"),
    {"default_date", "default_date", DQ_PG_MIDNIGHT},
    NUMBER("default_amount"),
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column risk_scores[] = {
    {"score_date", "event_time", DQ_PG_EVENT},
    {"score_id", "prediction_id", DQ_PG_ID},
    TEXT("customer_id"),
    NUMBER("risk_score"),
    TEXT("risk_level"),
    {"model_version", "model.version", DQ_PG_TEXT},
    {"top_feature_1", "top_features.0.feature", DQ_PG_TEXT},
    {"top_feature_2", "top_features.1.feature", DQ_PG_TEXT},
    {"top_feature_3", "top_features.2.feature", DQ_PG_TEXT},
    {"top_feature_1_impact", "top_features.0.contribution", DQ_PG_NUMBER},
    {"top_feature_2_impact", "top_features.1.contribution", DQ_PG_NUMBER},
    {"top_feature_3_impact", "top_features.2.contribution", DQ_PG_NUMBER},
    {"model_name", "model.name", DQ_PG_TEXT},
    {"model_sha256", "model.sha256", DQ_PG_TEXT},
    {"record", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column interventions[] = {
    {"intervention_date", "event_time", DQ_PG_EVENT},
    {"intervention_id", "intervention_id", DQ_PG_ID},
    TEXT("customer_id"),
    TEXT("intervention_type"),
    NUMBER("risk_score"),
    {"message_sent", "message.text", DQ_PG_TEXT},
    {"delivery_status", "status", DQ_PG_TEXT},
    TEXT("decision"),
    TEXT("risk_level"),
    TEXT("channel"),
    INT("priority"),
    TEXT("suppressed_by"),
    TEXT("prediction_id"),
    {"policy_name", "policy.name", DQ_PG_TEXT},
    {"policy_version", "policy.version", DQ_PG_TEXT},
    {"policy_sha256", "policy.sha256", DQ_PG_TEXT},
    {"record", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column outcomes[] = {
    {"outcome_date", "event_time", DQ_PG_EVENT},
    {"outcome_id", NULL, DQ_PG_ID},
    TEXT("intervention_id"),
    TEXT("customer_id"),
    TEXT("outcome_type"),
    NUMBER("risk_score_before"),
    NUMBER("risk_score_after"),
    INT("days_since_intervention"),
    FLAG("held_out"),
    {"record", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column actions[] = {
    {"action_time", "event_time", DQ_PG_EVENT},
    {"log_id", NULL, DQ_PG_ID},
    {"action_type", "decision", DQ_PG_TEXT},
    {"performed_by", "by", DQ_PG_TEXT},
    {"override_reason", "reason", DQ_PG_TEXT},
    {"details", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column seals[] = {
    {"sealed_to", "event_time", DQ_PG_EVENT},
    {"seal_id", NULL, DQ_PG_ID},
    INT("chain"),
    INT("n"),
    TEXT("hash"),
    {"key_id", "key", DQ_PG_TEXT},
    TEXT("signature"),
    {"record", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_column profiles[] = {
    {"profile_time", "event_time", DQ_PG_EVENT},
    {"profile_id", NULL, DQ_PG_ID},
    TEXT("customer_id"),
    {"record", NULL, DQ_PG_RECORD},
    {NULL, NULL, DQ_PG_TEXT},
};

static const struct dq_pg_table tables[] = {
    {"customers", "customer", "customer_id", NULL, "customer_id", false, true,
	customers},
    {"transactions", "transaction", "txn_time, txn_id", "txn_time", "txn_id",
	true, false, transactions},
    {"payments", "payment", "payment_id", "event_time", "payment_id", false,
	true, payments},
    {"daily_balances", "daily_balance", "customer_id, balance_date",
	"balance_date", "customer_id", false, true, daily_balances},
    {"labels", "label", "customer_id, observation_date", "observation_date",
	"customer_id", false, false, labels},
    {"risk_scores", "prediction", "score_date, score_id", "score_date",
	"score_id", true, false, risk_scores},
    {"interventions", "intervention", "intervention_id", "intervention_date",
	"intervention_id", false, false, interventions},
    {"intervention_outcomes", "outcome", "outcome_id", "outcome_date",
	"outcome_id", false, false, outcomes},
    {"action_audit_log", "review", "log_id", "action_time", "log_id", false,
	false, actions},
    {"seals", "seal", "seal_id", "sealed_to", "seal_id", false, false, seals},
    {"customer_profiles", "customer", "profile_id", "profile_time",
	"profile_id", false, false, profiles},
};

#define TABLES (sizeof(tables) / sizeof(*tables))

const struct dq_pg_table *
dq_pg_table_find(struct dq_slice name)
{
	for (size_t i = 0; i < TABLES; i++)
		if (dq_slice_is(name, tables[i].name))
			return &tables[i];
	return NULL;
}

size_t
dq_pg_columns(const struct dq_pg_table *table)
{
	size_t n = 0;

	while (table->columns[n].name)
		n++;
	return n;
}

size_t
dq_pg_column(const struct dq_pg_table *table, const char *name)
{
	size_t n = 0;

	while (table->columns[n].name && strcmp(table->columns[n].name, name))
		n++;
	return n;
}

bool
dq_pg_table_whole(const struct dq_pg_table *table)
{
	return table->columns[dq_pg_columns(table) - 1].type == DQ_PG_RECORD;
}

static bool
add(const struct dq_pg_table *list[], size_t *n, struct dq_slice name,
    struct dq_err *err)
{
	const struct dq_pg_table *table = dq_pg_table_find(name);

	if (!table)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "pg:%.*s: not a table of ours; see dq-store(1)",
		    (int)name.len, name.data);
	for (size_t i = 0; i < *n; i++)
		if (list[i] == table)
			return true;
	list[(*n)++] = table;
	return true;
}

size_t
dq_pg_tables(const char *list,
    const struct dq_pg_table *found[DQ_PG_TABLES_MAX], struct dq_err *err)
{
	size_t n = 0;

	if (!strcmp(list, "all"))
		for (; n < TABLES; n++)
			found[n] = &tables[n];
	else
		for (const char *at = list; at;) {
			size_t len = strcspn(at, ",");

			if (!add(found, &n, (struct dq_slice){at, len}, err))
				return 0;
			at = at[len] ? at + len + 1 : NULL;
		}
	return n;
}

void
dq_pg_column_list(const struct dq_pg_table *table, struct dq_buf *out)
{
	for (size_t i = 0; table->columns[i].name; i++)
		dq_buf_printf(
		    out, "%s%s", i ? ", " : "", table->columns[i].name);
}
