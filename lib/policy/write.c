/* The records: interventions and outcomes. */
#include "base/hash.h"
#include "base/num.h"
#include "policy/proposal.h"

#include <math.h>
#include <stdio.h>

void
dq_intervention_name(struct dq_intervention *intervention,
    const struct dq_policy *policy, struct dq_slice cause, const char *kind)
{
	struct dq_buf text = {0}, id = {0};

	dq_buf_slice(&text, intervention->customer_id);
	dq_buf_byte(&text, '\n');
	dq_buf_int(&text, intervention->time);
	dq_buf_byte(&text, '\n');
	dq_buf_slice(&text, cause);
	dq_buf_byte(&text, '\n');
	dq_buf_str(&text, policy->sha256);
	dq_buf_str(&text, kind);
	dq_buf_id(&id, dq_buf_view(&text));
	snprintf(
	    intervention->id, sizeof(intervention->id), "%s", dq_buf_text(&id));
	dq_buf_release(&id);
	dq_buf_release(&text);
}

static void
write_message(const struct dq_intervention *intervention,
    const struct dq_proposal *proposal, const struct dq_verdict *verdict,
    const struct dq_policy *policy, struct dq_buf *buf)
{
	bool sent = verdict->decision != DQ_SUPPRESS &&
		    verdict->decision != DQ_HOLD_OUT;
	struct dq_slice language;
	const char *text = dq_policy_wording(
	    policy, proposal->message, intervention->language, &language);

	dq_buf_key(buf, "message");
	dq_buf_byte(buf, '{');
	dq_buf_member_text(buf, "template", proposal->message);
	dq_buf_member_text(buf, "language", language);
	if (text && sent)
		dq_buf_member_str(buf, "text", text);
	dq_buf_byte(buf, '}');
}

static void
write_policy(const struct dq_policy *policy, struct dq_buf *buf)
{
	dq_buf_key(buf, "policy");
	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "name", policy->name);
	dq_buf_member_str(buf, "version", policy->version);
	dq_buf_member_str(buf, "sha256", policy->sha256);
	dq_buf_byte(buf, '}');
}

/* A column that is always there, null where it does not apply. */
static void
write_or_null(struct dq_buf *buf, const char *key, struct dq_slice text)
{
	if (text.len)
		dq_buf_member_text(buf, key, text);
	else
		dq_buf_member_null(buf, key);
}

static void
write_what(const struct dq_intervention *intervention,
    const struct dq_proposal *proposal, const struct dq_verdict *verdict,
    struct dq_buf *buf)
{
	dq_buf_member_str(buf, "event_type", "intervention");
	dq_buf_member_time(buf, "event_time", intervention->time);
	dq_buf_member_str(buf, "intervention_id", intervention->id);
	dq_buf_member_text(buf, "customer_id", intervention->customer_id);
	dq_buf_member_str(
	    buf, "decision", dq_decision_names[verdict->decision]);
	dq_buf_member_text(buf, "intervention_type", proposal->type);
	dq_buf_member_str(buf, "channel", dq_channel_names[proposal->channel]);
	dq_buf_member_int(buf, "priority", proposal->priority);
	dq_buf_member_real(buf, "risk_score", proposal->score);
	dq_buf_member_text(buf, "risk_level", proposal->level);
	dq_buf_member_raw(buf, "reasons", proposal->reasons);
}

/* Behind the fields of every intervention: those that not each one has. */
static void
write_rest(const struct dq_intervention *intervention,
    const struct dq_proposal *proposal, const struct dq_policy *policy,
    struct dq_buf *buf)
{
	dq_buf_member_text(buf, "rule", proposal->rule);
	dq_buf_member_str(buf, "program", "dq-intervene " DQ_VERSION);
	if (intervention->review_of.len)
		dq_buf_member_text(buf, "review_of", intervention->review_of);
	if (intervention->by.len)
		dq_buf_member_text(buf, "by", intervention->by);
	if (intervention->reason.len)
		dq_buf_member_text(buf, "reason", intervention->reason);
	if (proposal->source.len)
		dq_buf_member_raw(buf, "source", proposal->source);
	if (intervention->zone_assumed)
		dq_buf_member_str(buf, "assumed_time_zone", policy->zone_names);
}

void
dq_intervention_write(const struct dq_intervention *intervention,
    const struct dq_proposal *proposal, const struct dq_verdict *verdict,
    const struct dq_policy *policy, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	write_what(intervention, proposal, verdict, buf);
	write_message(intervention, proposal, verdict, policy, buf);
	dq_buf_member_flag(buf, "adverse_action", proposal->adverse);
	if (verdict->decision == DQ_DEFER)
		dq_buf_member_time(buf, "not_before", verdict->contact_time);
	else
		dq_buf_member_null(buf, "not_before");
	write_or_null(buf, "suppressed_by", DQ_SLICE(verdict->by));
	write_policy(policy, buf);
	write_or_null(buf, "prediction_id", proposal->prediction_id);
	dq_buf_member_str(buf, "status", verdict->status);
	write_rest(intervention, proposal, policy, buf);
	dq_buf_byte(buf, '}');
	dq_out_end(out, intervention->customer_id);
}

static const char *
outcome_of(double before, double after, const struct dq_policy *policy)
{
	/* The scores have six decimals: so has their difference. */
	double change = round((after - before) * 1e6) / 1e6;

	if (change <= -policy->stabilized_by)
		return "stabilized";
	if (change >= policy->deteriorated_by)
		return "deteriorated";
	return "unchanged";
}

void
dq_outcome_write(const struct dq_pending *pending, struct dq_slice customer_id,
    double after, const struct dq_policy *policy, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "outcome");
	dq_buf_member_time(buf, "event_time", pending->due);
	dq_buf_member_str(buf, "intervention_id", pending->id);
	dq_buf_member_text(buf, "customer_id", customer_id);
	dq_buf_member_str(
	    buf, "outcome_type", outcome_of(pending->score, after, policy));
	dq_buf_member_real(buf, "risk_score_before", pending->score);
	dq_buf_member_real(buf, "risk_score_after", after);
	dq_buf_member_int(buf, "days_since_intervention",
	    (pending->due - pending->time) / DQ_DAY);
	dq_buf_member_flag(buf, "held_out", pending->held_out);
	dq_buf_byte(buf, '}');
	dq_out_end(out, customer_id);
}
