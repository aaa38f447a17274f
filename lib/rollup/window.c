#include "rollup/window.h"

#include "base/num.h"

#include <math.h>
#include <stdlib.h>

static const char *const verdict_names[DQ_VERDICTS] = {"approve", "override"};

void
dq_window_release(struct dq_window *window)
{
	dq_tally_release(&window->reasons);
	dq_tally_release(&window->decisions);
	dq_tally_release(&window->suppressors);
}

/* "a\tb", cut to what a tally tells apart. */
static void
add_pair(struct dq_tally *tally, struct dq_slice a, struct dq_slice b)
{
	char name[DQ_TALLY_NAME_MAX + 1];

	if (a.len + b.len >= DQ_TALLY_NAME_MAX) {
		dq_tally_add(tally, DQ_SLICE(DQ_TALLY_OTHER), 1);
		return;
	}
	memcpy(name, a.data, a.len);
	name[a.len] = '\t';
	memcpy(name + a.len + 1, b.data, b.len);
	dq_tally_add(tally, (struct dq_slice){name, a.len + 1 + b.len}, 1);
}

/* A customer at low risk needs no call: why the risk is there at all is of no
 * interest. */
static void
add_reasons(struct dq_window *window, const struct dq_record *prediction)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(prediction, DQ_TOP_FEATURES));

	if (dq_slice_is(dq_record_text(prediction, DQ_RISK_LEVEL),
		dq_level_names[DQ_LEVEL_LOW]))
		return;
	while (dq_json_next(&iter)) {
		struct dq_slice direction =
		    dq_json_text(dq_json_get(iter.value, "direction"));

		if (dq_slice_is(direction, "up"))
			add_pair(&window->reasons,
			    dq_json_text(dq_json_get(iter.value, "code")),
			    dq_json_text(dq_json_get(iter.value, "feature")));
	}
}

static void
add_intervention(struct dq_window *window, const struct dq_record *record)
{
	struct dq_slice by = dq_record_text(record, DQ_SUPPRESSED_BY);
	struct dq_slice channel = dq_record_text(record, DQ_CHANNEL);

	add_pair(&window->decisions, dq_record_text(record, DQ_DECISION),
	    channel.len ? channel : DQ_SLICE("none"));
	if (by.len)
		dq_tally_add(&window->suppressors, by, 1);
}

static void
add_review(struct dq_window *window, const struct dq_record *record)
{
	for (int i = 0; i < DQ_VERDICTS; i++)
		if (dq_slice_is(
			dq_record_text(record, DQ_DECISION), verdict_names[i]))
			window->reviews[i]++;
}

void
dq_window_add(struct dq_window *window, const struct dq_record *record)
{
	window->changed = true;
	switch (record->kind) {
	case DQ_KIND_PREDICTION:
		window->predictions++;
		add_reasons(window, record);
		break;
	case DQ_KIND_INTERVENTION:
		add_intervention(window, record);
		break;
	case DQ_KIND_OUTCOME:
		dq_effect_add(&window->effect, record);
		break;
	case DQ_KIND_REVIEW:
		add_review(window, record);
		break;
	default:
		break;
	}
}

static void
split(struct dq_slice pair, struct dq_slice *a, struct dq_slice *b)
{
	const char *tab = pair.len ? memchr(pair.data, '\t', pair.len) : NULL;

	*a = pair;
	*b = (struct dq_slice){"", 0};
	if (!tab)
		return;
	a->len = (size_t)(tab - pair.data);
	*b = (struct dq_slice){tab + 1, pair.len - a->len - 1};
}

static void
put_name(struct dq_buf *out, struct dq_slice name)
{
	dq_buf_comma(out);
	dq_buf_json_text(out, name);
	dq_buf_byte(out, ':');
}

/* {"act":{"email":3,"sms":1},"suppress":{...}} */
static void
put_decisions(struct dq_buf *out, const struct dq_tally *tally)
{
	uint32_t *numbers = dq_tally_sorted(tally, DQ_TALLY_BY_NAME);
	struct dq_slice open = {"", 0}, decision, channel;

	dq_buf_key(out, "decisions");
	dq_buf_byte(out, '{');
	for (uint32_t i = 0; i < tally->names.count; i++) {
		split(
		    dq_map_key(&tally->names, numbers[i]), &decision, &channel);
		if (!i || !dq_slice_equal(open, decision)) {
			if (i)
				dq_buf_byte(out, '}');
			put_name(out, decision);
			dq_buf_byte(out, '{');
			open = decision;
		}
		put_name(out, channel);
		dq_buf_int(out, tally->counts[numbers[i]]);
	}
	dq_buf_str(out, tally->names.count ? "}}" : "}");
	free(numbers);
}

static void
put_suppressors(struct dq_buf *out, const struct dq_tally *tally)
{
	uint32_t *numbers = dq_tally_sorted(tally, DQ_TALLY_BY_COUNT);

	dq_buf_key(out, "suppressors");
	dq_buf_byte(out, '{');
	for (uint32_t i = 0; i < tally->names.count; i++) {
		put_name(out, dq_map_key(&tally->names, numbers[i]));
		dq_buf_int(out, tally->counts[numbers[i]]);
	}
	dq_buf_byte(out, '}');
	free(numbers);
}

static void
put_reasons(struct dq_buf *out, const struct dq_tally *tally, int64_t top)
{
	uint32_t *numbers = dq_tally_sorted(tally, DQ_TALLY_BY_COUNT);
	struct dq_slice code, feature;

	dq_buf_key(out, "top_reasons");
	dq_buf_byte(out, '[');
	for (uint32_t i = 0; i < tally->names.count && i < top; i++) {
		split(dq_map_key(&tally->names, numbers[i]), &code, &feature);
		dq_buf_comma(out);
		dq_buf_byte(out, '{');
		dq_buf_member_text(out, "code", code);
		dq_buf_member_text(out, "feature", feature);
		dq_buf_member_int(out, "count", tally->counts[numbers[i]]);
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, ']');
	free(numbers);
}

static void
put_standing(struct dq_buf *out, const struct dq_standing *standing)
{
	int64_t sum = 0;

	dq_buf_key(out, "counts");
	dq_buf_byte(out, '{');
	for (int i = 0; i < DQ_LEVELS; i++) {
		dq_buf_member_int(
		    out, dq_level_names[i], standing->customers[i]);
		sum += standing->customers[i];
	}
	dq_buf_byte(out, '}');
	dq_buf_member_real(out, "mean_score",
	    sum > 0 ? (double)standing->score_sum / DQ_SCORE_UNITS / (double)sum
		    : NAN);
}

static void
put_place(struct dq_buf *out, const struct dq_window *window,
    const struct dq_window_place *place)
{
	dq_buf_key(out, "window");
	dq_buf_byte(out, '{');
	dq_buf_member_time(out, "start", window->start);
	dq_buf_member_time(out, "end", window->start + place->length);
	if (place->topic.len)
		dq_buf_member_text(out, "topic", place->topic);
	if (place->partition >= 0)
		dq_buf_member_int(out, "partition", place->partition);
	dq_buf_byte(out, '}');
	dq_buf_member_int(out, "revision", window->revision);
}

void
dq_window_write(const struct dq_window *window,
    const struct dq_window_place *place, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "event_type", "dashboard");
	dq_buf_member_time(out, "event_time", place->event_time);
	put_place(out, window, place);
	put_standing(out, &window->standing);
	dq_buf_member_int(out, "predictions", window->predictions);
	dq_buf_key(out, "alerts");
	dq_buf_byte(out, '{');
	for (int i = DQ_LEVEL_HIGH; i < DQ_LEVELS; i++)
		dq_buf_member_int(out, dq_level_names[i], window->alerts[i]);
	dq_buf_byte(out, '}');
	put_reasons(out, &window->reasons, place->top);
	put_decisions(out, &window->decisions);
	put_suppressors(out, &window->suppressors);
	dq_buf_key(out, "reviews");
	dq_buf_byte(out, '{');
	for (int i = 0; i < DQ_VERDICTS; i++)
		dq_buf_member_int(out, verdict_names[i], window->reviews[i]);
	dq_buf_byte(out, '}');
	dq_buf_key(out, "outcomes");
	dq_effect_write(&window->effect, out);
	dq_buf_member_int(out, "late", place->late);
	dq_buf_byte(out, '}');
}
