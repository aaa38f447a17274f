/* A policy file of anyone's making: read whole, or refused with its place. */
#include "policy/policy.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_slice text = {(const char *)data, size};
	struct dq_buf words = {0};
	struct dq_err err = {0};
	struct dq_policy *policy = dq_policy_new(text, &err);

	if (!policy) {
		MUST(err.text[0]);
		return 0;
	}
	MUST(policy->rules_count && policy->zones_count);
	MUST(policy->memory > 0);
	dq_policy_describe(policy, &words);
	MUST(words.len);
	dq_buf_release(&words);
	dq_policy_free(policy);
	return 0;
}
