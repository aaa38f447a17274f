/* What a prediction is answered with: the names of old and the new ones. */
#include "base/num.h"
#include "serve/api_parts.h"

#include <math.h>

#define DRIVERS 5

/* Shares of the impact, in per cent of all that is named or not. */
static double
total_impact(const struct dq_record *prediction)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(prediction, DQ_TOP_FEATURES));
	double total = fabs(dq_record_real(prediction, DQ_OTHER_CONTRIBUTION));
	double contribution;

	total = isnan(total) ? 0 : total;
	while (dq_json_next(&iter))
		if (dq_json_real(
			dq_json_get(iter.value, "contribution"), &contribution))
			total += fabs(contribution);
	return total;
}

static void
put_driver(struct yyjson_val *feature, double total, struct dq_buf *out)
{
	double contribution = 0;

	dq_json_real(dq_json_get(feature, "contribution"), &contribution);
	dq_buf_comma(out);
	dq_buf_byte(out, '{');
	dq_buf_member_text(
	    out, "feature", dq_json_text(dq_json_get(feature, "feature")));
	dq_buf_key(out, "value");
	dq_buf_json_value(out, dq_json_get(feature, "value"));
	dq_buf_member_real(out, "impact", contribution);
	dq_buf_member_real(out, "impact_pct",
	    total > 0 ? 100 * fabs(contribution) / total : 0);
	dq_buf_byte(out, '}');
}

static void
put_explanation(const struct dq_record *prediction, struct dq_buf *out)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(prediction, DQ_TOP_FEATURES));
	double total = total_impact(prediction);

	dq_buf_key(out, "explanation");
	dq_buf_byte(out, '{');
	dq_buf_member_raw(
	    out, "explanation_text", dq_record_raw(prediction, DQ_EXPLANATION));
	dq_buf_key(out, "top_drivers");
	dq_buf_byte(out, '[');
	for (int i = 0; i < DRIVERS && dq_json_next(&iter); i++)
		put_driver(iter.value, total, out);
	dq_buf_str(out, "]}");
}

void
dq_part_answer(const struct dq_record *record, struct dq_buf *out)
{
	static const struct {
		const char *key;
		enum dq_field field;
	} rows[] = {
	    {"risk_score", DQ_RISK_SCORE},
	    {"risk_level", DQ_RISK_LEVEL},
	    {"top_features", DQ_TOP_FEATURES},
	    {"timestamp", DQ_EVENT_TIME},
	    {"margin", DQ_MARGIN},
	    {"base", DQ_BASE},
	    {"other_contribution", DQ_OTHER_CONTRIBUTION},
	    {"model", DQ_MODEL},
	    {"prediction_id", DQ_PREDICTION_ID},
	};

	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", record->customer_id);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dq_slice raw = dq_record_raw(record, rows[i].field);

		if (raw.len)
			dq_buf_member_raw(out, rows[i].key, raw);
		else
			dq_buf_member_null(out, rows[i].key);
	}
	put_explanation(record, out);
	dq_buf_byte(out, '}');
}
