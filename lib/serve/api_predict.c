/* Scores on request: of a customer as of now, of figures or transactions that
 * come with the request, of many customers. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "features/catalogue.h"
#include "serve/api_parts.h"

#include <stdlib.h>

/* A time asked for; DQ_TIME_NONE: now. False after dq_request_fail. */
static bool
time_asked(struct dq_request *request, struct yyjson_val *body, int64_t *time)
{
	struct yyjson_val *value = dq_json_get(body, "observation_date");

	*time = DQ_TIME_NONE;
	if (!value || yyjson_is_null(value))
		return true;
	if (yyjson_is_str(value) && dq_time_parse(dq_json_text(value), time))
		return true;
	dq_request_fail(request, 400, "bad_request",
	    "observation_date must be a date or a time, as 2026-01-05.");
	return false;
}

/* What is said of a customer that no score can be given for. */
static const char *
why_not(enum dq_known known)
{
	return known == DQ_UNKNOWN
		   ? "No transaction or payment of a customer with this id is "
		     "known."
		   : "The observation date is before the customer's latest "
		     "record, and no score of that day is kept: GET "
		     "/customer/ID/history?days=400 has the days that can be "
		     "asked for; dq-features --emit at answers for any.";
}

/* The score that a customer had at the end of that day, as it was kept; false
 * when none was. */
static bool
put_kept(struct dq_serve *serve, struct dq_slice id, int64_t time,
    struct dq_buf *out)
{
	uint32_t number = dq_book_find(&serve->book, id);
	int32_t day = (int32_t)dq_day_of(time);
	struct dq_score days[DQ_SCORE_DAYS];
	size_t n = 0;

	if (number != DQ_MAP_NONE)
		n = dq_scores_read(&serve->book.customers[number].scores, days);
	while (n && days[n - 1].day != day)
		n--;
	if (!n)
		return false;
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", id);
	dq_buf_member_real(out, "risk_score", days[n - 1].score);
	dq_buf_member_str(out, "risk_level",
	    dq_level_names[dq_level_of(
		&serve->desk.scoring.form, days[n - 1].score)]);
	dq_buf_str(out, ",\"top_features\":[]");
	dq_buf_member_time(out, "timestamp", day * DQ_DAY);
	dq_buf_str(out,
	    ",\"explanation\":{\"explanation_text\":\"The last score of that "
	    "day; its reasons were not kept.\",\"top_drivers\":[]}}");
	return true;
}

static void
predict_customer(struct dq_serve *serve, struct dq_request *request,
    struct dq_slice id, int64_t time)
{
	struct dq_slice line;
	enum dq_known known = dq_desk_predict(&serve->desk, id, time, &line);

	if (known == DQ_KNOWN) {
		const struct dq_record *made = dq_serve_parse(serve, line);

		dq_part_answer(made, request->out);
		dq_buf_byte(request->out, '\n');
		if (time == DQ_TIME_NONE && !dq_serve_requested(serve, made))
			dq_serve_full(request);
	} else if (known == DQ_FORGOTTEN &&
		   put_kept(serve, id, time, request->out))
		dq_buf_byte(request->out, '\n');
	else
		dq_request_fail(request, known == DQ_UNKNOWN ? 404 : 422,
		    known == DQ_UNKNOWN ? "unknown_customer" : "too_early",
		    "%s", why_not(known));
}

/* Figures that came with the request, as the features record they would be
 * in. Names that the catalogue does not have are refused. */
static bool
features_record(struct dq_request *request, struct yyjson_val *features,
    struct dq_slice id, struct dq_buf *line)
{
	struct dq_json_iter iter = dq_json_iter(features);

	dq_buf_str(line, "{\"event_type\":\"features\",\"event_time\":\"");
	dq_buf_time(line, dq_clock_wall());
	dq_buf_str(line, "\",\"customer_id\":");
	dq_buf_json_text(line, id.len ? id : DQ_SLICE("request"));
	dq_buf_str(line, ",\"trigger\":\"request\",\"features\":{");
	while (dq_json_next(&iter)) {
		size_t row = 0;

		while (row < dq_catalogue_count &&
		       !dq_slice_is(iter.key, dq_catalogue[row].name))
			row++;
		if (row == dq_catalogue_count ||
		    !(yyjson_is_raw(iter.value) ||
			yyjson_is_null(iter.value))) {
			dq_request_fail(request, 400, "bad_feature",
			    "Each of features must be a name of the catalogue "
			    "with a number or null.");
			return false;
		}
		dq_buf_comma(line);
		dq_buf_json_text(line, iter.key);
		dq_buf_byte(line, ':');
		dq_buf_json_value(line, iter.value);
	}
	dq_buf_str(line, "}}");
	return true;
}

static void
predict_features(struct dq_serve *serve, struct dq_request *request,
    struct yyjson_val *features, struct dq_slice id)
{
	struct dq_buf line = {0};
	struct dq_slice prediction;
	struct dq_err err;

	if (features_record(request, features, id, &line)) {
		if (dq_desk_score(
			&serve->desk, dq_buf_view(&line), &prediction, &err)) {
			dq_part_answer(
			    dq_serve_parse(serve, prediction), request->out);
			dq_buf_byte(request->out, '\n');
		} else
			dq_request_fail(request, 400, "bad_feature",
			    "The features cannot be scored: %s.", err.text);
	}
	dq_buf_release(&line);
}

/* One record of a request that brings its own, into features of its own. */
static bool
feed_one(struct dq_features *features, struct dq_reader *reader,
    struct yyjson_val *value, const char *kind, struct dq_slice id,
    struct dq_err *err)
{
	const struct dq_place place = {.source = "request", .partition = -1};
	struct dq_json_iter iter = dq_json_iter(value);
	struct dq_buf line = {0};
	struct dq_out ignored = {0};
	const struct dq_record *record;
	bool good;

	dq_buf_printf(&line, "{\"event_type\":\"%s\",\"customer_id\":", kind);
	dq_buf_json_text(&line, id);
	while (dq_json_next(&iter)) {
		if (dq_slice_is(iter.key, "event_type") ||
		    dq_slice_is(iter.key, "customer_id"))
			continue;
		dq_buf_byte(&line, ',');
		dq_buf_json_text(&line, iter.key);
		dq_buf_byte(&line, ':');
		dq_buf_json_value(&line, iter.value);
	}
	dq_buf_byte(&line, '}');
	record = dq_reader_parse(
	    reader, dq_buf_view(&line), &place, UINT32_MAX, 2, err);
	good = record && dq_features_record(features, record, &ignored, err);
	dq_buf_release(&line);
	dq_buf_release(&ignored.buf);
	return good;
}

/* All that a request brings; false with err set. */
static bool
feed_all(struct dq_features *features, struct yyjson_val *body,
    struct dq_slice id, struct dq_err *err)
{
	struct dq_reader *reader = dq_reader_new();
	struct yyjson_val *profile = dq_json_get(body, "customer");
	struct dq_json_iter iter =
	    dq_json_iter(dq_json_get(body, "transactions"));
	bool good = dq_selection_init(&features->selection, NULL, err) &&
		    (!profile || feed_one(features, reader, profile, "customer",
				     id, err));

	while (good && dq_json_next(&iter))
		good = feed_one(
		    features, reader, iter.value, "transaction", id, err);
	dq_reader_free(reader);
	return good;
}

static void
predict_transactions(struct dq_serve *serve, struct dq_request *request,
    struct yyjson_val *body, int64_t time)
{
	struct dq_slice id = dq_json_text(dq_json_get(body, "customer_id"));
	struct dq_features features;
	struct dq_out out = {0};
	struct dq_slice line;
	struct dq_err err;

	id = id.len ? id : DQ_SLICE("request");
	dq_features_init(&features);
	features.emit = DQ_EMIT_AT; /* never by itself */
	if (!feed_all(&features, body, id, &err))
		dq_request_fail(request, 400, "bad_record",
		    "A record of the request is faulty: %s.", err.text);
	else if (dq_features_now(&features, id, time, "request", &out) !=
		 DQ_KNOWN)
		dq_request_fail(request, 422, "too_early",
		    "There is no transaction, or one is later than the "
		    "observation date.");
	else if (dq_desk_score(&serve->desk,
		     (struct dq_slice){out.buf.data, out.buf.len - 1}, &line,
		     &err)) {
		dq_part_answer(dq_serve_parse(serve, line), request->out);
		dq_buf_byte(request->out, '\n');
	} else
		dq_request_fail(request, 400, "bad_record",
		    "The transactions cannot be scored: %s.", err.text);
	dq_features_release(&features);
	dq_buf_release(&out.buf);
}

static void
post_predict(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct yyjson_val *body = dq_request_json(request);
	struct yyjson_val *id = dq_json_get(body, "customer_id");
	struct yyjson_val *features = dq_json_get(body, "features");
	struct yyjson_val *transactions = dq_json_get(body, "transactions");
	int64_t time;

	if (!body || !time_asked(request, body, &time))
		return;
	if (id && !yyjson_is_str(id))
		dq_request_fail(
		    request, 400, "bad_request", "customer_id must be a text.");
	else if (yyjson_is_obj(features))
		predict_features(serve, request, features, dq_json_text(id));
	else if (yyjson_is_arr(transactions))
		predict_transactions(serve, request, body, time);
	else if (dq_json_text(id).len)
		predict_customer(serve, request, dq_json_text(id), time);
	else
		dq_request_fail(request, 400, "bad_request",
		    "The body must have customer_id, features or "
		    "transactions.");
}

#define BATCH_LIMIT 100000

struct batch {
	struct dq_json_iter ids;
	int64_t time;
};

static void
put_missing(struct dq_slice id, enum dq_known known, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", id);
	dq_buf_key(out, "error");
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "code",
	    known == DQ_UNKNOWN ? "unknown_customer" : "too_early");
	dq_buf_member_str(out, "message", why_not(known));
	dq_buf_str(out, "}}");
}

/* One customer. */
static enum dq_work
batch_on(void *context, struct dq_request *request, void *state)
{
	struct dq_serve *serve = context;
	struct batch *batch = state;
	const struct dq_record *made = NULL;
	struct dq_slice line, id;
	enum dq_known known;

	if (!dq_json_next(&batch->ids)) {
		dq_buf_str(request->out, "]\n");
		return DQ_WORK_DONE;
	}
	id = dq_json_text(batch->ids.value);
	known = dq_desk_predict(&serve->desk, id, batch->time, &line);
	dq_buf_comma(request->out);
	if (known == DQ_KNOWN)
		made = dq_serve_parse(serve, line);
	if (!made) {
		if (known != DQ_FORGOTTEN ||
		    !put_kept(serve, id, batch->time, request->out))
			put_missing(id, known, request->out);
	} else if (batch->time != DQ_TIME_NONE ||
		   dq_serve_requested(serve, made))
		dq_part_answer(made, request->out);
	else {
		dq_serve_full(request);
		return DQ_WORK_DONE;
	}
	return DQ_WORK_MORE;
}

static bool
are_ids(struct yyjson_val *ids)
{
	struct dq_json_iter iter = dq_json_iter(ids);

	if (!yyjson_is_arr(ids) || dq_json_size(ids) > BATCH_LIMIT)
		return false;
	while (dq_json_next(&iter))
		if (!yyjson_is_str(iter.value))
			return false;
	return true;
}

static void
post_batch(void *context, struct dq_request *request)
{
	struct yyjson_val *body = dq_request_json(request);
	struct yyjson_val *ids = dq_json_get(body, "customer_ids");
	struct batch *batch;
	int64_t time;

	(void)context;
	if (!body || !time_asked(request, body, &time))
		return;
	if (!are_ids(ids)) {
		dq_request_fail(request, 400, "bad_request",
		    "customer_ids must be an array of texts, %d at most.",
		    BATCH_LIMIT);
		return;
	}
	batch = dq_malloc(sizeof(*batch));
	*batch = (struct batch){.ids = dq_json_iter(ids), .time = time};
	dq_buf_byte(request->out, '[');
	dq_request_work(request, batch_on, free, batch);
}

const struct dq_endpoint dq_api_predict[] = {
    {"POST", "/predict", DQ_ROLE_READ, post_predict},
    {"POST", "/batch_predict", DQ_ROLE_READ, post_batch},
    {.path = NULL},
};
