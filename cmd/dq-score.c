/* dq-score: features in, explained predictions out. */
#include "features/catalogue.h"
#include "model/baseline.h"
#include "model/scoring.h"
#include "run/files.h"
#include "run/tool.h"

#include <stdlib.h>
#include <unistd.h>

#define CARD_LIMIT (1u << 20)
#define TEXTS_LIMIT (8u << 20)

static struct score {
	const char *model, *challenger;
	const char *baseline;
	const char *language;
	int64_t reasons;
	bool in_double;
	struct dq_scoring scoring;
	struct dq_reasons *texts;
} score = {
    .baseline = "population",
    .language = "en",
    .reasons = 4,
    .scoring.form = {.critical = 0.7, .high = 0.5, .medium = 0.3},
};

static struct dq_opt options[] = {
    {.name = "model",
	.argument = "FILE",
	.value = &score.model,
	.help = "the model that decides (models/default.json)"},
    {.name = "challenger",
	.argument = "FILE",
	.value = &score.challenger,
	.help = "a second model, whose score is told too"},
    {.name = "baseline",
	.argument = "FILE",
	.value = &score.baseline,
	.help = "rows that reasons compare with (population)"},
    {.name = "critical",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.scoring.form.critical,
	.help = "CRITICAL from this score up (0.7)"},
    {.name = "high",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.scoring.form.high,
	.help = "HIGH from this score up (0.5)"},
    {.name = "medium",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.scoring.form.medium,
	.help = "MEDIUM from this score up (0.3)"},
    {.name = "reasons",
	.argument = "N",
	.type = DQ_OPT_INT,
	.value = &score.reasons,
	.help = "name at most N reasons, 0 to 64 (4)"},
    {.name = "language",
	.argument = "NAME",
	.value = &score.language,
	.help = "of the reasons: a name or a path (en)"},
    {.name = "explain-above",
	.argument = "P",
	.type = DQ_OPT_REAL,
	.value = &score.scoring.explain_above,
	.help = "give reasons from this score up only (0)"},
    {.name = "double",
	.type = DQ_OPT_FLAG,
	.value = &score.in_double,
	.help = "contributions in double: slower, for an audit"},
    {.name = NULL},
};

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct score *s = state;

	if (!dq_scoring_add(&s->scoring, record, err))
		return false;
	if (dq_scoring_full(&s->scoring))
		dq_scoring_write(&s->scoring, out);
	return true;
}

static void
flush(void *state, struct dq_out *out)
{
	struct score *s = state;

	dq_scoring_write(&s->scoring, out);
}

/* "x/y.json" as "x/y" and the ending, on the heap. */
static char *
path_beside(const char *path, const char *ending)
{
	static const char *const own[] = {".json", ".ubj", ".txt"};
	size_t n = strlen(path), len = n;
	struct dq_buf buf = {0};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (len > strlen(own[i]) &&
		    !strcmp(path + len - strlen(own[i]), own[i]))
			n = len - strlen(own[i]);
	dq_buf_add(&buf, path, n);
	dq_buf_str(&buf, ending);
	dq_buf_text(&buf);
	return buf.data;
}

/* A name that dq-features never writes would be missing in every record. */
static void
check_names(const struct dq_model *model, const char *path)
{
	for (size_t i = 0; i < dq_model_width(model); i++) {
		struct dq_slice name = dq_model_feature(model, i);
		size_t row = 0;

		while (row < dq_catalogue_count &&
		       !dq_slice_is(name, dq_catalogue[row].name))
			row++;
		if (row == dq_catalogue_count)
			dq_die(DQ_EXIT_USAGE, path,
			    "feature \"%.*s\" is not in the catalogue; "
			    "dq-features --describe lists it",
			    (int)name.len, name.data);
	}
}

static void
load_model(struct dq_scorer *scorer, const char *path)
{
	char *card_path = path_beside(path, ".card.json");
	char *stem = path_beside(path, ""), *slash = strrchr(stem, '/');
	struct dq_buf bytes = {0}, card = {0};
	struct dq_err err;

	dq_file_read(path, DQ_MODEL_LIMIT, &bytes);
	if (access(card_path, F_OK) == 0)
		dq_file_read(card_path, CARD_LIMIT, &card);
	if (!dq_scorer_init(scorer, dq_buf_view(&bytes), dq_buf_view(&card),
		slash ? slash + 1 : stem, &err))
		dq_die(DQ_EXIT_USAGE, path, "%s", err.text);
	check_names(scorer->model, path);
	dq_buf_release(&bytes);
	dq_buf_release(&card);
	free(card_path);
	free(stem);
}

static void
load_baseline(struct dq_scorer *scorer, const char *path)
{
	struct dq_buf bytes = {0};
	struct dq_err err;

	if (!strcmp(path, "population"))
		return;
	dq_file_read(path, DQ_BASELINE_BYTES, &bytes);
	if (!dq_baseline_use(scorer, dq_buf_view(&bytes), &err))
		dq_die(DQ_EXIT_USAGE, path, "%s", err.text);
	dq_buf_release(&bytes);
}

static void
load_texts(struct score *s)
{
	bool is_path = strchr(s->language, '/') || strchr(s->language, '.');
	struct dq_buf name = {0}, bytes = {0};
	struct dq_err err;
	size_t missing;
	char *found = NULL;

	dq_buf_printf(&name, "reasons/%s.json", s->language);
	if (!is_path)
		found = dq_file_share(dq_buf_text(&name));
	dq_file_read(found ? found : s->language, TEXTS_LIMIT, &bytes);
	s->texts = dq_reasons_new(
	    dq_buf_view(&bytes), s->scoring.champion.model, &missing, &err);
	if (!s->texts)
		dq_die(
		    DQ_EXIT_USAGE, found ? found : s->language, "%s", err.text);
	if (missing)
		dq_warn("--language",
		    "%s has no text for %zu of the model's features: they are "
		    "told by name",
		    s->language, missing);
	s->scoring.form.texts = s->texts;
	dq_buf_release(&name);
	dq_buf_release(&bytes);
	free(found);
}

static void
check_options(const struct score *s)
{
	const struct dq_prediction_form *form = &s->scoring.form;

	if (!(0 <= form->medium && form->medium <= form->high &&
		form->high <= form->critical && form->critical <= 1))
		dq_die(DQ_EXIT_USAGE, "--critical",
		    "levels need 0 <= medium <= high <= critical <= 1");
	if (s->reasons < 0 || s->reasons > DQ_REASONS_LIMIT)
		dq_die(DQ_EXIT_USAGE, "--reasons", "0 to %d", DQ_REASONS_LIMIT);
}

static void
load(struct score *s)
{
	char *path = s->model ? NULL : dq_file_share("models/default.json");

	check_options(s);
	s->scoring.form.reasons = (size_t)s->reasons;
	load_model(&s->scoring.champion, path ? path : s->model);
	if (s->in_double)
		dq_model_use_double(s->scoring.champion.model);
	load_baseline(&s->scoring.champion, s->baseline);
	if (s->challenger)
		load_model(&s->scoring.challenger, s->challenger);
	load_texts(s);
	dq_scoring_start(&s->scoring);
	free(path);
}

static void
describe(struct dq_buf *out)
{
	load(&score);
	dq_model_describe(score.scoring.champion.model, out);
	dq_baseline_describe(&score.scoring.champion, out);
	dq_calibration_describe(&score.scoring.champion.calibration, out);
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
	    .state = &score,
	    .kinds = DQ_KIND_BIT(DQ_KIND_FEATURES),
	    .each = each,
	    .flush = flush,
	};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-score -h");
	load(&score);
	code = dq_tool_run(&tool, &filter);
	dq_scoring_release(&score.scoring);
	dq_reasons_free(score.texts);
	return code;
}
