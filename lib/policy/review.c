/* What a person says about an intervention that waits for one. */
#include "base/mem.h"
#include "policy/engine_state.h"

#include <stdio.h>
#include <stdlib.h>

/* Writes what became of a review that is taken out of the customer's list;
 * frees the proposal. */
static void
answer(struct dq_engine *engine, uint32_t number, struct dq_awaiting *awaiting,
    struct dq_intervention *intervention, struct dq_verdict *verdict,
    bool approved, struct dq_out *out)
{
	struct yyjson_doc *doc =
	    dq_json_parse(DQ_SLICE(awaiting->proposal), NULL);
	struct dq_proposal proposal;

	if (dq_proposal_load(&proposal, dq_json_root(doc), &engine->reasons)) {
		intervention->customer_id = dq_map_key(&engine->ids, number);
		intervention->review_of = DQ_SLICE(awaiting->id);
		dq_intervention_name(
		    intervention, engine->policy, intervention->review_of, "");
		if (approved)
			dq_engine_judge(engine, number, &proposal, NULL,
			    intervention->time, verdict);
		dq_engine_conclude(
		    engine, number, intervention, &proposal, verdict, out);
	}
	dq_json_free(doc);
	free(awaiting->proposal);
}

void
dq_engine_expire(struct dq_engine *engine, uint32_t number,
    struct dq_awaiting *awaiting, struct dq_out *out)
{
	struct dq_intervention intervention = {.time = awaiting->due};
	struct dq_verdict verdict = {.decision = DQ_SUPPRESS,
	    .contact_time = DQ_TIME_NONE,
	    .by = "review_expired",
	    .status = "expired"};

	answer(engine, number, awaiting, &intervention, &verdict, false, out);
}

/* The customer whose review it is, or DQ_MAP_NONE. */
static uint32_t
find_customer(const struct dq_engine *engine, struct dq_slice id)
{
	uint32_t number = dq_map_get(&engine->reviews, id);

	return number == DQ_MAP_NONE ? DQ_MAP_NONE
				     : engine->review_customers[number];
}

bool
dq_engine_pending(const struct dq_engine *engine, struct dq_slice id)
{
	uint32_t number = find_customer(engine, id);
	const struct dq_customer *customer;

	if (number == DQ_MAP_NONE)
		return false;
	customer = &engine->customers[number];
	for (uint32_t i = 0; i < customer->awaiting_count; i++)
		if (dq_slice_is(id, customer->awaiting[i].id))
			return true;
	return false;
}

bool
dq_engine_review(struct dq_engine *engine, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	struct dq_slice id = dq_record_text(record, DQ_INTERVENTION_ID);
	struct dq_slice decision = dq_record_text(record, DQ_DECISION);
	uint32_t number = find_customer(engine, id);
	char text[DQ_ID_TEXT];
	struct dq_awaiting awaiting;
	struct dq_verdict verdict = {.decision = DQ_SUPPRESS,
	    .contact_time = DQ_TIME_NONE,
	    .by = "override",
	    .status = "overridden"};
	struct dq_intervention intervention = {
	    .time = record->time,
	    .by = dq_record_text(record, DQ_BY),
	    .reason = dq_record_text(record, DQ_REASON),
	};

	if (!dq_slice_is(decision, "approve") &&
	    !dq_slice_is(decision, "override"))
		return dq_err_set(
		    err, "decision: a review says approve or override");
	snprintf(text, sizeof(text), "%.*s", (int)id.len, id.data);
	if (number == DQ_MAP_NONE ||
	    !dq_customer_take_awaiting(
		&engine->customers[number], text, 0, &awaiting))
		return dq_err_set(
		    err, "no review of intervention \"%s\" is pending", text);
	/* Time may not run backwards for a customer: caps depend on it. */
	if (intervention.time < engine->customers[number].last_time)
		intervention.time = engine->customers[number].last_time;
	if (intervention.time >= awaiting.due)
		dq_engine_expire(engine, number, &awaiting, out);
	else
		answer(engine, number, &awaiting, &intervention, &verdict,
		    dq_slice_is(decision, "approve"), out);
	return true;
}
