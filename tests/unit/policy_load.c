/* Faults of a policy file are told with their place; nothing passes unread. */
#include "unit.h"

#include "base/num.h"
#include "policy/customer.h"
#include "policy/policy.h"

#include <stdlib.h>

#define HEAD                                                                   \
	"{\"name\":\"n\",\"version\":\"1\",\"author\":\"a\","                  \
	"\"approver\":\"b\",\"valid_from\":\"2026-01-05\","                    \
	"\"language\":\"en\",\"fallback_zone\":\"UTC\""
#define RULE                                                                   \
	"\"name\":\"r\",\"risk_level\":\"HIGH\","                              \
	"\"intervention_type\":\"t\",\"priority\":1"
#define RULES ",\"rules\":[{" RULE ",\"channel\":\"sms\"}]"

static void
refused(const char *json, const char *why)
{
	struct dq_err err = {0};
	struct dq_policy *policy = dq_policy_new(DQ_SLICE(json), &err);

	CHECK(!policy);
	if (!CHECK(!strncmp(err.text, why, strlen(why))))
		printf("\tgot \"%s\", expected \"%s\"\n", err.text, why);
	dq_policy_free(policy);
}

static void
test_faults(void)
{
	refused("{", "line 1, column 2: not JSON");
	refused("[]", "must be an object, is array");
	refused(HEAD "}", "\"rules\" is missing");
	refused(HEAD ",\"rules\":[]}", "\"rules\" is empty");
	refused(HEAD ",\"rules\":{}}", "rules: must be an array, is object");
	refused(HEAD RULES ",\"cap\":[]}", "cap: is not a key of a policy");
	refused(HEAD RULES ",\"name\":\"n\"}", "name: is there twice");
	refused(HEAD ",\"rules\":[{" RULE "}]}",
	    "rules[0]: \"channel\" is missing");
	refused(HEAD ",\"rules\":[{" RULE ",\"channel\":\"fax\"}]}",
	    "rules[0].channel: must be phone_call, sms, email, push or "
	    "letter, is \"fax\"");
	refused(HEAD ",\"rules\":[{" RULE ",\"chanel\":\"sms\"}]}",
	    "rules[0].chanel: is not a key");
	refused(HEAD ",\"rules\":[{" RULE
		     ",\"channel\":\"sms\",\"when\":\".a b\"}]}",
	    "rules[0].when: ");
	refused(HEAD ",\"rules\":[{\"name\":\"r\",\"intervention_type\":\"t\","
		     "\"priority\":1,\"channel\":\"sms\"}]}",
	    "rules[0]: needs \"risk_level\" or \"when\"");
	refused(HEAD ",\"rules\":[{" RULE ",\"channel\":\"sms\"},{" RULE
		     ",\"channel\":\"sms\"}]}",
	    "rules[1]: its name is that of rules[0]");
	refused(HEAD ",\"rules\":[{" RULE
		     ",\"channel\":\"sms\",\"message\":\"m\"}]}",
	    "rules[0]: message \"m\" has no text in \"en\"");
	refused(HEAD RULES ",\"caps\":[{\"max\":1,\"days\":0}]}",
	    "caps[0].days: must be a whole number from 1 to 366");
	refused(HEAD RULES ",\"caps\":[{\"days\":7}]}",
	    "caps[0]: \"max\" is missing");
	refused(HEAD RULES ",\"cool_down\":3}", "cool_down: must be a dur");
	refused(HEAD RULES ",\"cool_down\":\"3\"}", "cool_down: must be a dur");
	refused(HEAD RULES ",\"quiet_hours\":[{\"from\":\"8:00\","
			   "\"to\":\"09:00\"}]}",
	    "quiet_hours[0].from: must be a time of day");
	refused(HEAD RULES ",\"quiet_hours\":[{\"from\":\"24:01\","
			   "\"to\":\"09:00\"}]}",
	    "quiet_hours[0].from: must be a time of day");
	refused(HEAD RULES ",\"quiet_hours\":[{\"from\":\"08:00\","
			   "\"to\":\"08:00\"}]}",
	    "quiet_hours[0]: \"from\" and \"to\" are the same");
	refused(HEAD RULES ",\"quiet_hours\":[{\"from\":\"08:00\","
			   "\"to\":\"09:00\",\"days\":[\"monday\",\"sun\"]}]}",
	    "quiet_hours[0].days: must be monday, ");
	refused(HEAD RULES ",\"hold_out\":{\"share\":1.5,\"salt\":\"s\"}}",
	    "hold_out.share: must be a number from 0 to 1");
	refused(HEAD RULES ",\"hold_out\":{\"share\":0.5}}",
	    "hold_out: \"salt\" is missing");
	refused(HEAD RULES ",\"unknown_consent\":\"yes\"}",
	    "unknown_consent: must be allow or deny");
	refused(HEAD RULES ",\"unknown_consent\":{\"sms\":true}}",
	    "unknown_consent.sms: must be allow or deny");
	refused(HEAD RULES ",\"vulnerable\":\"call\"}",
	    "vulnerable: must be act, suppress or review, is \"call\"");
	refused(HEAD RULES ",\"adverse_without_reasons\":\"act\"}",
	    "adverse_without_reasons: must be suppress or review");
	refused(HEAD RULES ",\"messages\":{\"m\":{\"en\":1}}}",
	    "messages.m.en: must be the text");
	refused("{\"fallback_zone\":\"Mars/Base\"}",
	    "fallback_zone: time zone \"Mars/Base\" is not known");
	refused("{\"fallback_zone\":[\"UTC\",\"Mars/Base\"]}",
	    "fallback_zone[1]: time zone \"Mars/Base\" is not known");
}

static struct dq_policy *
load(const char *json)
{
	struct dq_err err = {0};
	struct dq_policy *policy = dq_policy_new(DQ_SLICE(json), &err);

	if (!CHECK(policy))
		printf("\t%s\n", err.text);
	return policy;
}

static void
test_values(void)
{
	struct dq_policy *policy = load(
	    HEAD RULES ",\"caps\":[{\"channel\":[\"sms\",\"email\"],\"max\":2,"
		       "\"days\":90},{\"max\":3,\"days\":1}]}");

	CHECK(!strcmp(policy->caps[0].name, "cap:sms+email:90d"));
	CHECK(!strcmp(policy->caps[1].name, "cap:all:1d"));
	CHECK_INT(policy->memory, 91 * DQ_DAY);
	CHECK_INT(policy->vulnerable, DQ_REVIEW);
	CHECK_INT(policy->without_reasons, DQ_SUPPRESS);
	CHECK_INT(policy->unknown_allowed, 0);
	CHECK_INT(policy->rules[0].decision, DQ_ACT);
	CHECK(policy->rules[0].hold_out && policy->rules[0].cool_down == -1);
	dq_policy_free(policy);
}

static void
test_approval(void)
{
	int64_t day = dq_day_from_date((struct dq_date){2026, 1, 5});
	struct dq_policy *policy = load(HEAD RULES "}");
	char *approver = policy->approver;

	CHECK(dq_policy_approved(policy, day * DQ_DAY, NULL));
	CHECK(!dq_policy_approved(policy, day * DQ_DAY - 1, NULL));
	policy->approver = NULL;
	CHECK(!dq_policy_approved(policy, day * DQ_DAY, NULL));
	policy->approver = policy->author;
	CHECK(!dq_policy_approved(policy, day * DQ_DAY, NULL));
	policy->approver = approver;
	dq_policy_free(policy);
}

/* A customer written and read back is written the same again. */
static void
test_row(void)
{
	static const char row[] =
	    "{\"partition\":2,\"profile\":5,\"zone\":\"Europe/Prague\","
	    "\"language\":\"cs\",\"consent\":\"yn??y\",\"vulnerable\":true,"
	    "\"deleted\":true,\"last\":-7,\"score\":0.123457,\"id\":\"abc\","
	    "\"contacts\":[-3,1,9223372036854775807,4],\"pending\":[{\"id\":"
	    "\"0123456789abcdef0123456789abcdef\",\"time\":1,\"due\":2,"
	    "\"score\":1,\"held_out\":true}],\"awaiting\":[{\"id\":\"x\","
	    "\"due\":3,\"priority\":1,\"proposal\":{\"rule\":\"\\u0001\"}}]}";
	struct dq_customer customer;
	struct dq_map names = {0};
	struct dq_buf again = {0};
	struct dq_err err;

	dq_customer_init(&customer);
	CHECK(dq_customer_load(&customer, &names, DQ_SLICE(row), &err));
	dq_customer_save(&customer, &names, &again);
	CHECK_TEXT(again, row);
	CHECK(customer.zone != NULL);
	dq_customer_release(&customer);
	dq_customer_init(&customer);
	CHECK(!dq_customer_load(&customer, &names,
	    DQ_SLICE("{\"partition\":1,\"contacts\":[1,9]}"), &err));
	dq_customer_release(&customer);
	dq_map_release(&names);
	dq_buf_release(&again);
}

int
main(void)
{
	test_faults();
	test_values();
	test_approval();
	test_row();
	return unit_done();
}
