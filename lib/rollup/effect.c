#include "rollup/effect.h"

#include "base/num.h"

#include <math.h>

#define Z 1.959963984540054 /* of a two-sided 95 % */

const char *const dq_result_names[DQ_RESULTS] = {
    "stabilized", "unchanged", "deteriorated"};

struct dq_interval
dq_wilson(int64_t hits, int64_t n)
{
	double size = (double)n, p = (double)hits / size;
	double z2 = Z * Z, middle, half;

	if (n <= 0)
		return (struct dq_interval){NAN, NAN, NAN};
	middle = (p + z2 / (2 * size)) / (1 + z2 / size);
	half = Z / (1 + z2 / size) *
	       sqrt(p * (1 - p) / size + z2 / (4 * size * size));
	/* At the ends the interval touches them; rounding must not miss. */
	return (struct dq_interval){p, hits == 0 ? 0 : fmax(0, middle - half),
	    hits == n ? 1 : fmin(1, middle + half)};
}

/* Not hypot, whose last digit is each library's own. */
static double
length(double a, double b)
{
	return sqrt(a * a + b * b);
}

struct dq_interval
dq_share_difference(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b)
{
	struct dq_interval a = dq_wilson(hits_a, n_a);
	struct dq_interval b = dq_wilson(hits_b, n_b);
	double value = a.value - b.value;

	return (struct dq_interval){value,
	    value - length(a.value - a.low, b.high - b.value),
	    value + length(a.high - a.value, b.value - b.low)};
}

void
dq_effect_add(struct dq_effect *effect, const struct dq_record *outcome)
{
	int64_t *counts = dq_record_flag(outcome, DQ_HELD_OUT, false)
			      ? effect->held_out
			      : effect->treated;
	struct dq_slice type = dq_record_text(outcome, DQ_OUTCOME_TYPE);

	for (int i = 0; i < DQ_RESULTS; i++)
		if (dq_slice_is(type, dq_result_names[i]))
			counts[i]++;
}

static int64_t
total(const int64_t counts[DQ_RESULTS])
{
	int64_t sum = 0;

	for (int i = 0; i < DQ_RESULTS; i++)
		sum += counts[i];
	return sum;
}

static void
put_interval(
    struct dq_buf *out, const char *name, const struct dq_interval *interval)
{
	dq_buf_member_real(out, name, interval->value);
	dq_buf_member_real(out, "low", interval->low);
	dq_buf_member_real(out, "high", interval->high);
}

static void
put_group(
    struct dq_buf *out, const char *name, const int64_t counts[DQ_RESULTS])
{
	struct dq_interval rate =
	    dq_wilson(counts[DQ_RESULT_STABILIZED], total(counts));

	dq_buf_key(out, name);
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "count", total(counts));
	for (int i = 0; i < DQ_RESULTS; i++)
		dq_buf_member_int(out, dq_result_names[i], counts[i]);
	put_interval(out, "rate", &rate);
	dq_buf_byte(out, '}');
}

void
dq_effect_write(const struct dq_effect *effect, struct dq_buf *out)
{
	struct dq_interval uplift = dq_share_difference(
	    effect->treated[DQ_RESULT_STABILIZED], total(effect->treated),
	    effect->held_out[DQ_RESULT_STABILIZED], total(effect->held_out));

	dq_buf_byte(out, '{');
	put_group(out, "treated", effect->treated);
	put_group(out, "held_out", effect->held_out);
	dq_buf_key(out, "uplift");
	dq_buf_byte(out, '{');
	put_interval(out, "value", &uplift);
	dq_buf_str(out, "}}");
}
