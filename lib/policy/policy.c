#include "policy/policy.h"

#include <stdlib.h>

const char *const dq_channel_names[] = {
    "phone_call", "sms", "email", "push", "letter", NULL};
const char *const dq_decision_names[] = {
    "act", "suppress", "defer", "review", "hold_out", NULL};
const char *const dq_weekday_names[] = {"monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday", NULL};

static void
free_rules(struct dq_policy *policy)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		struct dq_rule *rule = &policy->rules[i];

		dq_jq_free(rule->jq);
		free(rule->name);
		free(rule->when);
		free(rule->type);
		free(rule->message);
	}
	free(policy->rules);
}

static void
free_messages(struct dq_policy *policy)
{
	for (size_t i = 0; i < policy->messages_count; i++) {
		struct dq_message *message = &policy->messages[i];

		for (size_t j = 0; j < message->count; j++) {
			free(message->wordings[j].language);
			free(message->wordings[j].text);
		}
		free(message->wordings);
		free(message->name);
	}
	free(policy->messages);
}

void
dq_policy_free(struct dq_policy *policy)
{
	if (!policy)
		return;
	free_rules(policy);
	free_messages(policy);
	free(policy->caps);
	free(policy->quiet);
	free(policy->name);
	free(policy->version);
	free(policy->label);
	free(policy->author);
	free(policy->approver);
	free(policy->language);
	free(policy->zones);
	free(policy->zone_names);
	free(policy->hold_out_salt);
	free(policy);
}

bool
dq_policy_approved(
    const struct dq_policy *policy, int64_t now, struct dq_err *err)
{
	struct dq_buf from = {0};

	if (!policy->approver || !*policy->approver)
		return dq_err_set(err, "approver: nobody has approved it");
	if (!strcmp(policy->approver, policy->author))
		return dq_err_set(
		    err, "approver: must be another person than the author");
	if (policy->valid_from > now) {
		dq_buf_time(&from, policy->valid_from);
		dq_err_set(
		    err, "valid_from: not valid before %s", dq_buf_text(&from));
		dq_buf_release(&from);
		return false;
	}
	return true;
}
