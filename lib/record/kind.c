#include "record/kind.h"

#include "base/hash.h"

#include <pthread.h>

const char *const dq_level_names[] = {
    "LOW", "MEDIUM", "HIGH", "CRITICAL", NULL};

const struct dq_field_info dq_fields[DQ_FIELDS] = {
    [DQ_EVENT_TYPE] = {"event_type", DQ_TYPE_TEXT, NULL, "kind of record"},
    [DQ_EVENT_TIME] = {"event_time", DQ_TYPE_TIME, NULL, "when it happened"},
    [DQ_TIMESTAMP] = {"timestamp", DQ_TYPE_TIME, NULL,
	"read in place of event_time"},
    [DQ_CUSTOMER_ID] = {"customer_id", DQ_TYPE_TEXT, NULL,
	"key of everything about a customer"},
    [DQ_SOURCE] = {"source", DQ_TYPE_OBJECT, NULL,
	"topic, partition and offset it came from"},
    [DQ_SALARY_DAY] = {"salary_day", DQ_TYPE_INT, NULL,
	"day of the month the salary comes, 1-31"},
    [DQ_MONTHLY_INCOME] = {"monthly_income", DQ_TYPE_MONEY, NULL,
	"usual income of a month"},
    [DQ_INCOME_BRACKET] = {"income_bracket", DQ_TYPE_TEXT, NULL,
	"income group"},
    [DQ_ACCOUNT_TYPE] = {"account_type", DQ_TYPE_TEXT, NULL, "kind of account"},
    [DQ_ACCOUNT_OPENED] = {"account_opened", DQ_TYPE_TIME, NULL,
	"when the account was opened"},
    [DQ_OPENING_BALANCE] = {"opening_balance", DQ_TYPE_MONEY, NULL,
	"balance before the first record"},
    [DQ_MINIMUM_BALANCE] = {"minimum_balance", DQ_TYPE_MONEY, NULL,
	"balance the account should keep"},
    [DQ_CURRENCY] = {"currency", DQ_TYPE_TEXT, NULL, "ISO 4217 code"},
    [DQ_TIME_ZONE] = {"time_zone", DQ_TYPE_TEXT, NULL, "IANA time zone"},
    [DQ_LANGUAGE] = {"language", DQ_TYPE_TEXT, NULL, "BCP 47 language tag"},
    [DQ_CONSENT] = {"consent", DQ_TYPE_OBJECT, NULL,
	"phone_call, sms, email: may we?"},
    [DQ_VULNERABLE] = {"vulnerable", DQ_TYPE_FLAG, NULL,
	"needs particular care"},
    [DQ_DELETED] = {"deleted", DQ_TYPE_FLAG, NULL,
	"the customer is to be forgotten"},
    [DQ_TXN_TIME] = {"txn_time", DQ_TYPE_TIME, NULL, "when it was booked"},
    [DQ_AMOUNT] = {"amount", DQ_TYPE_AMOUNT, NULL, "how much, not negative"},
    [DQ_TXN_TYPE] = {"txn_type", DQ_TYPE_TEXT, "debit|credit", "direction"},
    [DQ_TRANSACTION_ID] = {"transaction_id", DQ_TYPE_TEXT, NULL,
	"names the transaction"},
    [DQ_CATEGORY] = {"category", DQ_TYPE_TEXT, NULL, "what it was for"},
    [DQ_CHANNEL] = {"channel", DQ_TYPE_TEXT, NULL,
	"pos, atm, online, mobile, branch; of an intervention: phone_call, "
	"sms, email"},
    [DQ_MERCHANT_ID] = {"merchant_id", DQ_TYPE_TEXT, NULL, "whom it paid"},
    [DQ_BALANCE_AFTER] = {"balance_after", DQ_TYPE_MONEY, NULL,
	"balance once it was booked"},
    [DQ_IS_FAILED] = {"is_failed", DQ_TYPE_FLAG, NULL, "it was refused"},
    [DQ_PAYMENT_ID] = {"payment_id", DQ_TYPE_TEXT, NULL, "names the payment"},
    [DQ_PAYMENT_TYPE] = {"payment_type", DQ_TYPE_TEXT,
	"loan_emi|credit_card|utility_bill|insurance|rent", "what is due"},
    [DQ_DUE_DATE] = {"due_date", DQ_TYPE_TIME, NULL, "when it is due"},
    [DQ_PAID_DATE] = {"paid_date", DQ_TYPE_TIME, NULL, "when it was paid"},
    [DQ_PAID_AMOUNT] = {"paid_amount", DQ_TYPE_AMOUNT, NULL,
	"how much of it was paid"},
    [DQ_STATUS] = {"status", DQ_TYPE_TEXT, NULL,
	"of a payment: pending, paid, partial, missed, late; of an "
	"intervention: what becomes of it"},
    [DQ_TRIGGER] = {"trigger", DQ_TYPE_TEXT, NULL, "what asked for it"},
    [DQ_FEATURE_SET] = {"feature_set", DQ_TYPE_TEXT, NULL,
	"names the catalogue"},
    [DQ_FEATURES] = {"features", DQ_TYPE_OBJECT, NULL,
	"name: number, or null where not known"},
    [DQ_PREDICTION_ID] = {"prediction_id", DQ_TYPE_TEXT, NULL,
	"names the prediction"},
    [DQ_RISK_SCORE] = {"risk_score", DQ_TYPE_REAL, NULL,
	"probability of distress, 0 to 1"},
    [DQ_RISK_LEVEL] = {"risk_level", DQ_TYPE_TEXT, "LOW|MEDIUM|HIGH|CRITICAL",
	"the score's class"},
    [DQ_MARGIN] = {"margin", DQ_TYPE_REAL, NULL, "the model's raw output"},
    [DQ_BASE] = {"base", DQ_TYPE_REAL, NULL,
	"the margin before any contribution"},
    [DQ_BASELINE] = {"baseline", DQ_TYPE_OBJECT, NULL,
	"rows and sha256 of those compared with; without it the population"},
    [DQ_TOP_FEATURES] = {"top_features", DQ_TYPE_ARRAY, NULL,
	"feature, value, contribution, direction, code, reason"},
    [DQ_OTHER_CONTRIBUTION] = {"other_contribution", DQ_TYPE_REAL, NULL,
	"contributions of all other features"},
    [DQ_EXPLANATION] = {"explanation", DQ_TYPE_ANY, NULL, "in words"},
    [DQ_MODEL] = {"model", DQ_TYPE_ANY, NULL, "name, version, sha256"},
    [DQ_CHALLENGER] = {"challenger", DQ_TYPE_OBJECT, NULL,
	"what another model says"},
    [DQ_PROGRAM] = {"program", DQ_TYPE_TEXT, NULL,
	"the tool that made it, and its version"},
    [DQ_INTERVENTION_ID] = {"intervention_id", DQ_TYPE_TEXT, NULL,
	"names the intervention"},
    [DQ_DECISION] = {"decision", DQ_TYPE_TEXT,
	"act|suppress|defer|review|hold_out|approve|override",
	"what was decided"},
    [DQ_INTERVENTION_TYPE] = {"intervention_type", DQ_TYPE_TEXT, NULL,
	"what is to be done"},
    [DQ_PRIORITY] = {"priority", DQ_TYPE_INT, NULL, "1 is first"},
    [DQ_REASONS] = {"reasons", DQ_TYPE_ARRAY, NULL, "why, strongest first"},
    [DQ_MESSAGE] = {"message", DQ_TYPE_ANY, NULL, "template, language, text"},
    [DQ_ADVERSE_ACTION] = {"adverse_action", DQ_TYPE_FLAG, NULL,
	"the law wants reasons for it"},
    [DQ_NOT_BEFORE] = {"not_before", DQ_TYPE_TIME, NULL,
	"no contact before this time"},
    [DQ_SUPPRESSED_BY] = {"suppressed_by", DQ_TYPE_TEXT, NULL,
	"what stopped it, as dq-intervene(1) lists"},
    [DQ_POLICY] = {"policy", DQ_TYPE_OBJECT, NULL, "name, version, sha256"},
    [DQ_RULE] = {"rule", DQ_TYPE_TEXT, NULL, "the policy's rule that matched"},
    [DQ_REVIEW_OF] = {"review_of", DQ_TYPE_TEXT, NULL,
	"the pending intervention that it answers"},
    [DQ_ASSUMED_TIME_ZONE] = {"assumed_time_zone", DQ_TYPE_TEXT, NULL,
	"stood in for the customer's, which is not known"},
    [DQ_OUTCOME_TYPE] = {"outcome_type", DQ_TYPE_TEXT,
	"stabilized|unchanged|deteriorated", "what became of the customer"},
    [DQ_RISK_SCORE_BEFORE] = {"risk_score_before", DQ_TYPE_REAL, NULL,
	"score at the decision"},
    [DQ_RISK_SCORE_AFTER] = {"risk_score_after", DQ_TYPE_REAL, NULL,
	"score at the outcome"},
    [DQ_DAYS_SINCE_INTERVENTION] = {"days_since_intervention", DQ_TYPE_INT,
	NULL, "whole days between"},
    [DQ_HELD_OUT] = {"held_out", DQ_TYPE_FLAG, NULL,
	"the customer was left alone for comparison"},
    [DQ_BY] = {"by", DQ_TYPE_TEXT, NULL, "who"},
    [DQ_REASON] = {"reason", DQ_TYPE_TEXT, NULL, "why"},
    [DQ_BEFORE] = {"before", DQ_TYPE_ANY, NULL, "as it was"},
    [DQ_AFTER] = {"after", DQ_TYPE_ANY, NULL, "as it is now"},
    [DQ_WINDOW] = {"window", DQ_TYPE_OBJECT, NULL,
	"start, end, and where it is of one: topic, partition"},
    [DQ_REVISION] = {"revision", DQ_TYPE_INT, NULL,
	"0, and one more with each correction of the window"},
    [DQ_COUNTS] = {"counts", DQ_TYPE_OBJECT, NULL,
	"customers by level, at the window's end"},
    [DQ_MEAN_SCORE] = {"mean_score", DQ_TYPE_REAL, NULL,
	"mean of these customers' scores"},
    [DQ_PREDICTIONS] = {"predictions", DQ_TYPE_INT, NULL,
	"predictions in the window"},
    [DQ_ALERTS] = {"alerts", DQ_TYPE_OBJECT, NULL,
	"customers that rose to HIGH or CRITICAL"},
    [DQ_TOP_REASONS] = {"top_reasons", DQ_TYPE_ARRAY, NULL,
	"code, feature, count: what raised risks above LOW"},
    [DQ_DECISION_COUNTS] = {"decisions", DQ_TYPE_OBJECT, NULL,
	"interventions by decision and channel"},
    [DQ_SUPPRESSORS] = {"suppressors", DQ_TYPE_OBJECT, NULL,
	"interventions by suppressed_by"},
    [DQ_REVIEW_COUNTS] = {"reviews", DQ_TYPE_OBJECT, NULL, "approve, override"},
    [DQ_OUTCOME_COUNTS] = {"outcomes", DQ_TYPE_OBJECT, NULL,
	"treated, held_out, uplift: counts and 95 % intervals"},
    [DQ_LATE] = {"late", DQ_TYPE_INT, NULL,
	"records left out so far: their windows were final"},
    [DQ_FAILED_AT] = {"failed_at", DQ_TYPE_TIME, NULL, "when it was refused"},
    [DQ_RAW] = {"raw", DQ_TYPE_TEXT, NULL, "base64 of the exact bytes"},
    [DQ_ERROR] = {"error", DQ_TYPE_TEXT, NULL, "why it was refused"},
    [DQ_TOOL] = {"tool", DQ_TYPE_TEXT, NULL, "who refused it"},
    [DQ_VERSION_FIELD] = {"version", DQ_TYPE_TEXT, NULL, "of the tool"},
};

/* The first `required` of a list must be there. */
#define LIST(name, ...)                                                        \
	static const enum dq_field name[] = {__VA_ARGS__, DQ_FIELDS}

LIST(customer_fields, DQ_CUSTOMER_ID, DQ_EVENT_TIME, DQ_SALARY_DAY,
    DQ_MONTHLY_INCOME, DQ_INCOME_BRACKET, DQ_ACCOUNT_TYPE, DQ_ACCOUNT_OPENED,
    DQ_OPENING_BALANCE, DQ_MINIMUM_BALANCE, DQ_CURRENCY, DQ_TIME_ZONE,
    DQ_LANGUAGE, DQ_CONSENT, DQ_VULNERABLE, DQ_DELETED);
LIST(transaction_fields, DQ_CUSTOMER_ID, DQ_TXN_TIME, DQ_AMOUNT, DQ_TXN_TYPE,
    DQ_TRANSACTION_ID, DQ_CATEGORY, DQ_CHANNEL, DQ_MERCHANT_ID, DQ_CURRENCY,
    DQ_BALANCE_AFTER, DQ_IS_FAILED, DQ_SOURCE);
LIST(payment_fields, DQ_CUSTOMER_ID, DQ_PAYMENT_ID, DQ_PAYMENT_TYPE,
    DQ_DUE_DATE, DQ_AMOUNT, DQ_EVENT_TIME, DQ_PAID_DATE, DQ_PAID_AMOUNT,
    DQ_CURRENCY, DQ_STATUS, DQ_SOURCE);
LIST(tick_fields, DQ_EVENT_TIME);
LIST(features_fields, DQ_CUSTOMER_ID, DQ_FEATURES, DQ_EVENT_TIME, DQ_TRIGGER,
    DQ_FEATURE_SET, DQ_SOURCE);
LIST(prediction_fields, DQ_CUSTOMER_ID, DQ_RISK_SCORE, DQ_RISK_LEVEL,
    DQ_EVENT_TIME, DQ_PREDICTION_ID, DQ_MARGIN, DQ_BASE, DQ_TOP_FEATURES,
    DQ_OTHER_CONTRIBUTION, DQ_EXPLANATION, DQ_TRIGGER, DQ_MODEL, DQ_BASELINE,
    DQ_CHALLENGER, DQ_PROGRAM, DQ_FEATURES, DQ_SOURCE);
LIST(intervention_fields, DQ_CUSTOMER_ID, DQ_DECISION, DQ_EVENT_TIME,
    DQ_INTERVENTION_ID, DQ_INTERVENTION_TYPE, DQ_CHANNEL, DQ_PRIORITY,
    DQ_RISK_SCORE, DQ_RISK_LEVEL, DQ_REASONS, DQ_MESSAGE, DQ_ADVERSE_ACTION,
    DQ_NOT_BEFORE, DQ_SUPPRESSED_BY, DQ_POLICY, DQ_PREDICTION_ID, DQ_STATUS,
    DQ_RULE, DQ_PROGRAM, DQ_REVIEW_OF, DQ_BY, DQ_REASON, DQ_ASSUMED_TIME_ZONE,
    DQ_SOURCE);
LIST(outcome_fields, DQ_CUSTOMER_ID, DQ_OUTCOME_TYPE, DQ_EVENT_TIME,
    DQ_INTERVENTION_ID, DQ_RISK_SCORE_BEFORE, DQ_RISK_SCORE_AFTER,
    DQ_DAYS_SINCE_INTERVENTION, DQ_HELD_OUT);
LIST(review_fields, DQ_DECISION, DQ_EVENT_TIME, DQ_INTERVENTION_ID,
    DQ_CUSTOMER_ID, DQ_BY, DQ_REASON, DQ_BEFORE, DQ_AFTER);
LIST(dashboard_fields, DQ_EVENT_TIME, DQ_WINDOW, DQ_COUNTS, DQ_REVISION,
    DQ_MEAN_SCORE, DQ_PREDICTIONS, DQ_ALERTS, DQ_TOP_REASONS,
    DQ_DECISION_COUNTS, DQ_SUPPRESSORS, DQ_REVIEW_COUNTS, DQ_OUTCOME_COUNTS,
    DQ_LATE);
LIST(dead_letter_fields, DQ_RAW, DQ_ERROR, DQ_FAILED_AT, DQ_TOOL,
    DQ_VERSION_FIELD, DQ_SOURCE);
LIST(other_fields, DQ_EVENT_TIME, DQ_CUSTOMER_ID);

#define FIRST(n) ((1u << (n)) - 1)

static const struct dq_kind_info kinds[DQ_KINDS] = {
    [DQ_KIND_CUSTOMER] = {"customer", DQ_EVENT_TIME, customer_fields, FIRST(1),
	"a customer's profile; the newest one counts"},
    [DQ_KIND_TRANSACTION] = {"transaction", DQ_TXN_TIME, transaction_fields,
	FIRST(4), "money moved, or failed to"},
    [DQ_KIND_PAYMENT] = {"payment", DQ_EVENT_TIME, payment_fields, FIRST(5),
	"what became of something due"},
    [DQ_KIND_TICK] = {"tick", DQ_EVENT_TIME, tick_fields, FIRST(1),
	"event time has come this far"},
    [DQ_KIND_FEATURES] = {"features", DQ_EVENT_TIME, features_fields, FIRST(3),
	"a customer's figures at a moment"},
    [DQ_KIND_PREDICTION] = {"prediction", DQ_EVENT_TIME, prediction_fields,
	FIRST(3), "the chance of a missed payment, and why"},
    [DQ_KIND_INTERVENTION] = {"intervention", DQ_EVENT_TIME,
	intervention_fields, FIRST(2), "what was decided about a prediction"},
    [DQ_KIND_OUTCOME] = {"outcome", DQ_EVENT_TIME, outcome_fields, FIRST(2),
	"how it stood some days after a decision"},
    [DQ_KIND_REVIEW] = {"review", DQ_EVENT_TIME, review_fields, FIRST(1),
	"a person's word on a decision"},
    [DQ_KIND_DASHBOARD] = {"dashboard", DQ_EVENT_TIME, dashboard_fields,
	FIRST(3), "figures of a window"},
    [DQ_KIND_DEAD_LETTER] = {"dead_letter", DQ_FAILED_AT, dead_letter_fields,
	FIRST(3), "a refused line, byte for byte"},
    [DQ_KIND_OTHER] = {"other", DQ_EVENT_TIME, other_fields, 0,
	"any other record"},
};

const struct dq_kind_info *
dq_kind_info(enum dq_kind kind)
{
	return &kinds[kind];
}

bool
dq_kind_has(enum dq_kind kind, enum dq_field field)
{
	const enum dq_field *at = kinds[kind].fields;

	while (*at != DQ_FIELDS && *at != field)
		at++;
	return *at != DQ_FIELDS;
}

#define INDEX_SIZE 256 /* a power of two, twice the number of fields */

static signed char field_index[INDEX_SIZE];
static pthread_once_t field_index_once = PTHREAD_ONCE_INIT;

static void
build_index(void)
{
	memset(field_index, -1, sizeof(field_index));
	for (int f = 0; f < DQ_FIELDS; f++) {
		uint64_t at = dq_hash(DQ_SLICE(dq_fields[f].name), 0);

		while (field_index[at % INDEX_SIZE] >= 0)
			at++;
		field_index[at % INDEX_SIZE] = (signed char)f;
	}
}

enum dq_field
dq_field_find(struct dq_slice name)
{
	uint64_t at = dq_hash(name, 0);

	pthread_once(&field_index_once, build_index);
	for (; field_index[at % INDEX_SIZE] >= 0; at++) {
		int f = field_index[at % INDEX_SIZE];

		if (dq_slice_is(name, dq_fields[f].name))
			return (enum dq_field)f;
	}
	return DQ_FIELD_UNKNOWN;
}

enum dq_kind
dq_kind_find(struct dq_slice name)
{
	for (int k = 0; k < DQ_KIND_OTHER; k++)
		if (name.len && *name.data == *kinds[k].name &&
		    dq_slice_is(name, kinds[k].name))
			return (enum dq_kind)k;
	return DQ_KIND_OTHER;
}
