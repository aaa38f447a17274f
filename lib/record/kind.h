/* What flows through the pipes: the kinds of record, their fields, and which
 * of them must be there. One table each (kind.c); dq-record(5) explains. */
#ifndef DQ_RECORD_KIND_H
#define DQ_RECORD_KIND_H

#include "base/buf.h"

enum dq_kind {
	DQ_KIND_CUSTOMER,
	DQ_KIND_TRANSACTION,
	DQ_KIND_PAYMENT,
	DQ_KIND_TICK,
	DQ_KIND_FEATURES,
	DQ_KIND_PREDICTION,
	DQ_KIND_INTERVENTION,
	DQ_KIND_OUTCOME,
	DQ_KIND_REVIEW,
	DQ_KIND_DASHBOARD,
	DQ_KIND_DEAD_LETTER,
	DQ_KIND_OTHER, /* an event_type we do not know: passed on */
	DQ_KINDS,
};

#define DQ_KIND_BIT(kind) (1u << (kind))

enum dq_field_type {
	DQ_TYPE_TEXT,	/* JSON string */
	DQ_TYPE_TIME,	/* RFC 3339 string; int64 microseconds */
	DQ_TYPE_MONEY,	/* number or decimal string; int64 minor units */
	DQ_TYPE_AMOUNT, /* money that is not negative */
	DQ_TYPE_INT,	/* whole number; int64 */
	DQ_TYPE_REAL,	/* number; double */
	DQ_TYPE_FLAG,	/* true or false */
	DQ_TYPE_OBJECT,
	DQ_TYPE_ARRAY,
	DQ_TYPE_ANY,
};

/* Every field some kind declares. A name means one thing in all kinds. */
enum dq_field {
	DQ_EVENT_TYPE,
	DQ_EVENT_TIME,
	DQ_TIMESTAMP, /* the original's name for event_time */
	DQ_CUSTOMER_ID,
	DQ_SOURCE,
	/* customer */
	DQ_SALARY_DAY,
	DQ_MONTHLY_INCOME,
	DQ_INCOME_BRACKET,
	DQ_ACCOUNT_TYPE,
	DQ_ACCOUNT_OPENED,
	DQ_OPENING_BALANCE,
	DQ_MINIMUM_BALANCE,
	DQ_CURRENCY,
	DQ_TIME_ZONE,
	DQ_LANGUAGE,
	DQ_CONSENT,
	DQ_VULNERABLE,
	DQ_DELETED,
	/* transaction */
	DQ_TXN_TIME,
	DQ_AMOUNT,
	DQ_TXN_TYPE,
	DQ_TRANSACTION_ID,
	DQ_CATEGORY,
	DQ_CHANNEL,
	DQ_MERCHANT_ID,
	DQ_BALANCE_AFTER,
	DQ_IS_FAILED,
	/* payment */
	DQ_PAYMENT_ID,
	DQ_PAYMENT_TYPE,
	DQ_DUE_DATE,
	DQ_PAID_DATE,
	DQ_PAID_AMOUNT,
	DQ_STATUS,
	/* features, prediction */
	DQ_TRIGGER,
	DQ_FEATURE_SET,
	DQ_FEATURES,
	DQ_PREDICTION_ID,
	DQ_RISK_SCORE,
	DQ_RISK_LEVEL,
	DQ_MARGIN,
	DQ_BASE,
	DQ_BASELINE,
	DQ_TOP_FEATURES,
	DQ_OTHER_CONTRIBUTION,
	DQ_EXPLANATION,
	DQ_MODEL,
	DQ_CHALLENGER,
	DQ_PROGRAM,
	/* intervention, outcome, review */
	DQ_INTERVENTION_ID,
	DQ_DECISION,
	DQ_INTERVENTION_TYPE,
	DQ_PRIORITY,
	DQ_REASONS,
	DQ_MESSAGE,
	DQ_ADVERSE_ACTION,
	DQ_NOT_BEFORE,
	DQ_SUPPRESSED_BY,
	DQ_POLICY,
	DQ_RULE,
	DQ_REVIEW_OF,
	DQ_ASSUMED_TIME_ZONE,
	DQ_OUTCOME_TYPE,
	DQ_RISK_SCORE_BEFORE,
	DQ_RISK_SCORE_AFTER,
	DQ_DAYS_SINCE_INTERVENTION,
	DQ_HELD_OUT,
	DQ_BY,
	DQ_REASON,
	DQ_BEFORE,
	DQ_AFTER,
	/* dashboard, dead letter */
	DQ_WINDOW,
	DQ_REVISION,
	DQ_COUNTS,
	DQ_MEAN_SCORE,
	DQ_PREDICTIONS,
	DQ_ALERTS,
	DQ_TOP_REASONS,
	DQ_DECISION_COUNTS,
	DQ_SUPPRESSORS,
	DQ_REVIEW_COUNTS,
	DQ_OUTCOME_COUNTS,
	DQ_LATE,
	DQ_FAILED_AT,
	DQ_RAW,
	DQ_ERROR,
	DQ_TOOL,
	DQ_VERSION_FIELD,
	DQ_FIELDS,
	DQ_FIELD_UNKNOWN = DQ_FIELDS,
};

/* The classes of risk_level, and as they are written; NULL ends the names. */
enum dq_level {
	DQ_LEVEL_LOW,
	DQ_LEVEL_MEDIUM,
	DQ_LEVEL_HIGH,
	DQ_LEVEL_CRITICAL,
	DQ_LEVELS,
};

extern const char *const dq_level_names[DQ_LEVELS + 1];

struct dq_field_info {
	const char *name;
	enum dq_field_type type;
	const char *choices; /* "debit|credit": the texts allowed, or NULL */
	const char *help;    /* one line for the schema */
};

struct dq_kind_info {
	const char *name;
	enum dq_field time;	     /* the field that holds its event time */
	const enum dq_field *fields; /* all of them, DQ_FIELDS ends the list */
	uint32_t required;	     /* bit i: fields[i] must be there */
	const char *help;
};

extern const struct dq_field_info dq_fields[DQ_FIELDS];

static inline const struct dq_field_info *
dq_field_info(enum dq_field field)
{
	return &dq_fields[field];
}

const struct dq_kind_info *dq_kind_info(enum dq_kind kind);

/* Does the kind declare it? */
bool dq_kind_has(enum dq_kind kind, enum dq_field field);

/* DQ_FIELD_UNKNOWN for a name no kind declares. */
enum dq_field dq_field_find(struct dq_slice name);

/* DQ_KIND_OTHER for a name that is none of ours. */
enum dq_kind dq_kind_find(struct dq_slice name);

/* The JSON Schema (draft 2020-12) of a kind, pretty-printed. */
void dq_kind_schema(enum dq_kind kind, struct dq_buf *out);

#endif
