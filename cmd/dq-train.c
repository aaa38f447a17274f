/* dq-train: features and labels -> a model, its card, and how good it is. */
#include "base/mem.h"
#include "features/catalogue.h"
#include "learn/card.h"
#include "learn/shuffles.h"
#include "model/labels.h"
#include "run/files.h"
#include "run/tool.h"

#include <libgen.h>
#include <math.h>
#include <stdlib.h>

struct train {
	const char *labels_path, *test_path, *test_labels_path;
	const char *model_path, *name, *version, *owner, *data, *limits;
	const char *out_of_fold_path, *exclude;
	int64_t folds, shuffles;
	bool money, monotone;
	struct dq_boost boost;
	struct dq_evaluate_options options;

	struct dq_labels labels;
	struct dq_table table;
	int64_t unlabelled;
	struct dq_evaluation first_shuffle, held_out;
};

static void
die_at(const struct dq_record *record, const struct dq_err *err)
{
	char place[256];

	dq_die(DQ_EXIT_DATA, dq_place_text(&record->place, place), "%s",
	    err->text);
}

static void
take_label(void *labels, const struct dq_record *record)
{
	struct dq_err err;

	if (!dq_labels_add(labels, record, &err))
		die_at(record, &err);
}

static bool
take_features(struct dq_table *table, struct dq_labels *labels,
    const struct dq_record *record, int64_t *unlabelled, struct dq_err *err)
{
	int label = dq_labels_get(labels, record->customer_id, record->time);

	*unlabelled += label < 0;
	return label < 0 || dq_table_add(table, record, label == 1, err);
}

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct train *train = state;

	(void)out;
	return take_features(
	    &train->table, &train->labels, record, &train->unlabelled, err);
}

static const struct dq_feature *
catalogue_find(struct dq_slice name)
{
	for (size_t i = 0; i < dq_catalogue_count; i++)
		if (dq_slice_is(name, dq_catalogue[i].name))
			return &dq_catalogue[i];
	return NULL;
}

static bool
is_money(struct dq_slice name)
{
	const struct dq_feature *feature = catalogue_find(name);

	return feature && !strcmp(feature->group, "money");
}

/* The next name of a comma-separated list; false at its end. */
static bool
next_name(const char **list, struct dq_slice *name)
{
	if (!*list || !**list)
		return false;
	name->data = *list;
	name->len = strcspn(*list, ",");
	*list += name->len;
	*list += **list == ',';
	return true;
}

static bool
wanted(void *context, struct dq_slice name)
{
	const struct train *train = context;
	const char *list = train->exclude;
	struct dq_slice excluded;

	while (next_name(&list, &excluded))
		if (dq_slice_equal(name, excluded))
			return false;
	return train->money || !is_money(name);
}

static void
check_excluded(const struct train *train)
{
	const char *list = train->exclude;
	struct dq_slice name;

	while (next_name(&list, &name))
		if (dq_map_get(&train->table.names, name) == DQ_MAP_NONE)
			dq_die(DQ_EXIT_USAGE, "--exclude",
			    "no feature \"%.*s\" in the records", (int)name.len,
			    name.data);
}

/* Per column the catalogue's sign; a feature it does not know is free. */
static int *
signs_of(const struct dq_table *table)
{
	int *signs = dq_calloc(table->columns, sizeof(*signs));

	for (size_t c = 0; c < table->columns; c++) {
		const struct dq_feature *feature =
		    catalogue_find(dq_table_name(table, c));

		signs[c] = feature ? feature->sign : 0;
	}
	return signs;
}

static void
write_file(const char *path, const struct dq_buf *bytes)
{
	struct dq_err err;

	if (!dq_file_replace(path, dq_buf_view(bytes), &err))
		dq_die(DQ_EXIT_IO, NULL, "%s", err.text);
}

static void
write_out_of_fold(const struct train *train, const double *score)
{
	struct dq_buf lines = {0};

	if (!train->out_of_fold_path)
		return;
	dq_table_predictions(&train->table, score, train->name, &lines);
	write_file(train->out_of_fold_path, &lines);
	dq_buf_release(&lines);
}

static void
cross_validate(struct train *train, struct dq_out *out)
{
	struct dq_shuffles shuffles = {.boost = &train->boost,
	    .table = &train->table,
	    .options = &train->options,
	    .folds = (int)train->folds,
	    .count = train->shuffles,
	    .score = dq_calloc(train->table.count, sizeof(double))};
	struct dq_err err;

	if (!dq_shuffles_run(&shuffles, out, &err))
		dq_die(DQ_EXIT_DATA, "--folds", "%s", err.text);
	train->first_shuffle = shuffles.first;
	write_out_of_fold(train, shuffles.score);
	free(shuffles.score);
}

struct test {
	struct dq_labels labels;
	struct dq_table table;
	int64_t unlabelled;
};

static void
take_test(void *context, const struct dq_record *record)
{
	struct test *test = context;
	struct dq_err err;

	if (record->kind == DQ_KIND_FEATURES &&
	    !take_features(
		&test->table, &test->labels, record, &test->unlabelled, &err))
		die_at(record, &err);
}

/* Scores customers that the model has not seen. */
static void
hold_out(struct train *train, struct dq_booster *booster, struct dq_out *out)
{
	struct test test = {.table = {.wanted = wanted, .context = train}};
	double *score;
	struct dq_err err;

	dq_file_records(train->test_labels_path, 0, take_label, &test.labels);
	dq_file_records(
	    train->test_path, DQ_KIND_BIT(DQ_KIND_FEATURES), take_test, &test);
	if (!test.table.count)
		dq_die(DQ_EXIT_DATA, train->test_path,
		    "no features record with a label");
	if (strcmp(test.table.feature_set, train->table.feature_set) != 0)
		dq_die(DQ_EXIT_DATA, train->test_path,
		    "another feature_set than that of the training records");
	score = dq_calloc(test.table.count, sizeof(*score));
	if (!dq_booster_predict(booster, &test.table, NULL, score, &err))
		dq_die(DQ_EXIT_BROKEN, NULL, "%s", err.text);
	dq_table_evaluate(
	    &test.table, score, &train->options, &train->held_out);
	dq_evaluation_report(out, "held_out", 0, &train->held_out);
	free(score);
	dq_labels_release(&test.labels);
	dq_table_release(&test.table);
}

/* "share/models/default.json" -> "share/models/default.card.json" */
static void
write_card(const struct train *train, const struct dq_buf *model)
{
	char *copy = dq_strdup(train->model_path);
	struct dq_buf path = {0}, text = {0};
	struct dq_card card = {
	    .name = train->name,
	    .version = train->version,
	    .owner = train->owner,
	    .data = train->data,
	    .limits = train->limits,
	    .file = basename(copy),
	    .model = dq_buf_view(model),
	    .boost = &train->boost,
	    .table = &train->table,
	    .money = train->money,
	    .folds = train->folds,
	    .shuffles = train->shuffles,
	    .out_of_fold = train->folds ? &train->first_shuffle : NULL,
	    .held_out = train->test_path ? &train->held_out : NULL,
	};
	size_t stem = strlen(train->model_path) - strlen(".json");

	dq_card_write(&card, &text);
	dq_buf_printf(&path, "%.*s.card.json", (int)stem, train->model_path);
	write_file(dq_buf_text(&path), &text);
	dq_buf_release(&path);
	dq_buf_release(&text);
	free(copy);
}

static void
make_model(struct train *train, struct dq_out *out)
{
	struct dq_buf model = {0};
	struct dq_booster *booster;
	struct dq_err err;

	booster = dq_booster_train(&train->boost, &train->table, NULL, &err);
	if (!booster || !dq_booster_json(booster, &train->table, train->name,
			    train->version, &model, &err))
		dq_die(DQ_EXIT_DATA, "--model", "%s", err.text);
	if (train->test_path)
		hold_out(train, booster, out);
	write_file(train->model_path, &model);
	write_card(train, &model);
	dq_booster_free(booster);
	dq_buf_release(&model);
}

static void
end(void *state, struct dq_out *out)
{
	struct train *train = state;
	int *signs;

	if (!train->table.count)
		dq_die(DQ_EXIT_DATA, train->labels_path,
		    "has a label for none of the %lld features records: "
		    "customer_id and event_time must be equal in both",
		    (long long)train->unlabelled);
	check_excluded(train);
	if (train->folds > (int64_t)train->table.customers.count)
		dq_die(DQ_EXIT_DATA, "--folds", "more than the %u customers",
		    train->table.customers.count);
	if (train->unlabelled)
		dq_warn(NULL, "%lld features records have no label: left out",
		    (long long)train->unlabelled);
	signs = signs_of(&train->table);
	train->boost.signs = train->monotone ? signs : NULL;
	if (train->folds)
		cross_validate(train, out);
	if (train->model_path)
		make_model(train, out);
	free(signs);
}

static void
check(struct train *train)
{
	struct dq_err err;

	if (!train->labels_path)
		dq_die(DQ_EXIT_USAGE, "--labels",
		    "missing: name the file that says what happened");
	if (!train->model_path && !train->folds)
		dq_die(DQ_EXIT_USAGE, NULL,
		    "nothing to do: give --model PATH, --folds K or both");
	if (train->folds == 1 || train->folds < 0 || train->folds > 1000)
		dq_die(DQ_EXIT_USAGE, "--folds", "is not 2 to 1000");
	if (train->shuffles < 1 || train->shuffles > 1000)
		dq_die(DQ_EXIT_USAGE, "--shuffles", "is not 1 to 1000");
	if (!train->folds && (train->out_of_fold_path || train->shuffles > 1))
		dq_die(DQ_EXIT_USAGE, "--folds", "missing");
	if (!train->test_path != !train->test_labels_path)
		dq_die(DQ_EXIT_USAGE, "--test",
		    "goes with --test-labels: neither without the other");
	if (train->test_path && !train->model_path)
		dq_die(DQ_EXIT_USAGE, "--test", "needs --model");
	if (!dq_boost_check(&train->boost, &err))
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
	if (train->options.replicates < 0 || train->options.replicates > 100000)
		dq_die(DQ_EXIT_USAGE, "--bootstrap", "is not 0 to 100000");
}

/* A model is called by its file unless told otherwise. */
static char *
name_of(const char *path)
{
	char *copy = dq_strdup(path ? path : "out-of-fold");
	const char *base = basename(copy);
	size_t len = strlen(base);
	char *name;

	if (path && (len <= 5 || strcmp(base + len - 5, ".json") != 0))
		dq_die(
		    DQ_EXIT_USAGE, "--model", "%s does not end in .json", path);
	name = dq_strndup(base, path ? len - 5 : len);
	free(copy);
	return name;
}

static enum dq_exit
run(struct dq_tool *tool, struct train *train)
{
	struct dq_filter filter = {
	    .state = train,
	    .kinds = DQ_KIND_BIT(DQ_KIND_FEATURES),
	    .absorbs = true,
	    .each = each,
	    .end = end,
	};
	char *name = name_of(train->model_path);
	enum dq_exit code;

	check(train);
	if (!train->name)
		train->name = name;
	train->options.seed = (uint64_t)train->boost.seed;
	train->table.wanted = wanted;
	train->table.context = train;
	dq_file_records(train->labels_path, 0, take_label, &train->labels);
	code = dq_tool_run(tool, &filter);
	dq_labels_release(&train->labels);
	dq_table_release(&train->table);
	free(name);
	return code;
}

/* To be freed. */
static struct dq_opt *
option_table(struct train *t)
{
	const struct dq_opt rows[] = {
	    {0, "labels", "PATH", DQ_OPT_TEXT, &t->labels_path,
		.help = "what happened: records of event_type label"},
	    {0, "model", "PATH", DQ_OPT_TEXT, &t->model_path,
		.help = "write the model there and its card beside it"},
	    {0, "name", "TEXT", DQ_OPT_TEXT, &t->name,
		.help = "of the model (its file's)"},
	    {0, "model-version", "TEXT", DQ_OPT_TEXT, &t->version,
		.help = "of the model (1)"},
	    {0, "owner", "TEXT", DQ_OPT_TEXT, &t->owner,
		.help = "for the card: who answers for the model"},
	    {0, "data", "TEXT", DQ_OPT_TEXT, &t->data,
		.help = "for the card: where the records come from"},
	    {0, "limits", "TEXT", DQ_OPT_TEXT, &t->limits,
		.help = "for the card: what the model is not for"},
	    {0, "test", "PATH", DQ_OPT_TEXT, &t->test_path,
		.help = "features of customers kept away, to measure it on"},
	    {0, "test-labels", "PATH", DQ_OPT_TEXT, &t->test_labels_path,
		.help = "labels of --test"},
	    {0, "folds", "K", DQ_OPT_INT, &t->folds,
		.help = "cross-validate over K folds of customers (none)"},
	    {0, "shuffles", "N", DQ_OPT_INT, &t->shuffles,
		.help = "cross-validate N times with other folds (1)"},
	    {0, "out-of-fold", "PATH", DQ_OPT_TEXT, &t->out_of_fold_path,
		.help = "write the first shuffle's predictions there"},
	    {0, "money-features", NULL, DQ_OPT_FLAG, &t->money,
		.help = "use figures in the account's currency too"},
	    {0, "exclude", "NAME,...", DQ_OPT_TEXT, &t->exclude,
		.help = "features to leave out"},
	    {0, "monotone", NULL, DQ_OPT_FLAG, &t->monotone,
		.help = "the score follows the catalogue's signs"},
	    {0, "trees", "N", DQ_OPT_INT, &t->boost.trees,
		.help = "boosting rounds (200)"},
	    {0, "parallel", "N", DQ_OPT_INT, &t->boost.parallel,
		.help = "trees grown side by side in each round (1)"},
	    {0, "depth", "N", DQ_OPT_INT, &t->boost.depth,
		.help = "of a tree, at most (4)"},
	    {0, "rate", "X", DQ_OPT_REAL, &t->boost.rate,
		.help = "how much each round counts (0.05)"},
	    {0, "rows", "X", DQ_OPT_REAL, &t->boost.rows,
		.help = "share of rows that a tree sees (1)"},
	    {0, "columns", "X", DQ_OPT_REAL, &t->boost.columns,
		.help = "share of features that a tree sees (1)"},
	    {0, "min-child-weight", "X", DQ_OPT_REAL,
		&t->boost.min_child_weight,
		.help = "least weight of rows in a leaf (1)"},
	    {0, "lambda", "X", DQ_OPT_REAL, &t->boost.lambda,
		.help = "how much leaves are held towards 0 (1)"},
	    {0, "seed", "N", DQ_OPT_INT, &t->boost.seed,
		.help = "of folds, draws and bootstrap (1)"},
	    {0, "bootstrap", "N", DQ_OPT_INT, &t->options.replicates,
		.help = "replicates behind an interval; 0: none (1000)"},
	    {.name = NULL},
	};

	return memcpy(dq_malloc(sizeof(rows)), rows, sizeof(rows));
}

int
main(int argc, char **argv)
{
	struct train t = {.version = "1",
	    .owner = "not stated",
	    .data = "not stated",
	    .shuffles = 1,
	    .boost = {200, 1, 4, 0.05, 1, 1, 1, 1, NULL, 1},
	    .options = {.replicates = 1000, .share = 0.1}};
	struct dq_tool tool = {.name = "dq-train",
	    .usage = "--labels PATH [--model PATH] [--folds K] [OPTIONS]",
	    .summary = "Makes a model from features and labels.",
	    .options = option_table(&t),
	    .reads = DQ_KIND_BIT(DQ_KIND_FEATURES)};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-train -h");
	code = run(&tool, &t);
	free(tool.options);
	return code;
}
