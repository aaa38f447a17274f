#include "model/waterfall.h"

#include "base/time.h"
#include "record/json.h"

#include <math.h>

#define MARGIN_LIMIT 1e12

static bool
read_number(struct yyjson_val *value, double *out)
{
	return dq_json_real(value, out) && fabs(*out) <= MARGIN_LIMIT;
}

static bool
read_bar(struct dq_waterfall_bar *bar, struct yyjson_val *reason)
{
	struct yyjson_val *value = dq_json_get(reason, "value");

	*bar = (struct dq_waterfall_bar){
	    .feature = dq_json_text(dq_json_get(reason, "feature")),
	    .reason = dq_json_text(dq_json_get(reason, "reason")),
	    .value = NAN,
	};
	if (value && !yyjson_is_null(value) &&
	    !dq_json_real(value, &bar->value))
		return false;
	return bar->feature.len &&
	       read_number(
		   dq_json_get(reason, "contribution"), &bar->contribution);
}

static bool
read_bars(
    struct dq_waterfall *w, const struct dq_record *record, struct dq_err *err)
{
	struct yyjson_val *top = dq_record_value(record, DQ_TOP_FEATURES);
	struct dq_json_iter iter = dq_json_iter(top);
	struct dq_waterfall_bar *rest;

	if (dq_json_size(top) > DQ_REASONS_LIMIT)
		return dq_err_set(err, "top_features: more than %d of them",
		    DQ_REASONS_LIMIT);
	while (dq_json_next(&iter)) {
		if (!read_bar(&w->bars[w->count], iter.value))
			return dq_err_set(err,
			    "top_features: element %zu needs feature, value "
			    "and contribution",
			    w->count);
		w->count++;
	}
	rest = &w->bars[w->count++];
	*rest = (struct dq_waterfall_bar){.value = NAN};
	return read_number(dq_record_value(record, DQ_OTHER_CONTRIBUTION),
		   &rest->contribution) ||
	       dq_err_set(err, "other_contribution is not there");
}

/* Where each bar begins and ends, and how far all of it reaches. */
static void
place_bars(struct dq_waterfall *w)
{
	double at = w->base;

	w->least = fmin(w->base, w->margin);
	w->most = fmax(w->base, w->margin);
	for (size_t i = 0; i < w->count; i++) {
		struct dq_waterfall_bar *bar = &w->bars[i];

		bar->from = at;
		bar->to = at += bar->contribution;
		w->least = fmin(w->least, at);
		w->most = fmax(w->most, at);
	}
}

bool
dq_waterfall_read(
    struct dq_waterfall *w, const struct dq_record *record, struct dq_err *err)
{
	*w = (struct dq_waterfall){
	    .customer = record->customer_id,
	    .level = dq_record_text(record, DQ_RISK_LEVEL),
	    .time = record->time,
	    .score = dq_record_real(record, DQ_RISK_SCORE),
	    .base = dq_record_real(record, DQ_BASE),
	    .margin = dq_record_real(record, DQ_MARGIN),
	    .explained = dq_record_has(record, DQ_TOP_FEATURES),
	};
	if (!(fabs(w->base) <= MARGIN_LIMIT && fabs(w->margin) <= MARGIN_LIMIT))
		return dq_err_set(
		    err, "without base and margin there is nothing to draw");
	dq_json_int(dq_json_get(dq_record_value(record, DQ_BASELINE), "rows"),
	    &w->rows);
	if (w->explained && !read_bars(w, record, err))
		return false;
	place_bars(w);
	return true;
}

void
dq_waterfall_title(const struct dq_waterfall *w, struct dq_buf *out)
{
	dq_buf_slice(out, w->customer);
	dq_buf_str(out, ": ");
	dq_buf_slice(out, w->level);
	dq_buf_printf(out, ", %.1f %%", 100 * w->score);
	if (w->time != DQ_TIME_NONE) {
		dq_buf_str(out, ", ");
		dq_buf_time(out, w->time);
	}
}

struct dq_slice
dq_waterfall_name(const struct dq_waterfall_bar *bar)
{
	return bar->feature.len ? bar->feature : DQ_SLICE("all other features");
}

void
dq_waterfall_value(const struct dq_waterfall_bar *bar, struct dq_buf *out)
{
	if (bar->feature.len && isnan(bar->value))
		dq_buf_str(out, " not known");
	else if (bar->feature.len)
		dq_buf_printf(out, " = %.6g", bar->value);
}

void
dq_waterfall_base_label(const struct dq_waterfall *w, struct dq_buf *out)
{
	if (w->rows > 0)
		dq_buf_printf(
		    out, "base: mean of %lld rows", (long long)w->rows);
	else
		dq_buf_str(out, "base: mean of all");
}
