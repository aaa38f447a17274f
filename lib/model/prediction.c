#include "model/prediction.h"

#include "base/num.h"
#include "base/time.h"
#include "record/json.h"
#include "record/record.h"

enum dq_level
dq_level_of(const struct dq_prediction_form *form, double score)
{
	score = dq_num_round6(score);
	if (score >= form->critical)
		return DQ_LEVEL_CRITICAL;
	if (score >= form->high)
		return DQ_LEVEL_HIGH;
	return score >= form->medium ? DQ_LEVEL_MEDIUM : DQ_LEVEL_LOW;
}

static void
put_score(
    struct dq_buf *buf, const struct dq_prediction_form *form, double score)
{
	dq_buf_member_real(buf, "risk_score", score);
	dq_buf_member_str(
	    buf, "risk_level", dq_level_names[dq_level_of(form, score)]);
}

/* Base, top contributions and the rest add up to the margin digit by digit. */
static void
put_reasons(struct dq_buf *buf, const struct dq_prediction_form *form,
    const struct dq_prediction *p)
{
	struct dq_reason top[DQ_REASONS_LIMIT];
	size_t count = dq_reasons_rank(p->phi, form->width, form->reasons, top);
	int64_t rest = dq_millionths(p->margin) - dq_millionths(form->base);

	for (size_t i = 0; i < count; i++)
		rest -= top[i].millionths;
	dq_buf_key(buf, "top_features");
	dq_buf_reasons(buf, form->texts, top, count, p->values);
	dq_buf_member_real(buf, "other_contribution", (double)rest / 1e6);
	dq_buf_key(buf, "explanation");
	dq_buf_explanation(buf, form->texts, dq_level_of(form, p->score),
	    p->score, top, count, p->values);
}

static void
put_models(struct dq_buf *buf, const struct dq_prediction_form *form,
    const struct dq_prediction *p)
{
	dq_buf_member_raw(buf, "model", form->model);
	if (form->baseline.len)
		dq_buf_member_raw(buf, "baseline", form->baseline);
	if (!form->challenger.len)
		return;
	dq_buf_key(buf, "challenger");
	dq_buf_byte(buf, '{');
	put_score(buf, form, p->challenger_score);
	dq_buf_member_raw(buf, "model", form->challenger);
	dq_buf_byte(buf, '}');
}

/* A field that a prediction has of its own, so that the input's is not
 * passed on beside it. */
static bool
is_ours(enum dq_field field)
{
	switch (field) {
	case DQ_EVENT_TYPE:
	case DQ_EVENT_TIME:
	case DQ_PREDICTION_ID:
	case DQ_CUSTOMER_ID:
	case DQ_RISK_SCORE:
	case DQ_RISK_LEVEL:
	case DQ_MARGIN:
	case DQ_BASE:
	case DQ_BASELINE:
	case DQ_TOP_FEATURES:
	case DQ_OTHER_CONTRIBUTION:
	case DQ_EXPLANATION:
	case DQ_TRIGGER:
	case DQ_MODEL:
	case DQ_CHALLENGER:
	case DQ_PROGRAM:
	case DQ_FEATURES:
		return true;
	default:
		return false;
	}
}

void
dq_prediction_members(const struct dq_record *record,
    struct dq_prediction_members *members, struct dq_buf *others)
{
	struct dq_raw_iter iter;

	*members = (struct dq_prediction_members){0};
	dq_raw_begin(&iter, record);
	while (dq_raw_next(&iter)) {
		if (iter.field == DQ_CUSTOMER_ID)
			members->customer = iter.value;
		else if (iter.field == DQ_TRIGGER)
			members->trigger = iter.value;
		else if (iter.field == DQ_FEATURES)
			members->features = iter.value;
		else if (!is_ours(iter.field)) {
			dq_buf_byte(others, ',');
			dq_buf_slice(others, iter.member);
		}
	}
}

void
dq_buf_prediction(struct dq_buf *buf, const struct dq_prediction_form *form,
    const struct dq_prediction *p)
{
	dq_buf_str(buf, "{\"event_type\":\"prediction\"");
	dq_buf_member_time(buf, "event_time", p->time);
	dq_buf_key(buf, "prediction_id");
	dq_buf_byte(buf, '"');
	dq_buf_slice(buf, p->id);
	dq_buf_byte(buf, '"');
	dq_buf_member_raw(buf, "customer_id", p->members.customer);
	put_score(buf, form, p->score);
	dq_buf_member_real(buf, "margin", p->margin);
	dq_buf_member_real(buf, "base", form->base);
	if (p->phi)
		put_reasons(buf, form, p);
	if (p->members.trigger.len)
		dq_buf_member_raw(buf, "trigger", p->members.trigger);
	put_models(buf, form, p);
	dq_buf_member_str(buf, "program", "dq-score " DQ_VERSION);
	dq_buf_member_raw(buf, "features", p->members.features);
	dq_buf_slice(buf, p->others);
	dq_buf_byte(buf, '}');
}
