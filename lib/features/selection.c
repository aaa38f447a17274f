#include "features/catalogue.h"

#include "base/hash.h"
#include "base/num.h"
#include "features/figures.h"
#include "record/json.h"

#include <math.h>

#define STEP 16 /* bytes of a key that are copied at once */

static bool
names_row(struct dq_slice only, const char *name)
{
	while (only.len) {
		const char *comma = memchr(only.data, ',', only.len);
		size_t n = comma ? (size_t)(comma - only.data) : only.len;

		if (dq_slice_is((struct dq_slice){only.data, n}, name))
			return true;
		n += comma != NULL;
		only.data += n;
		only.len -= n;
	}
	return false;
}

static bool
all_known(struct dq_slice only, struct dq_err *err)
{
	while (only.len) {
		const char *comma = memchr(only.data, ',', only.len);
		size_t n = comma ? (size_t)(comma - only.data) : only.len;
		bool known = false;

		for (size_t i = 0; i < dq_catalogue_count && !known; i++)
			known = dq_slice_is((struct dq_slice){only.data, n},
			    dq_catalogue[i].name);
		if (!known)
			return dq_err_set(err,
			    "no feature is named \"%.*s\"; see --describe",
			    (int)n, only.data);
		n += comma != NULL;
		only.data += n;
		only.len -= n;
	}
	return true;
}

static void
select_row(struct dq_selection *s, size_t row)
{
	const struct dq_feature *feature = &dq_catalogue[row];

	s->needs |= feature->needs;
	if (s->count)
		dq_buf_byte(&s->keys, ',');
	dq_buf_printf(&s->keys, "\"%s\":", feature->name);
	s->key_end[s->count] = (uint32_t)s->keys.len;
	s->row[s->count++] = (uint8_t)row;
}

static bool
is_clipped(const struct dq_feature *feature)
{
	return feature->unit[0] == '%' || !strcmp(feature->unit, "ratio") ||
	       feature->value == dq_figure_balance_to_outflow_days;
}

bool
dq_selection_init(struct dq_selection *s, const char *only, struct dq_err *err)
{
	struct dq_slice list = DQ_SLICE(only ? only : "");

	*s = (struct dq_selection){0};
	if (!all_known(list, err))
		return false;
	for (size_t i = 0; i < dq_catalogue_count; i++)
		if (!only || names_row(list, dq_catalogue[i].name))
			select_row(s, i);
	for (size_t i = 0; i < dq_catalogue_count; i++)
		s->clipped |= (uint64_t)is_clipped(&dq_catalogue[i]) << i;
	if (!s->count)
		return dq_err_set(err, "names no feature; see --describe");
	if (s->needs & DQ_NEED_VALUES)
		for (size_t i = 0; i < dq_catalogue_count; i++)
			s->needs |= dq_catalogue[i].needs;
	memset(dq_buf_room(&s->keys, STEP), 0, STEP);
	snprintf(s->hash, sizeof(s->hash), "%016llx",
	    (unsigned long long)dq_hash(
		dq_buf_view(&s->keys), DQ_CATALOGUE_VERSION));
	dq_buf_printf(
	    &s->prefix, "\",\"feature_set\":\"%s\",\"features\":", s->hash);
	return true;
}

void
dq_selection_release(struct dq_selection *s)
{
	dq_buf_release(&s->keys);
	dq_buf_release(&s->prefix);
}

static double
value_of(
    const struct dq_selection *s, size_t row, const struct dq_moment *moment)
{
	const struct dq_feature *feature = &dq_catalogue[row];
	double value;

	if (!moment->history && feature->value != dq_figure_history_days)
		return NAN;
	value = feature->value(moment);
	if (!(s->clipped >> row & 1))
		return value;
	if (value > DQ_FEATURE_LIMIT)
		return DQ_FEATURE_LIMIT;
	return value < -DQ_FEATURE_LIMIT ? -DQ_FEATURE_LIMIT : value;
}

/* Has the value reached its alert threshold? NAN has not. */
static bool
is_alert(const struct dq_feature *feature, double value)
{
	value = dq_num_round6(value);
	if (feature->alert > 0)
		return value >= feature->limit;
	return feature->alert < 0 && value <= feature->limit;
}

/* All rows of the catalogue, and the count of alerts among them. */
static void
whole_row(
    const struct dq_selection *s, const struct dq_moment *moment, double *all)
{
	size_t counter = 0;
	int count = 0;

	for (size_t i = 0; i < dq_catalogue_count; i++) {
		all[i] = value_of(s, i, moment);
		count += is_alert(&dq_catalogue[i], all[i]);
		if (dq_catalogue[i].needs & DQ_NEED_VALUES)
			counter = i;
	}
	all[counter] = moment->history < 30 ? NAN : count;
}

void
dq_selection_values(const struct dq_selection *s, struct dq_sight *sight,
    const struct dq_customer *customer, int32_t T, double *values)
{
	struct dq_moment moment, before;
	double all[DQ_FEATURES_MAX];

	moment.history = 0;
	if (customer)
		dq_moment_init(&moment, sight, customer, T, s->needs);
	if (s->needs & DQ_NEED_PAST && moment.history > 7) {
		dq_moment_before(&before, &moment);
		moment.composite_past =
		    dq_figure_financial_stress_composite_score(&before);
	}
	if (s->needs & DQ_NEED_VALUES)
		whole_row(s, &moment, all);
	for (size_t i = 0; i < s->count; i++)
		values[i] = s->needs & DQ_NEED_VALUES
				? all[s->row[i]]
				: value_of(s, s->row[i], &moment);
}

/* Behind the keys stand as many bytes as one step may read too far. */
static void
write_key(struct dq_buf *out, const char *key, size_t len)
{
	char *at = dq_buf_room(out, len + STEP);

	for (size_t i = 0; i < len; i += STEP)
		memcpy(at + i, key + i, STEP);
	out->len += len;
}

void
dq_selection_write(
    const struct dq_selection *s, const double *values, struct dq_buf *out)
{
	uint32_t begin = 0;

	dq_buf_byte(out, '{');
	for (size_t i = 0; i < s->count; i++) {
		write_key(out, s->keys.data + begin, s->key_end[i] - begin);
		begin = s->key_end[i];
		if (fabs(values[i]) >= 1e12 && isfinite(values[i]))
			dq_buf_int(out, (int64_t)values[i]);
		else
			dq_buf_real(out, values[i]);
	}
	dq_buf_byte(out, '}');
}

void
dq_catalogue_describe(struct dq_buf *out)
{
	static const char *const signs[] = {"-", "0", "+"};

	for (size_t i = 0; i < dq_catalogue_count; i++) {
		const struct dq_feature *feature = &dq_catalogue[i];

		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "name", feature->name);
		dq_buf_member_str(out, "group", feature->group);
		dq_buf_member_str(out, "unit", feature->unit);
		dq_buf_member_str(out, "sign", signs[feature->sign + 1]);
		dq_buf_member_flag(
		    out, "money", !strcmp(feature->unit, "money"));
		if (feature->alert) {
			dq_buf_member_str(out, "alert",
			    feature->alert > 0 ? "at or above" : "at or below");
			dq_buf_member_real(out, "threshold", feature->limit);
		} else {
			dq_buf_member_null(out, "alert");
			dq_buf_member_null(out, "threshold");
		}
		dq_buf_member_str(out, "source", feature->source);
		dq_buf_member_str(out, "sentence", feature->sentence);
		dq_buf_str(out, "}\n");
	}
}
