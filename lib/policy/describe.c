/* A policy in words, for those who sign it. */
#include "base/num.h"
#include "policy/policy.h"

#include <stdio.h>

static void
put_span(struct dq_buf *out, int64_t span)
{
	if (span % DQ_DAY == 0)
		dq_buf_printf(out, "%lld day%s", (long long)(span / DQ_DAY),
		    span == DQ_DAY ? "" : "s");
	else if (span % DQ_HOUR == 0)
		dq_buf_printf(out, "%lld hour%s", (long long)(span / DQ_HOUR),
		    span == DQ_HOUR ? "" : "s");
	else
		dq_buf_printf(
		    out, "%lld minutes", (long long)(span / DQ_MINUTE));
}

/* "a, b or c" of the bits that are set. */
static void
put_set(struct dq_buf *out, unsigned bits, const char *const *names,
    const char *last)
{
	bool first = true;

	for (int i = 0; names[i]; i++) {
		if (!(bits >> i & 1))
			continue;
		if (!first)
			dq_buf_str(out, bits >> i == 1 ? last : ", ");
		dq_buf_str(out, names[i]);
		first = false;
	}
}

static void
put_head(const struct dq_policy *policy, struct dq_buf *out)
{
	dq_buf_printf(out, "policy %s, version %s, sha256 %s\n", policy->name,
	    policy->version, policy->sha256);
	if (policy->label)
		dq_buf_printf(out, "%s\n", policy->label);
	dq_buf_printf(out, "written by %s, %s%s, valid from ", policy->author,
	    policy->approver ? "approved by " : "approved by nobody",
	    policy->approver ? policy->approver : "");
	dq_buf_time(out, policy->valid_from);
	dq_buf_str(out, "\n\n");
}

static void
put_rule(const struct dq_policy *policy, const struct dq_rule *rule,
    struct dq_buf *out)
{
	static const char *const verbs[] = {[DQ_ACT] = "contact",
	    [DQ_SUPPRESS] = "do not contact",
	    [DQ_REVIEW] = "a person decides on contact"};

	dq_buf_printf(out, "  %s: if ", rule->name);
	if (rule->levels) {
		dq_buf_str(out, "the risk level is ");
		put_set(out, rule->levels, dq_level_names, " or ");
	}
	if (rule->when)
		dq_buf_printf(
		    out, "%s%s", rule->levels ? " and " : "", rule->when);
	dq_buf_printf(out, ": %s by %s (%s, priority %lld)",
	    verbs[rule->decision], dq_channel_names[rule->channel], rule->type,
	    (long long)rule->priority);
	if (rule->adverse)
		dq_buf_str(out, ", an adverse action: must carry reasons");
	if (!rule->hold_out && policy->hold_out_share > 0)
		dq_buf_str(out, ", never held out");
	if (rule->cool_down >= 0) {
		dq_buf_str(out, ", own cool-down of ");
		put_span(out, rule->cool_down);
	}
	dq_buf_byte(out, '\n');
}

static void
put_limits(const struct dq_policy *policy, struct dq_buf *out)
{
	dq_buf_str(out, "\nlimits for each customer:\n");
	for (size_t i = 0; i < policy->caps_count; i++) {
		const struct dq_cap *cap = &policy->caps[i];

		dq_buf_printf(out, "  at most %lld by ", (long long)cap->max);
		put_set(out, cap->channels, dq_channel_names, " or ");
		dq_buf_printf(out, " in any %lld days\n", (long long)cap->days);
	}
	if (policy->cool_down) {
		dq_buf_str(out, "  ");
		put_span(out, policy->cool_down);
		dq_buf_str(out, " between two contacts\n");
	}
	if (!policy->caps_count && !policy->cool_down)
		dq_buf_str(out, "  none\n");
}

static void
put_quiet(const struct dq_policy *policy, struct dq_buf *out)
{
	dq_buf_printf(out,
	    "\nquiet hours, by the customer's own clock (%s%s where it is not "
	    "known):\n",
	    policy->zones_count > 1 ? "all of " : "", policy->zone_names);
	for (size_t i = 0; i < policy->quiet_count; i++) {
		const struct dq_quiet *quiet = &policy->quiet[i];

		dq_buf_str(out, "  no ");
		put_set(out, quiet->channels, dq_channel_names, " or ");
		dq_buf_printf(out, " from %02d:%02d to %02d:%02d",
		    (int)(quiet->from / DQ_HOUR),
		    (int)(quiet->from % DQ_HOUR / DQ_MINUTE),
		    (int)(quiet->to / DQ_HOUR),
		    (int)(quiet->to % DQ_HOUR / DQ_MINUTE));
		if (quiet->weekdays != (1u << 7) - 1) {
			dq_buf_str(out, " on ");
			put_set(
			    out, quiet->weekdays, dq_weekday_names, " and ");
		}
		dq_buf_byte(out, '\n');
	}
	if (!policy->quiet_count)
		dq_buf_str(out, "  none\n");
}

static void
put_people(const struct dq_policy *policy, struct dq_buf *out)
{
	static const char *const care[] = {[DQ_ACT] = "are treated as others",
	    [DQ_SUPPRESS] = "are not contacted",
	    [DQ_REVIEW] = "are reviewed by a person first"};

	dq_buf_str(out, "\nthe customer's word:\n  refused consent is kept; "
			"where consent is not known, ");
	if (policy->unknown_allowed) {
		put_set(
		    out, policy->unknown_allowed, dq_channel_names, " and ");
		dq_buf_str(out, " may be used\n");
	} else
		dq_buf_str(out, "no channel may be used\n");
	dq_buf_printf(
	    out, "  vulnerable customers %s\n", care[policy->vulnerable]);
	dq_buf_printf(out, "  an adverse action without reasons is %s\n",
	    policy->without_reasons == DQ_REVIEW ? "reviewed" : "suppressed");
	dq_buf_str(out, "  a review that nobody makes expires after ");
	put_span(out, policy->review_expires);
	dq_buf_byte(out, '\n');
}

static void
put_measure(const struct dq_policy *policy, struct dq_buf *out)
{
	dq_buf_str(out, "\nmeasurement:\n  ");
	if (policy->hold_out_share > 0) {
		dq_buf_real(out, policy->hold_out_share * 100);
		dq_buf_printf(out,
		    " %% of the customers are held out: those whose first 8 "
		    "digits of sha256(\"%s:\" customer_id),\n  over 2^32, are "
		    "below ",
		    policy->hold_out_salt);
		dq_buf_real(out, policy->hold_out_share);
		dq_buf_byte(out, '\n');
	} else
		dq_buf_str(out, "nobody is held out\n");
	dq_buf_printf(out,
	    "  the outcome is taken after %lld days: stabilized when the "
	    "score fell by ",
	    (long long)policy->outcome_after);
	dq_buf_real(out, policy->stabilized_by);
	dq_buf_str(out, " or more,\n  deteriorated when it rose by ");
	dq_buf_real(out, policy->deteriorated_by);
	dq_buf_str(out, " or more, else unchanged\n");
}

static void
put_messages(const struct dq_policy *policy, struct dq_buf *out)
{
	dq_buf_printf(out,
	    "\nmessages (in %s where the customer's language is not there):\n",
	    policy->language);
	for (size_t i = 0; i < policy->messages_count; i++)
		for (size_t j = 0; j < policy->messages[i].count; j++)
			dq_buf_printf(out, "  %s (%s): %s\n",
			    policy->messages[i].name,
			    policy->messages[i].wordings[j].language,
			    policy->messages[i].wordings[j].text);
}

void
dq_policy_describe(const struct dq_policy *policy, struct dq_buf *out)
{
	put_head(policy, out);
	dq_buf_str(out, "rules, of which the first that matches decides:\n");
	for (size_t i = 0; i < policy->rules_count; i++)
		put_rule(policy, &policy->rules[i], out);
	dq_buf_str(
	    out, "  no rule matches: no decision, and no record of one\n");
	put_limits(policy, out);
	put_quiet(policy, out);
	put_people(policy, out);
	put_measure(policy, out);
	put_messages(policy, out);
}
