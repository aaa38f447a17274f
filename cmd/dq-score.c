/* dq-score: features in, explained predictions out. */
#include "assets/scoring_files.h"
#include "base/mem.h"
#include "model/baseline.h"
#include "model/drawing.h"
#include "run/terminal.h"
#include "run/tool.h"

#include <stdlib.h>
#include <unistd.h>

#define THREADS_LIMIT 64

static struct score {
	struct dq_scoring_paths paths;
	const char *baseline;
	int64_t reasons;
	bool in_double;
	double explain_above;
	struct dq_prediction_form form; /* levels, number of reasons */
	int64_t threads;
	struct dq_scoring *scorings; /* one a thread */
	bool waterfall;
	const char *customer;
	int format;
	struct dq_drawing drawing;
} score = {
    .baseline = "population",
    .paths = {.language = "en"},
    .reasons = 4,
    .threads = 1,
    .form = {.critical = 0.7, .high = 0.5, .medium = 0.3},
};

static struct dq_opt options[] = {
    {.name = "model",
	.argument = "FILE",
	.value = &score.paths.model,
	.help = "the model that decides (models/default.json)"},
    {.name = "challenger",
	.argument = "FILE",
	.value = &score.paths.challenger,
	.help = "a second model, whose score is told too"},
    {.name = "baseline",
	.argument = "FILE",
	.value = &score.baseline,
	.help = "rows that reasons compare with (population)"},
    {.name = "critical",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.form.critical,
	.help = "CRITICAL from this score up (0.7)"},
    {.name = "high",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.form.high,
	.help = "HIGH from this score up (0.5)"},
    {.name = "medium",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.form.medium,
	.help = "MEDIUM from this score up (0.3)"},
    {.name = "reasons",
	.argument = "N",
	.type = DQ_OPT_INT,
	.value = &score.reasons,
	.help = "name at most N reasons, 0 to 64 (4)"},
    {.name = "language",
	.argument = "NAME",
	.value = &score.paths.language,
	.help = "of the reasons: a name or a path (en)"},
    {.name = "explain-above",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.explain_above,
	.help = "give reasons from this score up only (0)"},
    {.name = "double",
	.type = DQ_OPT_FLAG,
	.value = &score.in_double,
	.help = "contributions in double: slower, for an audit"},
    {.name = "threads",
	.argument = "N",
	.type = DQ_OPT_INT,
	.value = &score.threads,
	.help = "work in N threads, 1 to 64 (1)"},
    {.name = "waterfall",
	.type = DQ_OPT_FLAG,
	.value = &score.waterfall,
	.help = "draw predictions for people instead"},
    {.name = "customer",
	.argument = "ID",
	.value = &score.customer,
	.help = "with --waterfall: of this customer only"},
    {.name = "format",
	.argument = "HOW",
	.type = DQ_OPT_CHOICE,
	.value = &score.format,
	.choices = "text|svg",
	.help = "of --waterfall: text, svg (text)"},
    {.name = NULL},
};

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct dq_scoring *scoring = state;

	if (!dq_scoring_add(scoring, record, err))
		return false;
	if (dq_scoring_full(scoring))
		dq_scoring_write(scoring, out);
	return true;
}

static void
flush(void *state, struct dq_out *out)
{
	dq_scoring_write(state, out);
}

static bool
draw_each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	return dq_drawing_add(state, record, out, err);
}

static void
draw_end(void *state, struct dq_out *out)
{
	dq_drawing_end(state, out);
}

static void
release_scorings(struct dq_scoring *scorings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		dq_scoring_release(&scorings[i]);
	free(scorings);
}

/* One of the same for each thread; NULL with err set. */
static struct dq_scoring *
make_all(const struct score *s, size_t *missing, struct dq_err *err)
{
	struct dq_scoring_files files = {0};
	size_t count = (size_t)s->threads;
	struct dq_scoring *made = dq_calloc(count, sizeof(*made));
	bool good = dq_scoring_files_read(&s->paths, &files, err) &&
		    dq_scoring_make(made, &s->paths, &files, s->in_double,
			&s->form, missing, err);

	dq_scoring_files_release(&files);
	made->explain_above = s->explain_above;
	for (size_t i = 1; good && i < count; i++)
		dq_scoring_twin(&made[i], made);
	if (good)
		return made;
	free(made);
	return NULL;
}

/* All or nothing. */
static bool
load(struct score *s, struct dq_err *err)
{
	size_t missing = 0, count = (size_t)s->threads;
	struct dq_scoring *made = make_all(s, &missing, err);

	if (!made)
		return false;
	if (missing)
		dq_warn("--language",
		    "%s has no text for %zu of the model's features: they are "
		    "told by name",
		    s->paths.language, missing);
	if (!s->scorings) {
		s->scorings = made;
		return true;
	}
	/* In their places: the threads know them by address. */
	for (size_t i = 0; i < count; i++) {
		dq_scoring_release(&s->scorings[i]);
		s->scorings[i] = made[i];
	}
	free(made);
	return true;
}

static bool
reload(void *state, struct dq_err *err)
{
	(void)state;
	return load(&score, err);
}

static void
check_options(const struct score *s)
{
	const struct dq_prediction_form *form = &s->form;

	if (!(0 <= form->medium && form->medium <= form->high &&
		form->high <= form->critical && form->critical <= 1))
		dq_die(DQ_EXIT_USAGE, "--critical",
		    "levels need 0 <= medium <= high <= critical <= 1");
	if (s->reasons < 0 || s->reasons > DQ_REASONS_LIMIT)
		dq_die(DQ_EXIT_USAGE, "--reasons", "0 to %d", DQ_REASONS_LIMIT);
	if (s->threads < 1 || s->threads > THREADS_LIMIT)
		dq_die(DQ_EXIT_USAGE, "--threads", "1 to %d", THREADS_LIMIT);
	if (!s->waterfall && (s->customer || s->format))
		dq_die(DQ_EXIT_USAGE, s->customer ? "--customer" : "--format",
		    "goes with --waterfall only");
	if (s->waterfall && s->threads > 1)
		dq_die(DQ_EXIT_USAGE, "--threads", "--waterfall works in one");
}

static void
start(struct score *s)
{
	struct dq_err err;

	check_options(s);
	s->form.reasons = (size_t)s->reasons;
	if (!strcmp(s->baseline, "population"))
		s->paths.baseline = NULL;
	else
		s->paths.baseline = s->baseline;
	dq_scoring_paths_find(&s->paths);
	if (!load(s, &err))
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
}

static void
describe(struct dq_buf *out)
{
	start(&score);
	dq_model_describe(score.scorings->champion.model, out);
	dq_baseline_describe(&score.scorings->champion, out);
	dq_calibration_describe(&score.scorings->champion.calibration, out);
}

static void
set_states(const struct score *s, struct dq_filter *filter)
{
	filter->state = s->scorings;
	filter->state_count = (size_t)s->threads;
	filter->states =
	    dq_calloc(filter->state_count, sizeof(*filter->states));
	for (size_t i = 0; i < filter->state_count; i++)
		filter->states[i] = &s->scorings[i];
}

/* Turns the filter into one that draws. */
static void
start_drawing(struct score *s, const char *to, struct dq_filter *filter)
{
	bool standard = !strcmp(to, "-");

	if (!strncmp(to, "kafka:", 6))
		dq_die(DQ_EXIT_USAGE, "--waterfall",
		    "a topic takes no pictures; --to - or a path");
	s->drawing = (struct dq_drawing){
	    .scoring = s->scorings,
	    .customer = s->customer,
	    .svg = s->format,
	    .style = {dq_terminal_columns(), dq_terminal_utf8(),
		standard && dq_terminal_colour(STDOUT_FILENO)},
	};
	filter->state = &s->drawing;
	filter->state_count = 0;
	filter->kinds |= DQ_KIND_BIT(DQ_KIND_PREDICTION);
	filter->absorbs = true;
	filter->each = draw_each;
	filter->flush = NULL;
	filter->end = draw_end;
}

/* Whoever asks for one customer wants to know that there is none. */
static enum dq_exit
end_drawing(struct score *s, enum dq_exit code)
{
	if (s->customer && !s->drawing.drawn && code == DQ_EXIT_OK) {
		dq_warn("--customer", "no prediction of \"%s\"", s->customer);
		code = DQ_EXIT_NO;
	}
	dq_drawing_release(&s->drawing);
	return code;
}

static void
release(struct score *s)
{
	release_scorings(s->scorings, (size_t)s->threads);
	dq_scoring_paths_release(&s->paths);
}

int
main(int argc, char **argv)
{
	struct dq_tool tool = {
	    .name = "dq-score",
	    .usage = "[OPTIONS]",
	    .summary = "Scores features records and says why.",
	    .options = options,
	    .reads = DQ_KIND_BIT(DQ_KIND_FEATURES),
	    .writes = DQ_KIND_BIT(DQ_KIND_PREDICTION),
	    .describe = describe,
	    .kafka = &dq_kafka,
	    .group = "prediction-service-group",
	};
	struct dq_filter filter = {
	    .kinds = DQ_KIND_BIT(DQ_KIND_FEATURES),
	    .each = each,
	    .flush = flush,
	    .reload = reload,
	};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-score -h");
	start(&score);
	set_states(&score, &filter);
	if (score.waterfall)
		start_drawing(&score, tool.common.to, &filter);
	code = end_drawing(&score, dq_tool_run(&tool, &filter));
	free(filter.states);
	release(&score);
	return code;
}
