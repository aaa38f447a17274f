#include "model/evaluate.h"

#include "base/mem.h"
#include "base/random.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

static int
by_score(const void *left, const void *right)
{
	const struct dq_scored *a = left, *b = right;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return (int)b->label - (int)a->label;
}

/* The end of the run of equal scores that begins at i. */
static size_t
tie_end(const struct dq_scored *rows, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && rows[end].score == rows[i].score)
		end++;
	return end;
}

/* Area under the ROC curve of sorted rows, row i counted
 * weight[rows[i].customer] times; NULL: once. */
static double
weighted_auc(const struct dq_scored *rows, size_t n, const uint32_t *weight)
{
	uint64_t above = 0, positives, negatives, all_negatives = 0;
	double twice = 0;

	for (size_t i = 0, end; i < n; i = end) {
		end = tie_end(rows, n, i);
		positives = negatives = 0;
		for (size_t k = i; k < end; k++) {
			uint64_t w = weight ? weight[rows[k].customer] : 1;

			positives += rows[k].label ? w : 0;
			negatives += rows[k].label ? 0 : w;
		}
		twice += (double)(negatives * (2 * above + positives));
		above += positives;
		all_negatives += negatives;
	}
	if (!above || !all_negatives)
		return NAN;
	return twice / 2 / (double)above / (double)all_negatives;
}

static int
by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The q quantile of sorted values, by nearest rank. */
static double
quantile(const double *values, size_t n, double q)
{
	size_t rank = (size_t)ceil(q * (double)n);

	return n ? values[rank ? rank - 1 : 0] : NAN;
}

static void
bootstrap(const struct dq_scored *rows, size_t n,
    const struct dq_evaluate_options *options, struct dq_evaluation *out)
{
	size_t count = 0, customers = out->customers;
	size_t replicates = (size_t)options->replicates;
	uint32_t *weight = dq_malloc(customers * sizeof(*weight));
	double *values = dq_malloc((replicates + 1) * sizeof(*values));
	struct dq_random random;

	dq_random_init(&random, options->seed, 0);
	for (size_t r = 0; r < replicates; r++) {
		memset(weight, 0, customers * sizeof(*weight));
		for (size_t c = 0; c < customers; c++)
			weight[dq_random_below(&random, customers)]++;
		values[count] = weighted_auc(rows, n, weight);
		/* A draw with one label only has no AUC. */
		count += !isnan(values[count]);
	}
	qsort(values, count, sizeof(*values), by_value);
	out->auc_low = quantile(values, count, 0.025);
	out->auc_high = quantile(values, count, 0.975);
	free(values);
	free(weight);
}

static double
kolmogorov_smirnov(
    const struct dq_scored *rows, size_t n, double positives, double negatives)
{
	double hits = 0, alarms = 0, greatest = 0;

	for (size_t i = 0, end; i < n; i = end) {
		end = tie_end(rows, n, i);
		for (size_t k = i; k < end; k++) {
			hits += rows[k].label;
			alarms += !rows[k].label;
		}
		greatest =
		    fmax(greatest, fabs(hits / positives - alarms / negatives));
	}
	return greatest;
}

/* Positives among the rows from `begin` to `end`, where a run of equal scores
 * gives each of its rows the same share. */
static double
positives_between(
    const struct dq_scored *rows, size_t n, size_t begin, size_t end)
{
	double sum = 0;

	for (size_t i = 0, next; i < end; i = next) {
		size_t inside, first, positives = 0;

		next = tie_end(rows, n, i);
		first = i > begin ? i : begin;
		if (next <= begin)
			continue;
		inside = (next < end ? next : end) - first;
		for (size_t k = i; k < next; k++)
			positives += rows[k].label;
		sum += (double)(positives * inside) / (double)(next - i);
	}
	return sum;
}

static void
count_rows(const struct dq_scored *rows, size_t n, struct dq_evaluation *out)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++) {
		double miss = rows[i].score - rows[i].label;

		squares += miss * miss;
		out->positives += rows[i].label;
		if (rows[i].customer >= out->customers)
			out->customers = (size_t)rows[i].customer + 1;
	}
	out->brier = n ? squares / (double)n : NAN;
}

void
dq_evaluate(struct dq_scored *rows, size_t n,
    const struct dq_evaluate_options *options, struct dq_evaluation *out)
{
	/* 0.1 * 30 is a little above 3. */
	size_t top = (size_t)ceil(options->share * (double)n - 1e-9);

	if (n)
		qsort(rows, n, sizeof(*rows), by_score);
	*out = (struct dq_evaluation){.rows = n,
	    .auc_low = NAN,
	    .auc_high = NAN,
	    .ks = NAN,
	    .lift = NAN,
	    .share = options->share};
	count_rows(rows, n, out);
	out->auc = weighted_auc(rows, n, NULL);
	if (out->positives && top)
		out->lift = positives_between(rows, n, 0, top) / (double)top *
			    (double)n / (double)out->positives;
	if (isnan(out->auc))
		return;
	out->ks = kolmogorov_smirnov(
	    rows, n, (double)out->positives, (double)(n - out->positives));
	if (options->replicates > 0)
		bootstrap(rows, n, options, out);
}

void
dq_calibrate(const struct dq_scored *sorted, size_t n,
    struct dq_calibration_bin *bins, size_t count)
{
	for (size_t b = 0; b < count; b++) {
		/* Bins go up, the rows go down. */
		size_t end = n - n * b / count, begin = n - n * (b + 1) / count;
		struct dq_calibration_bin *bin = &bins[b];
		double sum = 0;

		*bin = (struct dq_calibration_bin){.rows = end - begin,
		    .low = NAN,
		    .high = NAN,
		    .predicted = NAN,
		    .observed = NAN};
		if (begin == end)
			continue;
		for (size_t i = begin; i < end; i++)
			sum += sorted[i].score;
		bin->high = sorted[begin].score;
		bin->low = sorted[end - 1].score;
		bin->predicted = sum / (double)bin->rows;
		bin->observed = positives_between(sorted, n, begin, end) /
				(double)bin->rows;
	}
}

void
dq_buf_evaluation(struct dq_buf *buf, const struct dq_evaluation *e)
{
	dq_buf_member_int(buf, "rows", (int64_t)e->rows);
	dq_buf_member_int(buf, "positives", (int64_t)e->positives);
	dq_buf_member_int(buf, "customers", (int64_t)e->customers);
	dq_buf_member_real(buf, "auc", e->auc);
	dq_buf_member_real(buf, "auc_low", e->auc_low);
	dq_buf_member_real(buf, "auc_high", e->auc_high);
	dq_buf_member_real(buf, "ks", e->ks);
	dq_buf_member_real(buf, "brier", e->brier);
	dq_buf_member_real(buf, "lift", e->lift);
	dq_buf_member_real(buf, "lift_share", e->share);
}
