/* dq-eval: predictions and what happened -> how good the scores are. */
#include "base/mem.h"
#include "model/evaluate.h"
#include "model/labels.h"
#include "run/files.h"
#include "run/tool.h"

#include <math.h>
#include <stdlib.h>

#define BINS 10

struct eval {
	const char *labels_path;
	bool table;
	double min_auc;
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

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct eval *eval = state;
	double score = dq_record_real(record, DQ_RISK_SCORE);
	int label =
	    dq_labels_get(&eval->labels, record->customer_id, record->time);

	(void)out;
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
end(void *state, struct dq_out *out)
{
	struct eval *eval = state;

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
	if (!eval->n)
		dq_die(DQ_EXIT_DATA, eval->labels_path,
		    "has a label for none of the %lld predictions: customer_id "
		    "and event_time must be equal in both",
		    (long long)eval->unlabelled);
	if (isnan(eval->min_auc) || eval->result.auc >= eval->min_auc)
		return DQ_EXIT_OK;
	dq_warn("--min-auc", "AUC %.4f is below %g", eval->result.auc,
	    eval->min_auc);
	return DQ_EXIT_NO;
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

	if (!eval->labels_path)
		dq_die(DQ_EXIT_USAGE, "--labels",
		    "missing: name the file that says what happened");
	if (!(eval->options.share > 0 && eval->options.share <= 1))
		dq_die(DQ_EXIT_USAGE, "--share", "is not above 0 and up to 1");
	if (eval->options.replicates < 0 || eval->options.replicates > 100000)
		dq_die(DQ_EXIT_USAGE, "--bootstrap", "is not 0 to 100000");
	dq_file_records(eval->labels_path, 0, take_label, eval);
	code = dq_tool_run(tool, &filter);
	return code == DQ_EXIT_OK ? verdict(eval) : code;
}

int
main(int argc, char **argv)
{
	struct eval eval = {.min_auc = NAN,
	    .seed = 1,
	    .options = {.replicates = 1000, .share = 0.1}};
	struct dq_opt options[] = {
	    {0, "labels", "PATH", DQ_OPT_TEXT, &eval.labels_path,
		.help = "what happened: records of event_type label"},
	    {0, "table", NULL, DQ_OPT_FLAG, &eval.table,
		.help = "print text for people instead of records"},
	    {0, "min-auc", "X", DQ_OPT_REAL, &eval.min_auc,
		.help = "exit 1 when the AUC is below X"},
	    {0, "share", "X", DQ_OPT_REAL, &eval.options.share,
		.help = "lift is of this share, the highest scores (0.1)"},
	    {0, "bootstrap", "N", DQ_OPT_INT, &eval.options.replicates,
		.help = "replicates behind the interval; 0: none (1000)"},
	    {0, "seed", "N", DQ_OPT_INT, &eval.seed,
		.help = "of the bootstrap (1)"},
	    {.name = NULL},
	};
	struct dq_tool tool = {.name = "dq-eval",
	    .usage = "--labels PATH [OPTIONS]",
	    .summary = "Tells how good predictions were, given what happened.",
	    .options = options,
	    .reads = DQ_KIND_BIT(DQ_KIND_PREDICTION)};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-eval -h");
	code = run(&tool, &eval);
	dq_labels_release(&eval.labels);
	dq_map_release(&eval.customers);
	free(eval.rows);
	return code;
}
