/* The engine's insides, for the files that are the engine. */
#ifndef DQ_POLICY_ENGINE_STATE_H
#define DQ_POLICY_ENGINE_STATE_H

#include "policy/customer.h"
#include "policy/engine.h"
#include "policy/proposal.h"

/* Something that falls due: an outcome or the end of a review. */
struct dq_due {
	int64_t time;
	uint32_t customer;
	bool review;
};

/* How far event time has come in a partition, and what waits for it: a heap,
 * earliest first. */
struct dq_clock {
	int32_t partition;
	int64_t time;
	struct dq_due *dues;
	size_t count, cap;
};

struct dq_engine {
	const struct dq_policy *policy;
	struct dq_map ids; /* customers' */
	struct dq_customer *customers;
	size_t customers_cap;
	struct dq_map names; /* zones and languages */
	struct dq_map unknown_zones;
	uint32_t unknown_told; /* of them */
	struct dq_map reviews; /* ids of interventions that await a review */
	uint32_t *review_customers; /* the customer of each */
	size_t review_customers_cap;
	struct dq_clock *clocks;
	size_t clocks_count;
	void (*changed)(void *context, struct dq_slice key);
	void *context;
	struct dq_buf reasons; /* scratch */
	struct dq_buf facts;   /* scratch: what rules' programs see */
};

/* The number of the customer, a new one when unknown. */
uint32_t dq_engine_customer(struct dq_engine *engine, struct dq_slice id);

struct dq_clock *dq_engine_clock(struct dq_engine *engine, int32_t partition);

/* Notes that something of the customer falls due. */
void dq_engine_due(struct dq_engine *engine, const struct dq_due *due);

/* Remembers whose the review is. */
void dq_engine_note_review(
    struct dq_engine *engine, const char *id, uint32_t customer);

/* The zone of the customer's calendar. */
static inline const struct dq_zone *
dq_engine_zone(
    const struct dq_engine *engine, const struct dq_customer *customer)
{
	return customer->zone ? customer->zone : engine->policy->zones[0];
}

/* The first rule that matches; *rule is NULL when none does. False with err
 * set when a program failed. */
bool dq_engine_match(struct dq_engine *engine,
    const struct dq_customer *customer, const struct dq_record *prediction,
    const struct dq_rule **rule, struct dq_err *err);

/* What is to become of a proposal at `now`. `rule` is NULL when a person has
 * approved it: then it is not held out and not reviewed again. */
void dq_engine_judge(struct dq_engine *engine, uint32_t number,
    const struct dq_proposal *proposal, const struct dq_rule *rule, int64_t now,
    struct dq_verdict *verdict);

/* Writes the intervention and remembers what follows from it. */
void dq_engine_conclude(struct dq_engine *engine, uint32_t number,
    struct dq_intervention *intervention, const struct dq_proposal *proposal,
    const struct dq_verdict *verdict, struct dq_out *out);

/* The end of a review that nobody made in time. */
void dq_engine_expire(struct dq_engine *engine, uint32_t number,
    struct dq_awaiting *awaiting, struct dq_out *out);

#endif
