/* dq-eval: predictions and what happened -> how good the scores are. */
#include "base/mem.h"
#include "model/compare.h"
#include "model/evaluate.h"
#include "model/labels.h"
#include "run/files.h"
#include "run/tool.h"

#include <math.h>
#include <stdlib.h>

#define BINS 10

struct eval {
	const char *labels_path, *before_path;
	bool table;
	double min_auc, max_psi;
	struct dq_compare compare;
	struct dq_comparison comparison;
	struct dq_evaluate_options options;
	int64_t seed;
	struct dq_labels labels;
	struct dq_map customers;
	struct dq_scored *rows;
	size_t n, cap;
	int64_t unlabelled;
	struct dq_evaluation result;
	struct dq_calibration_bin bins[BINS];
};

static void
take_label(void *state, const struct dq_record *record)
{
	struct eval *eval = state;
	struct dq_err err;
	char place[256];

	if (!dq_labels_add(&eval->labels, record, &err))
		dq_die(DQ_EXIT_DATA, dq_place_text(&record->place, place), "%s",
		    err.text);
}

static void
take_before(void *state, const struct dq_record *record)
{
	struct eval *eval = state;
	struct dq_err err;
	char place[256];

	if (record->kind == DQ_KIND_PREDICTION &&
	    !dq_compare_before(&eval->compare, record, &err))
		dq_die(DQ_EXIT_DATA, dq_place_text(&record->place, place), "%s",
		    err.text);
}

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct eval *eval = state;
	double score = dq_record_real(record, DQ_RISK_SCORE);
	int label =
	    dq_labels_get(&eval->labels, record->customer_id, record->time);

	(void)out;
	if (eval->before_path && !dq_compare_now(&eval->compare, record, err))
		return false;
	if (!(score >= 0 && score <= 1))
		return dq_err_set(err, "\"risk_score\" is not between 0 and 1");
	if (label < 0) {
		eval->unlabelled++;
		return true;
	}
	if (eval->n == eval->cap) {
		eval->cap = eval->cap ? 2 * eval->cap : 1024;
		eval->rows = dq_realloc_array(
		    eval->rows, eval->cap, sizeof(*eval->rows));
	}
	eval->rows[eval->n++] = (struct dq_scored){score,
	    dq_map_put(&eval->customers, record->customer_id), label == 1};
	return true;
}

static void
write_records(const struct eval *eval, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "evaluation");
	dq_buf_evaluation(buf, &eval->result);
	dq_buf_member_int(buf, "unlabelled", eval->unlabelled);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
	for (int b = 0; b < BINS; b++) {
		const struct dq_calibration_bin *bin = &eval->bins[b];

		buf = dq_out_begin(out);
		dq_buf_byte(buf, '{');
		dq_buf_member_str(buf, "event_type", "calibration");
		dq_buf_member_int(buf, "bin", b + 1);
		dq_buf_member_int(buf, "rows", (int64_t)bin->rows);
		dq_buf_member_real(buf, "low", bin->low);
		dq_buf_member_real(buf, "high", bin->high);
		dq_buf_member_real(buf, "predicted", bin->predicted);
		dq_buf_member_real(buf, "observed", bin->observed);
		dq_buf_byte(buf, '}');
		dq_out_end(out, (struct dq_slice){"", 0});
	}
}

static void
write_table(const struct eval *eval, struct dq_out *out)
{
	const struct dq_evaluation *e = &eval->result;
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_printf(buf, "rows       %zu (%zu positive, %zu customers)\n",
	    e->rows, e->positives, e->customers);
	dq_buf_printf(buf, "unlabelled %lld\n", (long long)eval->unlabelled);
	dq_buf_printf(buf, "AUC        %.4f (95 %%: %.4f to %.4f)\n", e->auc,
	    e->auc_low, e->auc_high);
	dq_buf_printf(buf, "KS         %.4f\n", e->ks);
	dq_buf_printf(buf, "Brier      %.4f\n", e->brier);
	dq_buf_printf(
	    buf, "lift       %.2f at %g %%\n\n", e->lift, 100 * e->share);
	dq_buf_str(buf, "tenth    rows  lowest highest  predicted  observed");
	for (int b = 0; b < BINS; b++)
		dq_buf_printf(buf, "\n%5d %7zu  %.4f  %.4f     %.4f    %.4f",
		    b + 1, eval->bins[b].rows, eval->bins[b].low,
		    eval->bins[b].high, eval->bins[b].predicted,
		    eval->bins[b].observed);
	dq_out_end(out, (struct dq_slice){"", 0});
}

static void
write_comparison(const struct eval *eval, struct dq_out *out)
{
	const struct dq_comparison *c = &eval->comparison;
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "comparison");
	dq_buf_member_int(buf, "matched", c->matched);
	dq_buf_member_int(buf, "only_before", c->only_before);
	dq_buf_member_int(buf, "only_now", c->only_now);
	dq_buf_member_int(buf, "other_level", c->other_level);
	dq_buf_member_int(buf, "other_reason", c->other_reason);
	dq_buf_member_real(buf, "mean_change", c->mean_change);
	dq_buf_member_real(buf, "mean_absolute_change", c->mean_absolute);
	dq_buf_member_real(buf, "greatest_change", c->greatest);
	dq_buf_member_real(buf, "psi", c->psi);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
	for (int i = 0; i < DQ_LEVELS * DQ_LEVELS; i++) {
		int from = i / DQ_LEVELS, to = i % DQ_LEVELS;

		if (!eval->compare.levels[from][to])
			continue;
		buf = dq_out_begin(out);
		dq_buf_byte(buf, '{');
		dq_buf_member_str(buf, "event_type", "level_change");
		dq_buf_member_str(buf, "before", dq_level_names[from]);
		dq_buf_member_str(buf, "now", dq_level_names[to]);
		dq_buf_member_int(buf, "count", eval->compare.levels[from][to]);
		dq_buf_byte(buf, '}');
		dq_out_end(out, (struct dq_slice){"", 0});
	}
}

static void
write_comparison_table(const struct eval *eval, struct dq_out *out)
{
	const struct dq_comparison *c = &eval->comparison;
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_printf(buf,
	    "matched    %lld (%lld only before, %lld only now)\n",
	    (long long)c->matched, (long long)c->only_before,
	    (long long)c->only_now);
	dq_buf_printf(buf,
	    "score      %+.4f on average, %.4f either way, "
	    "%.4f at most\n",
	    c->mean_change, c->mean_absolute, c->greatest);
	dq_buf_printf(buf, "PSI        %.4f\n", c->psi);
	dq_buf_printf(
	    buf, "level      %lld changed\n", (long long)c->other_level);
	dq_buf_printf(buf, "reason     %lld with another strongest one\n\n",
	    (long long)c->other_reason);
	dq_buf_printf(buf, "%-10s", "before:");
	for (int to = 0; to < DQ_LEVELS; to++)
		dq_buf_printf(buf, "%10s", dq_level_names[to]);
	for (int from = 0; from < DQ_LEVELS; from++) {
		dq_buf_printf(buf, "\n%-10s", dq_level_names[from]);
		for (int to = 0; to < DQ_LEVELS; to++)
			dq_buf_printf(buf, "%10lld",
			    (long long)eval->compare.levels[from][to]);
	}
	dq_out_end(out, (struct dq_slice){"", 0});
}

static void
end(void *state, struct dq_out *out)
{
	struct eval *eval = state;

	if (eval->before_path) {
		dq_compare_finish(&eval->compare, &eval->comparison);
		(eval->table ? write_comparison_table : write_comparison)(
		    eval, out);
	}
	if (!eval->labels_path)
		return;
	eval->options.seed = (uint64_t)eval->seed;
	dq_evaluate(eval->rows, eval->n, &eval->options, &eval->result);
	dq_calibrate(eval->rows, eval->n, eval->bins, BINS);
	if (eval->table)
		write_table(eval, out);
	else
		write_records(eval, out);
}

/* The exit code says whether the scores are good enough. */
static enum dq_exit
verdict(const struct eval *eval)
{
	enum dq_exit code = DQ_EXIT_OK;

	if (eval->labels_path && !eval->n)
		dq_die(DQ_EXIT_DATA, eval->labels_path,
		    "has a label for none of the %lld predictions: customer_id "
		    "and event_time must be equal in both",
		    (long long)eval->unlabelled);
	if (eval->before_path && !eval->comparison.matched)
		dq_die(DQ_EXIT_DATA, eval->before_path,
		    "has none of the %lld predictions: customer_id, event_time "
		    "and trigger must be equal in both",
		    (long long)eval->comparison.only_now);
	if (!isnan(eval->min_auc) && !(eval->result.auc >= eval->min_auc)) {
		dq_warn("--min-auc", "AUC %.4f is below %g", eval->result.auc,
		    eval->min_auc);
		code = DQ_EXIT_NO;
	}
	if (!isnan(eval->max_psi) && !(eval->comparison.psi <= eval->max_psi)) {
		dq_warn("--max-psi", "PSI %.4f is above %g",
		    eval->comparison.psi, eval->max_psi);
		code = DQ_EXIT_NO;
	}
	return code;
}

static void
check_options(const struct eval *eval)
{
	if (!eval->labels_path && !eval->before_path)
		dq_die(DQ_EXIT_USAGE, "--labels",
		    "missing: name the file that says what happened, or with "
		    "--compare one of other predictions");
	if (!isnan(eval->min_auc) && !eval->labels_path)
		dq_die(DQ_EXIT_USAGE, "--min-auc", "needs --labels");
	if (!isnan(eval->max_psi) && !eval->before_path)
		dq_die(DQ_EXIT_USAGE, "--max-psi", "needs --compare");
	if (!(eval->options.share > 0 && eval->options.share <= 1))
		dq_die(DQ_EXIT_USAGE, "--share", "is not above 0 and up to 1");
	if (eval->options.replicates < 0 || eval->options.replicates > 100000)
		dq_die(DQ_EXIT_USAGE, "--bootstrap", "is not 0 to 100000");
}

static enum dq_exit
run(struct dq_tool *tool, struct eval *eval)
{
	struct dq_filter filter = {
	    .state = eval,
	    .kinds = DQ_KIND_BIT(DQ_KIND_PREDICTION),
	    .absorbs = true,
	    .each = each,
	    .end = end,
	};
	enum dq_exit code;

	check_options(eval);
	if (eval->before_path)
		dq_file_records(eval->before_path,
		    DQ_KIND_BIT(DQ_KIND_PREDICTION), take_before, eval);
	if (eval->labels_path)
		dq_file_records(eval->labels_path, 0, take_label, eval);
	code = dq_tool_run(tool, &filter);
	return code == DQ_EXIT_OK ? verdict(eval) : code;
}

int
main(int argc, char **argv)
{
	struct eval eval = {.min_auc = NAN,
	    .max_psi = NAN,
	    .seed = 1,
	    .options = {.replicates = 1000, .share = 0.1}};
	struct dq_opt options[] = {
	    {0, "labels", "PATH", DQ_OPT_TEXT, &eval.labels_path,
		.help = "what happened: records of event_type label"},
	    {0, "table", NULL, DQ_OPT_FLAG, &eval.table,
		.help = "print text for people instead of records"},
	    {0, "min-auc", "X", DQ_OPT_REAL, &eval.min_auc,
		.help = "exit 1 when the AUC is below X"},
	    {0, "compare", "PATH", DQ_OPT_TEXT, &eval.before_path,
		.help = "other predictions of the same: say what differs"},
	    {0, "max-psi", "X", DQ_OPT_REAL, &eval.max_psi,
		.help = "exit 1 when the scores' PSI is above X"},
	    {0, "share", "X", DQ_OPT_REAL, &eval.options.share,
		.help = "lift is of this share, the highest scores (0.1)"},
	    {0, "bootstrap", "N", DQ_OPT_INT, &eval.options.replicates,
		.help = "replicates behind the interval; 0: none (1000)"},
	    {0, "seed", "N", DQ_OPT_INT, &eval.seed,
		.help = "of the bootstrap (1)"},
	    {.name = NULL},
	};
	struct dq_tool tool = {.name = "dq-eval",
	    .usage = "--labels PATH|--compare PATH [OPTIONS]",
	    .summary = "Tells how good predictions were, given what happened.",
	    .options = options,
	    .reads = DQ_KIND_BIT(DQ_KIND_PREDICTION)};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-eval -h");
	code = run(&tool, &eval);
	dq_labels_release(&eval.labels);
	dq_map_release(&eval.customers);
	dq_compare_release(&eval.compare);
	free(eval.rows);
	return code;
}
