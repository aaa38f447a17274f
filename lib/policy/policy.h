/* A policy: who may be contacted, how, when and how often. Read from a JSON
 * file (dq-policy(5)) in which every key is known and checked. */
#ifndef DQ_POLICY_POLICY_H
#define DQ_POLICY_POLICY_H

#include "base/zone.h"
#include "record/digest.h"
#include "record/jq.h"
#include "record/kind.h"

enum dq_channel {
	DQ_CHANNEL_PHONE_CALL,
	DQ_CHANNEL_SMS,
	DQ_CHANNEL_EMAIL,
	DQ_CHANNEL_PUSH,
	DQ_CHANNEL_LETTER,
	DQ_CHANNELS,
};

enum dq_decision {
	DQ_ACT,
	DQ_SUPPRESS,
	DQ_DEFER,
	DQ_REVIEW,
	DQ_HOLD_OUT,
	DQ_DECISIONS,
};

/* Their names as records and policies write them; each ends with NULL. */
extern const char *const dq_channel_names[];
extern const char *const dq_decision_names[];
extern const char *const dq_weekday_names[]; /* "monday" is 0 */

/* The first rule that matches a prediction decides; all of its conditions
 * must hold. */
struct dq_rule {
	char *name;
	unsigned levels;   /* bit per dq_level; 0: any */
	char *when;	   /* jq program, or NULL */
	struct dq_jq *jq;  /* compiled `when`, or NULL */
	int decision;	   /* DQ_ACT, DQ_REVIEW or DQ_SUPPRESS */
	char *type;	   /* intervention_type */
	int channel;	   /* enum dq_channel */
	int64_t priority;  /* 1 is the most urgent */
	char *message;	   /* name of a message, or NULL: the type's name */
	bool adverse;	   /* an adverse action: must carry reasons */
	bool hold_out;	   /* may be held out */
	int64_t cool_down; /* microseconds; -1: the policy's */
};

/* At most `max` contacts within any `days` days of the customer's calendar. */
struct dq_cap {
	unsigned channels; /* bit per dq_channel; all bits: in all */
	int64_t max;
	int64_t days;
	char name[64]; /* "cap:sms:7d", as suppressed_by says it */
};

/* Every `days` day from `from` to `to` (of the next day when not later). */
struct dq_quiet {
	unsigned channels;
	unsigned weekdays; /* bit per day of the week on which it begins */
	int64_t from, to;  /* microseconds since local midnight */
};

struct dq_wording {
	char *language;
	char *text;
};

struct dq_message {
	char *name;
	struct dq_wording *wordings;
	size_t count;
};

struct dq_policy {
	char *name, *version, *label;
	char *author, *approver; /* approver NULL: nobody yet */
	int64_t valid_from;
	char *language; /* of messages that lack the customer's */
	/* For customers whose zone is unknown: the first is their calendar,
	 * and it must be outside quiet hours in all of them. */
	const struct dq_zone **zones;
	size_t zones_count;
	char *zone_names; /* "UTC", "America/New_York, Pacific/Honolulu" */
	struct dq_rule *rules;
	size_t rules_count;
	struct dq_cap *caps;
	size_t caps_count;
	int64_t cool_down;
	struct dq_quiet *quiet;
	size_t quiet_count;
	unsigned unknown_allowed; /* channels open when consent is unknown */
	int vulnerable;		  /* DQ_ACT, DQ_SUPPRESS or DQ_REVIEW */
	int without_reasons;	  /* DQ_SUPPRESS or DQ_REVIEW */
	int64_t max_reasons;
	int64_t review_expires; /* microseconds */
	double hold_out_share;
	char *hold_out_salt;
	int64_t outcome_after; /* days */
	double stabilized_by, deteriorated_by;
	struct dq_message *messages;
	size_t messages_count;
	int64_t memory; /* microseconds that contacts are remembered */
	char sha256[DQ_SHA256_TEXT];
};

/* Reads a policy; NULL with err set to "rules[2].channel: ..." or, where it
 * is no JSON, to the line and column. Free with dq_policy_free. */
struct dq_policy *dq_policy_new(struct dq_slice json, struct dq_err *err);
void dq_policy_free(struct dq_policy *policy);

/* May it decide at `now`? False with err set when nobody but its author has
 * approved it or when it is not valid yet. */
bool dq_policy_approved(
    const struct dq_policy *policy, int64_t now, struct dq_err *err);

/* The text of a message in the language, else in the policy's; *used is the
 * language it is in. NULL (and *used as asked for) when there is none. */
const char *dq_policy_wording(const struct dq_policy *policy,
    struct dq_slice message, struct dq_slice language, struct dq_slice *used);

/* The policy in words, a line or paragraph each. */
void dq_policy_describe(const struct dq_policy *policy, struct dq_buf *out);

#endif
