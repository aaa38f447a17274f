#include "policy/proposal.h"
#include "policy/keys.h"

#include <math.h>

/* Does this entry of top_features raise the risk? An entry that does not say
 * (the names alone) is taken for one that does. */
static bool
raises_risk(struct yyjson_val *feature)
{
	struct dq_slice direction =
	    dq_json_text(dq_json_get(feature, "direction"));
	double contribution;

	if (direction.len)
		return dq_slice_is(direction, "up");
	return !dq_json_real(
		   dq_json_get(feature, "contribution"), &contribution) ||
	       contribution > 0;
}

static bool
add_reason(struct dq_buf *reasons, struct yyjson_val *feature)
{
	static const char *const keys[] = {"feature", "code", "reason"};
	bool explained = false;

	dq_buf_comma(reasons);
	dq_buf_byte(reasons, '{');
	for (int i = 0; i < 3; i++) {
		struct yyjson_val *value = dq_json_get(feature, keys[i]);

		if (!yyjson_is_str(value))
			continue;
		dq_buf_member_text(reasons, keys[i], dq_json_text(value));
		explained |= i > 0 && dq_json_text(value).len;
	}
	dq_buf_byte(reasons, '}');
	return explained;
}

static void
make_reasons(struct dq_proposal *proposal, struct yyjson_val *features,
    int64_t max, struct dq_buf *reasons)
{
	struct dq_json_iter iter = dq_json_iter(features);
	int64_t n = 0;

	proposal->explained = false;
	reasons->len = 0;
	dq_buf_byte(reasons, '[');
	while (n < max && dq_json_next(&iter)) {
		if (!yyjson_is_obj(iter.value) || !raises_risk(iter.value))
			continue;
		proposal->explained |= add_reason(reasons, iter.value);
		n++;
	}
	dq_buf_byte(reasons, ']');
	proposal->reasons = dq_buf_view(reasons);
}

void
dq_proposal_make(struct dq_proposal *proposal, const struct dq_policy *policy,
    const struct dq_rule *rule, const struct dq_record *prediction,
    struct dq_buf *reasons)
{
	*proposal = (struct dq_proposal){
	    .rule = DQ_SLICE(rule->name),
	    .type = DQ_SLICE(rule->type),
	    .channel = rule->channel,
	    .priority = rule->priority,
	    .message = DQ_SLICE(rule->message ? rule->message : rule->type),
	    .adverse = rule->adverse,
	    .hold_out = rule->hold_out,
	    .cool_down =
		rule->cool_down >= 0 ? rule->cool_down : policy->cool_down,
	    .score = dq_record_real(prediction, DQ_RISK_SCORE),
	    .level = dq_record_text(prediction, DQ_RISK_LEVEL),
	    .prediction_id = dq_record_text(prediction, DQ_PREDICTION_ID),
	    .source = dq_record_raw(prediction, DQ_SOURCE),
	};
	make_reasons(proposal, dq_record_value(prediction, DQ_TOP_FEATURES),
	    policy->max_reasons, reasons);
}

void
dq_proposal_save(const struct dq_proposal *proposal, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "rule", proposal->rule);
	dq_buf_member_text(out, "type", proposal->type);
	dq_buf_member_str(out, "channel", dq_channel_names[proposal->channel]);
	dq_buf_member_int(out, "priority", proposal->priority);
	dq_buf_member_text(out, "message", proposal->message);
	dq_buf_member_flag(out, "adverse", proposal->adverse);
	dq_buf_member_int(out, "cool_down", proposal->cool_down);
	dq_buf_member_real(out, "score", proposal->score);
	dq_buf_member_text(out, "level", proposal->level);
	dq_buf_member_raw(out, "reasons", proposal->reasons);
	dq_buf_member_flag(out, "explained", proposal->explained);
	dq_buf_member_text(out, "prediction_id", proposal->prediction_id);
	if (proposal->source.len)
		dq_buf_member_raw(out, "source", proposal->source);
	dq_buf_byte(out, '}');
}

bool
dq_proposal_load(struct dq_proposal *proposal, struct yyjson_val *json,
    struct dq_buf *reasons)
{
	size_t n;

	reasons->len = 0;
	if (dq_json_get(json, "reasons"))
		dq_buf_json_value(reasons, dq_json_get(json, "reasons"));
	n = reasons->len;
	if (dq_json_get(json, "source"))
		dq_buf_json_value(reasons, dq_json_get(json, "source"));
	*proposal = (struct dq_proposal){
	    .rule = dq_json_text(dq_json_get(json, "rule")),
	    .type = dq_json_text(dq_json_get(json, "type")),
	    .channel = dq_choice_find(
		dq_channel_names, dq_json_text(dq_json_get(json, "channel"))),
	    .message = dq_json_text(dq_json_get(json, "message")),
	    .adverse = yyjson_is_true(dq_json_get(json, "adverse")),
	    .level = dq_json_text(dq_json_get(json, "level")),
	    .reasons = {reasons->data, n},
	    .source = {reasons->data + n, reasons->len - n},
	    .explained = yyjson_is_true(dq_json_get(json, "explained")),
	    .prediction_id = dq_json_text(dq_json_get(json, "prediction_id")),
	};
	return proposal->channel >= 0 && n &&
	       dq_json_int(
		   dq_json_get(json, "priority"), &proposal->priority) &&
	       dq_json_int(
		   dq_json_get(json, "cool_down"), &proposal->cool_down) &&
	       dq_json_real(dq_json_get(json, "score"), &proposal->score);
}
