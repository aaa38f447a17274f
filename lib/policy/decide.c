/* From a prediction to a decision. */
#include "base/mem.h"
#include "base/num.h"
#include "policy/engine_state.h"

#include <math.h>
#include <stdio.h>

static void
suppress(struct dq_verdict *verdict, const char *by)
{
	verdict->decision = DQ_SUPPRESS;
	verdict->status = "suppressed";
	snprintf(verdict->by, sizeof(verdict->by), "%s", by);
}

static bool
consented(const struct dq_policy *policy, const struct dq_customer *customer,
    int channel, struct dq_verdict *verdict)
{
	if (customer->consent[channel] == DQ_CONSENT_GIVEN)
		return true;
	if (customer->consent[channel] == DQ_CONSENT_REFUSED) {
		suppress(verdict, "consent");
		return false;
	}
	if (policy->unknown_allowed >> channel & 1)
		return true;
	suppress(verdict, "consent_unknown");
	return false;
}

/* One review at a time, but for a more urgent one. */
static void
ask_person(const struct dq_customer *customer,
    const struct dq_proposal *proposal, struct dq_verdict *verdict)
{
	for (uint32_t i = 0; i < customer->awaiting_count; i++)
		if (customer->awaiting[i].priority <= proposal->priority) {
			suppress(verdict, "review_pending");
			return;
		}
	verdict->decision = DQ_REVIEW;
	verdict->status = "pending_review";
}

/* May the customer be contacted at all? True when so; else the verdict is
 * set. */
static bool
permitted(const struct dq_policy *policy, const struct dq_customer *customer,
    const struct dq_proposal *proposal, const struct dq_rule *rule,
    struct dq_verdict *verdict)
{
	bool unexplained = proposal->adverse && !proposal->explained;
	bool vulnerable = rule && customer->vulnerable;

	if (customer->deleted) {
		suppress(verdict, "deleted");
		return false;
	}
	if (rule && rule->decision == DQ_SUPPRESS) {
		suppress(verdict, "rule");
		return false;
	}
	if (unexplained && (!rule || policy->without_reasons == DQ_SUPPRESS)) {
		suppress(verdict, "no_reasons");
		return false;
	}
	if (!consented(policy, customer, proposal->channel, verdict))
		return false;
	if (vulnerable && policy->vulnerable == DQ_SUPPRESS) {
		suppress(verdict, "vulnerable");
		return false;
	}
	if (!unexplained && !(vulnerable && policy->vulnerable == DQ_REVIEW) &&
	    !(rule && rule->decision == DQ_REVIEW))
		return true;
	ask_person(customer, proposal, verdict);
	return false;
}

/* When, if at all, the channel is free. */
static void
find_time(const struct dq_policy *policy, const struct dq_customer *customer,
    const struct dq_zone *calendar, const struct dq_proposal *proposal,
    int64_t now, struct dq_verdict *verdict)
{
	bool known = customer->zone != NULL;
	int64_t time =
	    dq_quiet_until(policy, known ? &customer->zone : policy->zones,
		known ? 1 : policy->zones_count, proposal->channel, now);
	const struct dq_cap *cap;

	if (time == DQ_TIME_NONE) {
		suppress(verdict, "quiet_hours");
		return;
	}
	if (dq_cooling_down(&customer->contacts, time, proposal->cool_down)) {
		suppress(verdict, "cool_down");
		return;
	}
	cap = dq_caps_broken(policy, &customer->contacts, calendar,
	    (struct dq_contact){time, proposal->channel});
	if (cap) {
		suppress(verdict, cap->name);
		return;
	}
	verdict->contact_time = time;
	verdict->decision = time > now ? DQ_DEFER : DQ_ACT;
	verdict->status = time > now ? "scheduled" : "triggered";
}

void
dq_engine_judge(struct dq_engine *engine, uint32_t number,
    const struct dq_proposal *proposal, const struct dq_rule *rule, int64_t now,
    struct dq_verdict *verdict)
{
	const struct dq_policy *policy = engine->policy;
	struct dq_customer *customer = &engine->customers[number];

	*verdict = (struct dq_verdict){.contact_time = DQ_TIME_NONE};
	if (!permitted(policy, customer, proposal, rule, verdict))
		return;
	dq_contacts_forget(&customer->contacts, now - policy->memory);
	find_time(policy, customer, dq_engine_zone(engine, customer), proposal,
	    now, verdict);
	if (verdict->decision != DQ_SUPPRESS && rule && proposal->hold_out &&
	    dq_held_out(policy, dq_map_key(&engine->ids, number))) {
		verdict->decision = DQ_HOLD_OUT;
		verdict->status = "held_out";
	}
}

/* A contact, or one held out in its place, fills the caps and is followed
 * by its outcome. */
static void
remember_contact(struct dq_engine *engine, uint32_t number, const char *id,
    const struct dq_proposal *proposal, const struct dq_verdict *verdict)
{
	struct dq_customer *customer = &engine->customers[number];
	struct dq_pending pending = {
	    .time = verdict->contact_time,
	    .due =
		verdict->contact_time + engine->policy->outcome_after * DQ_DAY,
	    .score = dq_num_round6(proposal->score),
	    .held_out = verdict->decision == DQ_HOLD_OUT,
	};

	snprintf(pending.id, sizeof(pending.id), "%s", id);
	dq_contacts_add(&customer->contacts,
	    (struct dq_contact){verdict->contact_time, proposal->channel});
	dq_customer_add_pending(customer, &pending);
	dq_engine_due(engine, &(struct dq_due){pending.due, number, false});
}

static void
remember_review(struct dq_engine *engine, uint32_t number,
    const struct dq_intervention *intervention,
    const struct dq_proposal *proposal)
{
	struct dq_buf json = {0};
	struct dq_awaiting awaiting = {
	    .due = intervention->time + engine->policy->review_expires,
	    .priority = proposal->priority,
	};

	snprintf(awaiting.id, sizeof(awaiting.id), "%s", intervention->id);
	dq_proposal_save(proposal, &json);
	dq_buf_text(&json);
	awaiting.proposal = json.data;
	dq_customer_add_awaiting(&engine->customers[number], &awaiting);
	dq_engine_due(engine, &(struct dq_due){awaiting.due, number, true});
	dq_engine_note_review(engine, awaiting.id, number);
}

void
dq_engine_conclude(struct dq_engine *engine, uint32_t number,
    struct dq_intervention *intervention, const struct dq_proposal *proposal,
    const struct dq_verdict *verdict, struct dq_out *out)
{
	const struct dq_customer *customer = &engine->customers[number];

	if (customer->language != DQ_MAP_NONE)
		intervention->language =
		    dq_map_key(&engine->names, customer->language);
	intervention->zone_assumed = !customer->zone;
	dq_intervention_write(
	    intervention, proposal, verdict, engine->policy, out);
	if (verdict->decision == DQ_REVIEW)
		remember_review(engine, number, intervention, proposal);
	else if (verdict->decision != DQ_SUPPRESS)
		remember_contact(
		    engine, number, intervention->id, proposal, verdict);
}

/* A prediction older than one already seen is no ground for a contact. */
static void
decide(struct dq_engine *engine, uint32_t number, const struct dq_rule *rule,
    const struct dq_record *record, struct dq_out *out)
{
	struct dq_customer *customer = &engine->customers[number];
	bool late = record->time < customer->last_time;
	struct dq_intervention intervention = {
	    .time = record->time,
	    .customer_id = record->customer_id,
	};
	struct dq_proposal proposal;
	struct dq_verdict verdict = {.contact_time = DQ_TIME_NONE};

	dq_proposal_make(
	    &proposal, engine->policy, rule, record, &engine->reasons);
	dq_intervention_name(&intervention, engine->policy,
	    proposal.prediction_id, late ? " late" : "");
	/* The same prediction again, as after a producer's retry. */
	if (!strcmp(intervention.id, customer->last_id))
		return;
	if (late)
		suppress(&verdict, "superseded");
	else
		dq_engine_judge(
		    engine, number, &proposal, rule, record->time, &verdict);
	dq_engine_conclude(
	    engine, number, &intervention, &proposal, &verdict, out);
	snprintf(customer->last_id, sizeof(customer->last_id), "%s",
	    intervention.id);
}

bool
dq_engine_predict(struct dq_engine *engine, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	const struct dq_rule *rule;
	struct dq_customer *customer;
	uint32_t number;

	if (record->time == DQ_TIME_NONE)
		return dq_err_set(err, "a prediction without event_time");
	number = dq_engine_customer(engine, record->customer_id);
	customer = &engine->customers[number];
	if (!dq_engine_match(engine, customer, record, &rule, err))
		return false;
	if (customer->last_time == DQ_TIME_NONE)
		customer->partition = record->place.partition;
	dq_engine_clock(engine, record->place.partition);
	dq_engine_advance(engine, record->place.partition, record->time, out);
	if (rule)
		decide(engine, number, rule, record, out);
	if (record->time >= customer->last_time) {
		customer->last_time = record->time;
		customer->last_score =
		    dq_num_round6(dq_record_real(record, DQ_RISK_SCORE));
	}
	return true;
}
