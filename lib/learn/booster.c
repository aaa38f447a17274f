#include "learn/booster.h"

#include "base/mem.h"
#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xgboost/c_api.h>

struct dq_booster {
	BoosterHandle handle;
};

static bool
share(const char *name, double value, struct dq_err *err)
{
	return (value > 0 && value <= 1) ||
	       dq_err_set(err, "%s: is not above 0 and up to 1", name);
}

static bool
count(const char *name, int64_t value, int64_t limit, struct dq_err *err)
{
	return (value >= 1 && value <= limit) ||
	       dq_err_set(err, "%s: is not 1 to %lld", name, (long long)limit);
}

static bool
weight(const char *name, double value, struct dq_err *err)
{
	return (value >= 0 && value <= 1e6) ||
	       dq_err_set(err, "%s: is not 0 to 1000000", name);
}

bool
dq_boost_check(const struct dq_boost *b, struct dq_err *err)
{
	return count("--trees", b->trees, 100000, err) &&
	       count("--parallel", b->parallel, 1000, err) &&
	       count("--depth", b->depth, 16, err) &&
	       share("--rate", b->rate, err) && share("--rows", b->rows, err) &&
	       share("--columns", b->columns, err) &&
	       weight("--min-child-weight", b->min_child_weight, err) &&
	       weight("--lambda", b->lambda, err);
}

static bool
failed(struct dq_err *err)
{
	struct dq_slice why = DQ_SLICE(XGBGetLastError());
	const char *end = memchr(why.data, '\n', why.len);

	return dq_err_set(err, "libxgboost: %.*s",
	    (int)(end ? end - why.data : (long)why.len), why.data);
}

static size_t
count_picked(const struct dq_table *table, const bool *picked)
{
	size_t n = 0;

	for (size_t i = 0; i < table->count; i++)
		n += !picked || picked[i];
	return n;
}

/* The picked rows as libxgboost's matrix, with labels; `rate` is the share of
 * positives among them. */
static bool
make_matrix(const struct dq_table *table, const bool *picked,
    DMatrixHandle *matrix, double *rate, struct dq_err *err)
{
	size_t columns = table->columns, n = count_picked(table, picked);
	float *values = dq_realloc_array(NULL, n * columns + 1, sizeof(float));
	float *labels = dq_realloc_array(NULL, n + 1, sizeof(float));
	size_t row = 0, positives = 0;
	bool good;

	for (size_t i = 0; i < table->count; i++) {
		if (picked && !picked[i])
			continue;
		memcpy(values + row * columns, table->values + i * columns,
		    columns * sizeof(float));
		positives += table->rows[i].label;
		labels[row++] = table->rows[i].label;
	}
	*rate = n ? (double)positives / (double)n : 0;
	good = XGDMatrixCreateFromMat(values, n, columns, NAN, matrix) == 0;
	if (good && XGDMatrixSetFloatInfo(*matrix, "label", labels, n) != 0) {
		XGDMatrixFree(*matrix);
		good = false;
	}
	free(values);
	free(labels);
	return good || failed(err);
}

static bool
set(BoosterHandle handle, const char *name, const char *value)
{
	return XGBoosterSetParam(handle, name, value) == 0;
}

static bool
set_int(BoosterHandle handle, const char *name, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	return set(handle, name, text);
}

static bool
set_real(BoosterHandle handle, const char *name, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.9g", value);
	return set(handle, name, text);
}

static bool
set_signs(BoosterHandle handle, const int *signs, size_t columns)
{
	struct dq_buf text = {0};
	bool good;

	if (!signs)
		return true;
	for (size_t c = 0; c < columns; c++)
		dq_buf_printf(&text, "%c%d", c ? ',' : '(', signs[c]);
	dq_buf_byte(&text, ')');
	good = set(handle, "monotone_constraints", dq_buf_text(&text));
	dq_buf_release(&text);
	return good;
}

/* base_score is set because newer libraries would estimate one of their own. */
static bool
set_all(
    BoosterHandle handle, const struct dq_boost *b, double rate, size_t columns)
{
	return set(handle, "objective", "binary:logistic") &&
	       set(handle, "tree_method", "hist") &&
	       set(handle, "verbosity", "0") && set_int(handle, "nthread", 1) &&
	       set_real(handle, "base_score", rate) &&
	       set_int(handle, "max_depth", b->depth) &&
	       set_real(handle, "eta", b->rate) &&
	       set_real(handle, "subsample", b->rows) &&
	       set_real(handle, "colsample_bytree", b->columns) &&
	       set_real(handle, "min_child_weight", b->min_child_weight) &&
	       set_real(handle, "lambda", b->lambda) &&
	       set_int(handle, "num_parallel_tree", b->parallel) &&
	       set_int(handle, "seed", b->seed) &&
	       set_signs(handle, b->signs, columns);
}

static bool
grow(BoosterHandle handle, DMatrixHandle matrix, const struct dq_boost *boost,
    double rate, size_t columns)
{
	if (!set_all(handle, boost, rate, columns))
		return false;
	for (int t = 0; t < (int)boost->trees; t++)
		if (XGBoosterUpdateOneIter(handle, t, matrix) != 0)
			return false;
	return true;
}

struct dq_booster *
dq_booster_train(const struct dq_boost *boost, const struct dq_table *table,
    const bool *picked, struct dq_err *err)
{
	struct dq_booster *booster;
	BoosterHandle handle = NULL;
	DMatrixHandle matrix;
	double rate;

	if (!make_matrix(table, picked, &matrix, &rate, err))
		return NULL;
	if (rate <= 0 || rate >= 1)
		dq_err_set(err, "all rows to learn from have the same label");
	else if (XGBoosterCreate(&matrix, 1, &handle) != 0 ||
		 !grow(handle, matrix, boost, rate, table->columns)) {
		failed(err);
		XGBoosterFree(handle);
		handle = NULL;
	}
	XGDMatrixFree(matrix);
	if (!handle)
		return NULL;
	booster = dq_malloc(sizeof(*booster));
	booster->handle = handle;
	return booster;
}

void
dq_booster_free(struct dq_booster *booster)
{
	if (!booster)
		return;
	XGBoosterFree(booster->handle);
	free(booster);
}

bool
dq_booster_predict(struct dq_booster *booster, const struct dq_table *table,
    const bool *picked, double *score, struct dq_err *err)
{
	static const char how[] =
	    "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
	    "\"iteration_end\":0,\"strict_shape\":false}";
	const bst_ulong *shape;
	bst_ulong dimensions;
	const float *result;
	DMatrixHandle matrix;
	double rate;
	bool good;

	if (!count_picked(table, picked))
		return true;
	if (!make_matrix(table, picked, &matrix, &rate, err))
		return false;
	good = XGBoosterPredictFromDMatrix(booster->handle, matrix, how, &shape,
		   &dimensions, &result) == 0;
	for (size_t i = 0, row = 0; good && i < table->count; i++)
		if (!picked || picked[i])
			score[i] = result[row++];
	XGDMatrixFree(matrix);
	return good || failed(err);
}

static bool
set_names(BoosterHandle handle, const struct dq_table *table)
{
	const char **names =
	    dq_realloc_array(NULL, table->columns, sizeof(*names));
	bool good;

	for (size_t c = 0; c < table->columns; c++) {
		struct dq_slice name = dq_table_name(table, c);

		names[c] = dq_strndup(name.data, name.len);
	}
	good = XGBoosterSetStrFeatureInfo(
		   handle, "feature_name", names, table->columns) == 0;
	for (size_t c = 0; c < table->columns; c++)
		free((char *)names[c]);
	free(names);
	return good;
}

bool
dq_booster_json(struct dq_booster *booster, const struct dq_table *table,
    const char *name, const char *version, struct dq_buf *out,
    struct dq_err *err)
{
	BoosterHandle handle = booster->handle;
	const char *bytes;
	bst_ulong len;

	if (!set_names(handle, table) ||
	    XGBoosterSetAttr(handle, "name", name) != 0 ||
	    XGBoosterSetAttr(handle, "version", version) != 0 ||
	    XGBoosterSaveModelToBuffer(
		handle, "{\"format\":\"json\"}", &len, &bytes) != 0)
		return failed(err);
	dq_buf_add(out, bytes, len);
	return true;
}

void
dq_booster_library(char text[32])
{
	int major, minor, patch;

	XGBoostVersion(&major, &minor, &patch);
	snprintf(text, 32, "xgboost %d.%d.%d", major, minor, patch);
}
