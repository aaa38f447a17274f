/* A window as a row of the state. */
#include "rollup/window.h"

#include "base/num.h"

static void
save_numbers(
    struct dq_buf *out, const char *key, const int64_t *numbers, int count)
{
	dq_buf_key(out, key);
	dq_buf_byte(out, '[');
	for (int i = 0; i < count; i++) {
		dq_buf_comma(out);
		dq_buf_int(out, numbers[i]);
	}
	dq_buf_byte(out, ']');
}

static void
save_tally(struct dq_buf *out, const char *key, const struct dq_tally *tally)
{
	dq_buf_key(out, key);
	dq_buf_byte(out, '[');
	for (uint32_t i = 0; i < tally->names.count; i++) {
		dq_buf_comma(out);
		dq_buf_json_text(out, dq_map_key(&tally->names, i));
		dq_buf_byte(out, ',');
		dq_buf_int(out, tally->counts[i]);
	}
	dq_buf_byte(out, ']');
}

void
dq_standing_save(
    const struct dq_standing *standing, const char *key, struct dq_buf *out)
{
	save_numbers(out, key, standing->customers, DQ_LEVELS);
	out->len--; /* the sum stands behind the counts */
	dq_buf_byte(out, ',');
	dq_buf_int(out, standing->score_sum);
	dq_buf_byte(out, ']');
}

void
dq_window_save(const struct dq_window *window, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "start", window->start);
	dq_buf_member_int(out, "revision", window->revision);
	dq_buf_member_flag(out, "changed", window->changed);
	dq_standing_save(&window->standing, "standing", out);
	dq_buf_member_int(out, "predictions", window->predictions);
	save_numbers(out, "alerts", window->alerts, DQ_LEVELS);
	save_tally(out, "reasons", &window->reasons);
	save_tally(out, "decisions", &window->decisions);
	save_tally(out, "suppressors", &window->suppressors);
	save_numbers(out, "reviews", window->reviews, DQ_VERDICTS);
	save_numbers(out, "treated", window->effect.treated, DQ_RESULTS);
	save_numbers(out, "held_out", window->effect.held_out, DQ_RESULTS);
	dq_buf_byte(out, '}');
}

/* Counts are not negative and leave room to count on. */
static bool
load_number(struct yyjson_val *value, int64_t *number)
{
	return dq_json_int(value, number) && *number >= 0 &&
	       *number < INT64_MAX / 4;
}

static bool
load_numbers(struct yyjson_val *row, int64_t *numbers, int count)
{
	struct dq_json_iter iter = dq_json_iter(row);
	int n = 0;

	if (dq_json_size(row) != (size_t)count)
		return false;
	while (dq_json_next(&iter))
		if (!load_number(iter.value, &numbers[n++]))
			return false;
	return true;
}

bool
dq_standing_load(struct dq_standing *standing, struct yyjson_val *row)
{
	int64_t numbers[DQ_LEVELS + 1];

	if (!load_numbers(row, numbers, DQ_LEVELS + 1))
		return false;
	memcpy(standing->customers, numbers, sizeof(standing->customers));
	standing->score_sum = numbers[DQ_LEVELS];
	return true;
}

/* A name that comes twice, or too many, would not be saved as it was read. */
static bool
load_tally(struct yyjson_val *row, struct dq_tally *tally)
{
	struct dq_json_iter iter = dq_json_iter(row);
	int64_t count;

	while (dq_json_next(&iter)) {
		struct dq_slice name = dq_json_text(iter.value);
		uint32_t known = tally->names.count;

		if (!yyjson_is_str(iter.value) || !dq_json_next(&iter) ||
		    !load_number(iter.value, &count))
			return false;
		dq_tally_add(tally, name, count);
		if (tally->names.count == known ||
		    !dq_slice_equal(dq_map_key(&tally->names, known), name))
			return false;
	}
	return yyjson_is_arr(row);
}

static bool
load(struct dq_window *w, struct yyjson_val *root)
{
	struct yyjson_val *changed = dq_json_get(root, "changed");

	w->changed = yyjson_is_true(changed);
	return yyjson_is_bool(changed) &&
	       dq_json_int(dq_json_get(root, "start"), &w->start) &&
	       load_number(dq_json_get(root, "revision"), &w->revision) &&
	       dq_standing_load(&w->standing, dq_json_get(root, "standing")) &&
	       load_number(dq_json_get(root, "predictions"), &w->predictions) &&
	       load_numbers(
		   dq_json_get(root, "alerts"), w->alerts, DQ_LEVELS) &&
	       load_tally(dq_json_get(root, "reasons"), &w->reasons) &&
	       load_tally(dq_json_get(root, "decisions"), &w->decisions) &&
	       load_tally(dq_json_get(root, "suppressors"), &w->suppressors) &&
	       load_numbers(
		   dq_json_get(root, "reviews"), w->reviews, DQ_VERDICTS) &&
	       load_numbers(dq_json_get(root, "treated"), w->effect.treated,
		   DQ_RESULTS) &&
	       load_numbers(dq_json_get(root, "held_out"), w->effect.held_out,
		   DQ_RESULTS);
}

bool
dq_window_load(
    struct dq_window *window, struct dq_slice row, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(row, err);
	bool good;

	*window = (struct dq_window){0};
	if (!doc)
		return false;
	good = load(window, dq_json_root(doc));
	dq_json_free(doc);
	if (good)
		return true;
	dq_window_release(window);
	*window = (struct dq_window){0};
	return dq_err_set(err, "no window of dq-rollup");
}
