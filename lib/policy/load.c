/* From a policy file to struct dq_policy: the tables of its keys. */
#include "base/mem.h"
#include "policy/keys.h"
#include "policy/messages.h"
#include "policy/policy.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define ALL_CHANNELS ((1u << DQ_CHANNELS) - 1)
#define ALL_WEEKDAYS ((1u << 7) - 1)

static const char *const rule_decisions[] = {"act", "suppress", "review", NULL};
static const char *const allow_or_deny[] = {"allow", "deny", NULL};

/* The index into rule_decisions becomes a dq_decision. */
static const int rule_decision[] = {DQ_ACT, DQ_SUPPRESS, DQ_REVIEW};

#define RULE(member) .offset = offsetof(struct dq_rule, member)
static const struct dq_key rule_keys[] = {
    {"name", DQ_KEY_TEXT, RULE(name), .required = true},
    {"risk_level", DQ_KEY_CHOICES, RULE(levels), .choices = dq_level_names},
    {"when", DQ_KEY_TEXT, RULE(when)},
    {"decision", DQ_KEY_CHOICE, RULE(decision), .choices = rule_decisions},
    {"intervention_type", DQ_KEY_TEXT, RULE(type), .required = true},
    {"channel", DQ_KEY_CHOICE, RULE(channel), .required = true,
	.choices = dq_channel_names},
    {"priority", DQ_KEY_INT, RULE(priority), .required = true, .min = 1,
	.max = 9},
    {"message", DQ_KEY_TEXT, RULE(message)},
    {"adverse_action", DQ_KEY_FLAG, RULE(adverse)},
    {"hold_out", DQ_KEY_FLAG, RULE(hold_out)},
    {"cool_down", DQ_KEY_DURATION, RULE(cool_down)},
    {.name = NULL},
};

static bool
read_rule(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_rule *rule = into;
	struct dq_err err;

	rule->hold_out = true;
	rule->cool_down = -1;
	if (!dq_keys_object(keys, value, rule_keys, rule))
		return false;
	rule->decision = rule_decision[rule->decision];
	if (!rule->levels && !rule->when)
		return dq_keys_fault(keys,
		    "needs \"risk_level\" or \"when\"; a rule for everybody "
		    "says \"when\": \"true\"");
	if (rule->when && !(rule->jq = dq_jq_new(rule->when, &err))) {
		dq_keys_enter(keys, DQ_SLICE("when"));
		return dq_keys_fault(keys, "%s", err.text);
	}
	return true;
}

#define CAP(member) .offset = offsetof(struct dq_cap, member)
static const struct dq_key cap_keys[] = {
    {"channel", DQ_KEY_CHOICES, CAP(channels), .choices = dq_channel_names},
    {"max", DQ_KEY_INT, CAP(max), .required = true, .max = 1000},
    {"days", DQ_KEY_INT, CAP(days), .required = true, .min = 1, .max = 366},
    {.name = NULL},
};

static void
name_cap(struct dq_cap *cap)
{
	struct dq_buf text = {0};

	dq_buf_str(&text, "cap:");
	if (cap->channels == ALL_CHANNELS)
		dq_buf_str(&text, "all+");
	else
		for (int i = 0; i < DQ_CHANNELS; i++)
			if (cap->channels >> i & 1)
				dq_buf_printf(
				    &text, "%s+", dq_channel_names[i]);
	text.len--;
	snprintf(cap->name, sizeof(cap->name), "%s:%lldd", dq_buf_text(&text),
	    (long long)cap->days);
	dq_buf_release(&text);
}

static bool
read_cap(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_cap *cap = into;

	cap->channels = ALL_CHANNELS;
	if (!dq_keys_object(keys, value, cap_keys, cap))
		return false;
	name_cap(cap);
	return true;
}

#define QUIET(member) .offset = offsetof(struct dq_quiet, member)
static const struct dq_key quiet_keys[] = {
    {"channel", DQ_KEY_CHOICES, QUIET(channels), .choices = dq_channel_names},
    {"days", DQ_KEY_CHOICES, QUIET(weekdays), .choices = dq_weekday_names},
    {"from", DQ_KEY_CLOCK, QUIET(from), .required = true},
    {"to", DQ_KEY_CLOCK, QUIET(to), .required = true},
    {.name = NULL},
};

static bool
read_quiet(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_quiet *quiet = into;

	quiet->channels = ALL_CHANNELS;
	quiet->weekdays = ALL_WEEKDAYS;
	if (!dq_keys_object(keys, value, quiet_keys, quiet))
		return false;
	if (quiet->from == quiet->to)
		return dq_keys_fault(keys, "\"from\" and \"to\" are the same; "
					   "a whole day is 00:00 to 24:00");
	return true;
}

/* One word for all channels, or an object by channel; what it does not name
 * is denied. */
static bool
read_unknown_consent(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_policy *policy = into;
	int answers[DQ_CHANNELS];
	struct dq_key table[DQ_CHANNELS + 2] = {{.name = NULL}};

	for (int i = 0; i < DQ_CHANNELS; i++) {
		answers[i] = 1;
		table[i] = (struct dq_key){.name = dq_channel_names[i],
		    .type = DQ_KEY_CHOICE,
		    .offset = (size_t)i * sizeof(*answers),
		    .choices = allow_or_deny};
	}
	policy->unknown_allowed = 0;
	if (yyjson_is_str(value)) {
		int all = dq_choice_find(allow_or_deny, dq_json_text(value));

		if (all < 0)
			return dq_keys_fault(keys, "must be allow or deny");
		policy->unknown_allowed = all ? 0 : ALL_CHANNELS;
		return true;
	}
	if (!dq_keys_object(keys, value, table, answers))
		return false;
	for (int i = 0; i < DQ_CHANNELS; i++)
		if (!answers[i])
			policy->unknown_allowed |= 1u << i;
	return true;
}

#define POLICY(member) .offset = offsetof(struct dq_policy, member)

static bool
read_hold_out(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	static const struct dq_key table[] = {
	    {"share", DQ_KEY_SHARE, POLICY(hold_out_share), .required = true},
	    {"salt", DQ_KEY_TEXT, POLICY(hold_out_salt), .required = true},
	    {.name = NULL},
	};

	return dq_keys_object(keys, value, table, into);
}

static bool
read_outcome_change(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	static const struct dq_key table[] = {
	    {"stabilized", DQ_KEY_SHARE, POLICY(stabilized_by)},
	    {"deteriorated", DQ_KEY_SHARE, POLICY(deteriorated_by)},
	    {.name = NULL},
	};

	return dq_keys_object(keys, value, table, into);
}

static bool
read_rules(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_policy *policy = into;

	return dq_keys_array(keys, value, sizeof(*policy->rules),
	    (void **)&policy->rules, &policy->rules_count, read_rule);
}

static bool
read_caps(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_policy *policy = into;

	return dq_keys_array(keys, value, sizeof(*policy->caps),
	    (void **)&policy->caps, &policy->caps_count, read_cap);
}

static bool
read_quiet_hours(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_policy *policy = into;

	return dq_keys_array(keys, value, sizeof(*policy->quiet),
	    (void **)&policy->quiet, &policy->quiet_count, read_quiet);
}

static bool
add_zone(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	const struct dq_zone **zone = into;
	struct dq_err err;

	if (!yyjson_is_str(value))
		return dq_keys_fault(
		    keys, "must be a time zone, as \"Europe/Prague\"");
	*zone = dq_zone_get(dq_json_text(value), &err);
	return *zone || dq_keys_fault(keys, "%s", err.text);
}

static char *
join_texts(struct yyjson_val *array)
{
	struct dq_json_iter iter = dq_json_iter(array);
	struct dq_buf text = {0};

	while (dq_json_next(&iter)) {
		dq_buf_str(&text, text.len ? ", " : "");
		dq_buf_slice(&text, dq_json_text(iter.value));
	}
	dq_buf_text(&text);
	return text.data;
}

/* One name or several. */
static bool
read_zones(struct dq_keys *keys, struct yyjson_val *value, void *into)
{
	struct dq_policy *policy = into;
	struct dq_slice name = dq_json_text(value);

	if (yyjson_is_arr(value)) {
		policy->zone_names = join_texts(value);
		return dq_keys_array(keys, value, sizeof(*policy->zones),
			   (void **)&policy->zones, &policy->zones_count,
			   add_zone) &&
		       (policy->zones_count ||
			   dq_keys_fault(keys, "must name one at least"));
	}
	policy->zone_names = dq_strndup(name.data, name.len);
	policy->zones = dq_calloc(1, sizeof(*policy->zones));
	policy->zones_count = 1;
	return add_zone(keys, value, policy->zones);
}

/* Custom readers take the whole policy, so their offset is 0. */
static const struct dq_key policy_keys[] = {
    {"name", DQ_KEY_TEXT, POLICY(name), .required = true},
    {"version", DQ_KEY_TEXT, POLICY(version), .required = true},
    {"label", DQ_KEY_NOTE, POLICY(label)},
    {"author", DQ_KEY_TEXT, POLICY(author), .required = true},
    {"approver", DQ_KEY_NOTE, POLICY(approver), .required = true},
    {"valid_from", DQ_KEY_TIME, POLICY(valid_from), .required = true},
    {"language", DQ_KEY_TEXT, POLICY(language), .required = true},
    {"fallback_zone", DQ_KEY_CUSTOM, .required = true, .read = read_zones},
    {"rules", DQ_KEY_CUSTOM, .required = true, .read = read_rules},
    {"caps", DQ_KEY_CUSTOM, .read = read_caps},
    {"cool_down", DQ_KEY_DURATION, POLICY(cool_down)},
    {"quiet_hours", DQ_KEY_CUSTOM, .read = read_quiet_hours},
    {"unknown_consent", DQ_KEY_CUSTOM, .read = read_unknown_consent},
    {"vulnerable", DQ_KEY_CHOICE, POLICY(vulnerable),
	.choices = rule_decisions},
    {"adverse_without_reasons", DQ_KEY_CHOICE, POLICY(without_reasons),
	.choices = rule_decisions + 1},
    {"max_reasons", DQ_KEY_INT, POLICY(max_reasons), .min = 1, .max = 10},
    {"review_expires", DQ_KEY_DURATION, POLICY(review_expires)},
    {"hold_out", DQ_KEY_CUSTOM, .read = read_hold_out},
    {"outcome_after", DQ_KEY_INT, POLICY(outcome_after), .min = 1, .max = 366},
    {"outcome_change", DQ_KEY_CUSTOM, .read = read_outcome_change},
    {"messages", DQ_KEY_CUSTOM, .read = dq_messages_read},
    {.name = NULL},
};

/* Rules name each other in reports and messages, so names are checked across
 * the whole document. */
static bool
check_names(struct dq_keys *keys, const struct dq_policy *policy)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct dq_rule *rule = &policy->rules[i];
		struct dq_slice used;

		snprintf(keys->path, sizeof(keys->path), "rules[%zu]", i);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(policy->rules[j].name, rule->name))
				return dq_keys_fault(
				    keys, "its name is that of rules[%zu]", j);
		if (rule->message &&
		    !dq_policy_wording(policy, DQ_SLICE(rule->message),
			DQ_SLICE(policy->language), &used))
			return dq_keys_fault(keys,
			    "message \"%s\" has no text in \"%s\" under "
			    "\"messages\"",
			    rule->message, policy->language);
	}
	keys->path[0] = 0;
	return policy->rules_count || dq_keys_fault(keys, "\"rules\" is empty");
}

/* A month at least, for `contacts` in rules. */
static int64_t
memory_needed(const struct dq_policy *policy)
{
	int64_t days = 31, cool_down = policy->cool_down;

	for (size_t i = 0; i < policy->caps_count; i++)
		if (policy->caps[i].days > days)
			days = policy->caps[i].days;
	for (size_t i = 0; i < policy->rules_count; i++)
		if (policy->rules[i].cool_down > cool_down)
			cool_down = policy->rules[i].cool_down;
	days = (days + 1) * DQ_DAY;
	return days > cool_down ? days : cool_down;
}

static bool
read_policy(
    struct dq_keys *keys, struct yyjson_val *root, struct dq_policy *policy)
{
	*policy = (struct dq_policy){
	    .vulnerable = 2, /* of rule_decisions */
	    .max_reasons = 4,
	    .review_expires = 7 * DQ_DAY,
	    .outcome_after = 14,
	    .stabilized_by = 0.1,
	    .deteriorated_by = 0.1,
	};
	if (!dq_keys_object(keys, root, policy_keys, policy))
		return false;
	policy->vulnerable = rule_decision[policy->vulnerable];
	policy->without_reasons = rule_decision[policy->without_reasons + 1];
	policy->memory = memory_needed(policy);
	return check_names(keys, policy);
}

struct dq_policy *
dq_policy_new(struct dq_slice json, struct dq_err *err)
{
	struct dq_keys keys = {.err = err};
	struct yyjson_doc *doc = dq_json_parse(json, err);
	struct dq_policy *policy;
	bool good;

	if (!doc)
		return NULL;
	policy = dq_calloc(1, sizeof(*policy));
	good = read_policy(&keys, dq_json_root(doc), policy);
	dq_json_free(doc);
	if (!good) {
		dq_policy_free(policy);
		return NULL;
	}
	dq_sha256_text(json, policy->sha256);
	return policy;
}
