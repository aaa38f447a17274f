#include "serve/desk.h"

#include "base/mem.h"
#include "base/time.h"
#include "run/files.h"

#include <stdlib.h>

#define POLICY_LIMIT (1u << 20)

static const struct dq_place made_here = {
    .source = "made here", .partition = -1};

static bool
read_policy(const struct dq_desk_options *options, struct dq_policy **policy,
    struct dq_err *err)
{
	char *path = options->policy ? dq_strdup(options->policy)
				     : dq_file_share("policies/default.json");
	struct dq_buf text = {0};
	bool good = dq_file_load(path, POLICY_LIMIT, &text, err);

	*policy = good ? dq_policy_new(dq_buf_view(&text), err) : NULL;
	if (*policy && !options->allow_unapproved &&
	    !dq_policy_approved(*policy, dq_clock_wall(), err)) {
		dq_policy_free(*policy);
		*policy = NULL;
	}
	dq_buf_release(&text);
	free(path);
	return *policy;
}

static bool
read_scoring(const struct dq_desk_options *options, struct dq_scoring *scoring,
    struct dq_err *err)
{
	struct dq_scoring_files files = {0};
	size_t missing = 0;
	bool good = dq_scoring_files_read(&options->paths, &files, err) &&
		    dq_scoring_make(scoring, &options->paths, &files, false,
			&options->form, &missing, err);

	dq_scoring_files_release(&files);
	return good;
}

bool
dq_desk_read(const struct dq_desk_options *options, struct dq_desk_files *files,
    struct dq_err *err)
{
	if (!read_policy(options, &files->policy, err))
		return false;
	if (read_scoring(options, &files->scoring, err))
		return true;
	dq_policy_free(files->policy);
	return false;
}

void
dq_desk_files_release(struct dq_desk_files *files)
{
	dq_policy_free(files->policy);
	dq_scoring_release(&files->scoring);
}

bool
dq_desk_open(struct dq_desk *desk, const struct dq_desk_options *options,
    struct dq_err *err)
{
	struct dq_desk_files files;

	if (!dq_desk_read(options, &files, err))
		return false;
	desk->options = options;
	desk->policy = files.policy;
	desk->scoring = files.scoring;
	desk->engine = dq_engine_new(desk->policy);
	dq_features_init(&desk->features);
	if (!options->scores)
		desk->features.emit = DQ_EMIT_AT; /* never */
	if (!dq_selection_init(&desk->features.selection, NULL, err))
		return false;
	desk->readers[0] = dq_reader_new();
	desk->readers[1] = dq_reader_new();
	return true;
}

void
dq_desk_close(struct dq_desk *desk)
{
	dq_engine_free(desk->engine);
	dq_policy_free(desk->policy);
	dq_scoring_release(&desk->scoring);
	dq_features_release(&desk->features);
	dq_reader_free(desk->readers[0]);
	dq_reader_free(desk->readers[1]);
	dq_buf_release(&desk->features_out.buf);
	dq_buf_release(&desk->predictions_out.buf);
	dq_buf_release(&desk->decisions_out.buf);
}

/* All that the engine knows goes over to one of this policy, where it is
 * another; consumes it. */
static bool
move_engine(struct dq_desk *desk, struct dq_policy *policy, struct dq_err *err)
{
	struct dq_engine *fresh;
	struct dq_buf key = {0}, value = {0};
	size_t rows = dq_engine_rows(desk->engine);
	bool good = true;

	if (!strcmp(policy->sha256, desk->policy->sha256)) {
		dq_policy_free(policy);
		return true;
	}
	fresh = dq_engine_new(policy);
	for (size_t i = 0; good && i < rows; i++) {
		key.len = value.len = 0;
		dq_engine_save(desk->engine, i, &key, &value);
		good = dq_engine_load(
		    fresh, dq_buf_view(&key), dq_buf_view(&value), err);
	}
	dq_buf_release(&key);
	dq_buf_release(&value);
	if (!good) {
		dq_engine_free(fresh);
		return false;
	}
	dq_engine_free(desk->engine);
	dq_policy_free(desk->policy);
	desk->engine = fresh;
	desk->policy = policy;
	return true;
}

bool
dq_desk_take(
    struct dq_desk *desk, struct dq_desk_files *files, struct dq_err *err)
{
	if (!move_engine(desk, files->policy, err)) {
		dq_desk_files_release(files);
		return false;
	}
	dq_scoring_release(&desk->scoring);
	desk->scoring = files->scoring;
	return true;
}

/* Tells of the lines in `out`, and empties it. */
static void
tell(struct dq_desk *desk, struct dq_out *out)
{
	struct dq_slice rest = dq_buf_view(&out->buf);
	const char *end;

	while (rest.len && (end = memchr(rest.data, '\n', rest.len))) {
		struct dq_slice line = {rest.data, (size_t)(end - rest.data)};
		const struct dq_record *record;
		struct dq_err err;

		record = dq_reader_parse(
		    desk->readers[1], line, &made_here, UINT32_MAX, 2, &err);
		if (record)
			desk->made(desk->context, record);
		else
			dq_die(DQ_EXIT_BROKEN, "made here", "%s", err.text);
		rest.data += line.len + 1;
		rest.len -= line.len + 1;
	}
	out->buf.len = 0;
}

/* One features record to its prediction, in predictions_out. */
static bool
score(struct dq_desk *desk, struct dq_slice features, struct dq_err *err)
{
	const struct dq_record *record = dq_reader_parse(desk->readers[0],
	    features, &made_here, DQ_KIND_BIT(DQ_KIND_FEATURES), 2, err);

	desk->predictions_out.buf.len = 0;
	if (!record)
		return false;
	if (record->kind != DQ_KIND_FEATURES)
		return dq_err_set(err, "is no features record");
	if (!dq_scoring_add(&desk->scoring, record, err))
		return false;
	dq_scoring_write(&desk->scoring, &desk->predictions_out);
	return true;
}

bool
dq_desk_decide(
    struct dq_desk *desk, struct dq_slice prediction, struct dq_err *err)
{
	const struct dq_record *record = dq_reader_parse(desk->readers[0],
	    prediction, &made_here, DQ_KIND_BIT(DQ_KIND_PREDICTION), 2, err);

	if (!record ||
	    !dq_engine_predict(desk->engine, record, &desk->decisions_out, err))
		return false;
	tell(desk, &desk->decisions_out);
	return true;
}

static struct dq_slice
prediction_line(const struct dq_desk *desk)
{
	struct dq_slice line = dq_buf_view(&desk->predictions_out.buf);

	line.len -= line.len > 0;
	return line;
}

/* The features records in features_out, through the rest of the pipeline. */
static bool
follow(struct dq_desk *desk, struct dq_err *err)
{
	struct dq_slice rest = dq_buf_view(&desk->features_out.buf);
	struct dq_buf line = {0};
	const char *end;
	bool good = true;

	while (good && rest.len && (end = memchr(rest.data, '\n', rest.len))) {
		size_t n = (size_t)(end - rest.data);

		good = score(desk, (struct dq_slice){rest.data, n}, err);
		line.len = 0;
		if (good)
			dq_buf_slice(&line, prediction_line(desk));
		tell(desk, &desk->predictions_out);
		if (good && desk->options->decides)
			good = dq_desk_decide(desk, dq_buf_view(&line), err);
		rest.data += n + 1;
		rest.len -= n + 1;
	}
	desk->features_out.buf.len = 0;
	dq_buf_release(&line);
	return good;
}

static bool
tick(struct dq_desk *desk, const struct dq_record *record, struct dq_err *err)
{
	int32_t partition = record->place.partition;
	bool good;

	if (desk->options->scores)
		dq_features_tick(&desk->features, record->time, partition,
		    &desk->features_out);
	good = follow(desk, err);
	if (desk->options->decides) {
		dq_engine_advance(desk->engine, partition, record->time,
		    &desk->decisions_out);
		tell(desk, &desk->decisions_out);
	}
	return good;
}

bool
dq_desk_record(
    struct dq_desk *desk, const struct dq_record *record, struct dq_err *err)
{
	switch (record->kind) {
	case DQ_KIND_TICK:
		return tick(desk, record, err);
	case DQ_KIND_FEATURES:
		dq_buf_slice(&desk->features_out.buf, record->line);
		dq_buf_byte(&desk->features_out.buf, '\n');
		return follow(desk, err);
	default:
		break;
	}
	if (!dq_features_record(
		&desk->features, record, &desk->features_out, err))
		return false;
	if (record->kind == DQ_KIND_CUSTOMER)
		dq_engine_profile(desk->engine, record);
	if (!desk->options->scores)
		desk->features_out.buf.len = 0;
	return follow(desk, err);
}

bool
dq_desk_pending(const struct dq_desk *desk, struct dq_slice id)
{
	return dq_engine_pending(desk->engine, id);
}

bool
dq_desk_review(
    struct dq_desk *desk, const struct dq_record *review, struct dq_err *err)
{
	if (!dq_engine_review(desk->engine, review, &desk->decisions_out, err))
		return false;
	tell(desk, &desk->decisions_out);
	return true;
}

bool
dq_desk_score(struct dq_desk *desk, struct dq_slice features,
    struct dq_slice *line, struct dq_err *err)
{
	if (!score(desk, features, err))
		return false;
	*line = prediction_line(desk);
	return true;
}

enum dq_known
dq_desk_predict(struct dq_desk *desk, struct dq_slice id, int64_t time,
    struct dq_slice *line)
{
	struct dq_out *out = &desk->features_out;
	struct dq_err err;
	enum dq_known known =
	    dq_features_now(&desk->features, id, time, "request", out);

	if (known != DQ_KNOWN)
		return known;
	if (!score(
		desk, (struct dq_slice){out->buf.data, out->buf.len - 1}, &err))
		dq_die(DQ_EXIT_BROKEN, "made here", "%s", err.text);
	out->buf.len = 0;
	*line = prediction_line(desk);
	return DQ_KNOWN;
}

bool
dq_desk_features(
    struct dq_desk *desk, struct dq_slice id, struct dq_slice *json)
{
	struct dq_out *out = &desk->features_out;
	const struct dq_record *record;
	struct dq_err err;

	if (dq_features_now(
		&desk->features, id, DQ_TIME_NONE, "request", out) != DQ_KNOWN)
		return false;
	record = dq_reader_parse(desk->readers[0],
	    (struct dq_slice){out->buf.data, out->buf.len - 1}, &made_here,
	    DQ_KIND_BIT(DQ_KIND_FEATURES), 2, &err);
	out->buf.len = 0;
	if (record)
		*json = dq_record_raw(record, DQ_FEATURES);
	return record;
}
