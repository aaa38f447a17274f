#include "model/calibration.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

static bool
read_platt(
    struct yyjson_val *value, struct dq_calibration *c, struct dq_err *err)
{
	c->method = DQ_CALIBRATION_PLATT;
	if (!dq_json_real(dq_json_get(value, "slope"), &c->slope) ||
	    c->slope <= 0)
		return dq_err_set(err, "slope must be a number above 0");
	return dq_json_real(dq_json_get(value, "offset"), &c->offset) ||
	       dq_err_set(err, "offset must be a number");
}

/* Numbers from 0 to 1 that rise, or at least do not fall. */
static bool
read_points(struct yyjson_val *value, const char *key, bool rise, double *out,
    size_t count, struct dq_err *err)
{
	struct dq_json_iter iter = dq_json_iter(dq_json_get(value, key));

	if (iter.left_ != count)
		return dq_err_set(err, "%s: %zu of them, but %zu scores", key,
		    iter.left_, count);
	for (size_t i = 0; dq_json_next(&iter); i++) {
		if (!dq_json_real(iter.value, &out[i]) || out[i] < 0 ||
		    out[i] > 1)
			return dq_err_set(err,
			    "%s: element %zu is no number from 0 to 1", key, i);
		if (i && (rise ? out[i] <= out[i - 1] : out[i] < out[i - 1]))
			return dq_err_set(
			    err, "%s: element %zu does not ascend", key, i);
	}
	return true;
}

static bool
read_isotonic(
    struct yyjson_val *value, struct dq_calibration *c, struct dq_err *err)
{
	size_t count = dq_json_size(dq_json_get(value, "scores"));

	if (!count)
		return dq_err_set(err, "scores must be an array of numbers");
	c->method = DQ_CALIBRATION_ISOTONIC;
	c->count = count;
	c->scores = dq_calloc(2 * count, sizeof(*c->scores));
	c->probabilities = c->scores + count;
	return read_points(value, "scores", true, c->scores, count, err) &&
	       read_points(
		   value, "probabilities", false, c->probabilities, count, err);
}

bool
dq_calibration_read(
    struct yyjson_val *value, struct dq_calibration *c, struct dq_err *err)
{
	struct dq_slice method = dq_json_text(dq_json_get(value, "method"));
	bool good;

	*c = (struct dq_calibration){0};
	if (!value)
		return true;
	if (dq_slice_is(method, "platt"))
		good = read_platt(value, c, err);
	else if (dq_slice_is(method, "isotonic"))
		good = read_isotonic(value, c, err);
	else
		good = dq_err_set(err, "method must be platt or isotonic");
	if (good)
		return true;
	dq_calibration_release(c);
	return dq_err_at(err, "calibration");
}

void
dq_calibration_release(struct dq_calibration *c)
{
	free(c->scores);
	*c = (struct dq_calibration){0};
}

static double
interpolate(const struct dq_calibration *c, double score)
{
	size_t low = 0, high = c->count - 1;
	double part;

	if (score <= c->scores[low])
		return c->probabilities[low];
	if (score >= c->scores[high])
		return c->probabilities[high];
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (c->scores[middle] <= score)
			low = middle;
		else
			high = middle;
	}
	part = (score - c->scores[low]) / (c->scores[high] - c->scores[low]);
	return c->probabilities[low] * (1 - part) +
	       c->probabilities[high] * part;
}

double
dq_calibration_apply(
    const struct dq_calibration *c, double margin, double probability)
{
	switch (c->method) {
	case DQ_CALIBRATION_PLATT:
		return 1 / (1 + exp(-(c->slope * margin + c->offset)));
	case DQ_CALIBRATION_ISOTONIC:
		return interpolate(c, probability);
	default:
		return probability;
	}
}

void
dq_calibration_describe(const struct dq_calibration *c, struct dq_buf *out)
{
	if (c->method == DQ_CALIBRATION_PLATT) {
		dq_buf_str(out, "calibration: platt, slope ");
		dq_buf_real(out, c->slope);
		dq_buf_str(out, ", offset ");
		dq_buf_real(out, c->offset);
		dq_buf_byte(out, '\n');
	} else if (c->method == DQ_CALIBRATION_ISOTONIC) {
		dq_buf_printf(
		    out, "calibration: isotonic, %zu points\n", c->count);
	}
}
