#include "serve/windows.h"

#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>

static void
send(struct dq_serve *serve, const char *type, const struct dq_record *record,
    const struct dq_book_change *change)
{
	struct dq_slice level = dq_record_text(record, DQ_RISK_LEVEL);
	struct dq_buf json = {0};

	dq_buf_byte(&json, '{');
	dq_buf_member_str(&json, "type", type);
	dq_buf_member_text(&json, "customer_id", record->customer_id);
	dq_buf_member_real(
	    &json, "risk_score", dq_record_real(record, DQ_RISK_SCORE));
	dq_buf_member_text(&json, "risk_level", level);
	dq_buf_member_time(&json, "event_time", record->time);
	dq_buf_member_text(
	    &json, "top_reason", dq_book_top_reason(record, "reason"));
	if (change->first)
		dq_buf_member_null(&json, "previous_level");
	else
		dq_buf_member_str(
		    &json, "previous_level", dq_level_names[change->before]);
	dq_buf_byte(&json, '}');
	dq_live_send(serve->http, &(struct dq_frame){.type = type,
				      .level = dq_level_names[change->now],
				      .customer_id = record->customer_id,
				      .json = dq_buf_view(&json)});
	dq_buf_release(&json);
}

void
dq_serve_send(struct dq_serve *serve, const char *type,
    struct dq_slice customer_id, struct dq_slice record)
{
	const char *brace = memchr(record.data, '{', record.len);
	size_t before = (size_t)(brace + 1 - record.data);
	struct dq_buf json = {0};

	if (!dq_live_clients(serve->http))
		return;
	dq_buf_printf(&json, "{\"type\":\"%s\",", type);
	dq_buf_add(&json, brace + 1, record.len - before);
	dq_live_send(serve->http, &(struct dq_frame){.type = type,
				      .customer_id = customer_id,
				      .json = dq_buf_view(&json)});
	dq_buf_release(&json);
}

static void
take_prediction(struct dq_serve *serve, const struct dq_record *record)
{
	struct dq_book_change change = dq_book_prediction(&serve->book, record);

	if (!change.taken || !dq_live_clients(serve->http))
		return;
	send(serve, "prediction", record, &change);
	if (change.alert)
		send(serve, "alert", record, &change);
}

/* What a pipeline makes, this one or another. */
static void
take_made(void *context, const struct dq_record *record)
{
	struct dq_serve *serve = context;

	if (DQ_ROLLUP_KINDS & DQ_KIND_BIT(record->kind))
		dq_windows_record(serve, record);
	switch (record->kind) {
	case DQ_KIND_PREDICTION:
		take_prediction(serve, record);
		break;
	case DQ_KIND_INTERVENTION:
		if (dq_book_decide(&serve->book, record))
			dq_serve_send(serve, "intervention",
			    record->customer_id, record->line);
		break;
	case DQ_KIND_OUTCOME:
		dq_book_outcome(&serve->book, record);
		dq_serve_send(
		    serve, "outcome", record->customer_id, record->line);
		break;
	default:
		break;
	}
}

/* A review comes at least once: that nothing is pending any more is no fault.
 */
static void
take_review(struct dq_serve *serve, const struct dq_record *record)
{
	struct dq_err unknown;

	dq_windows_record(serve, record);
	if (serve->desk_options.decides)
		dq_desk_review(&serve->desk, record, &unknown);
	dq_book_review(&serve->book, record);
}

bool
dq_serve_take(
    struct dq_serve *serve, const struct dq_record *record, struct dq_err *err)
{
	bool good;

	switch (record->kind) {
	case DQ_KIND_CUSTOMER:
		dq_book_profile(&serve->book, record);
		return dq_desk_record(&serve->desk, record, err);
	case DQ_KIND_TRANSACTION:
	case DQ_KIND_PAYMENT:
	case DQ_KIND_FEATURES:
		return dq_desk_record(&serve->desk, record, err);
	case DQ_KIND_TICK:
		good = dq_desk_record(&serve->desk, record, err);
		dq_windows_tick(serve, record);
		return good;
	case DQ_KIND_REVIEW:
		take_review(serve, record);
		return true;
	default:
		take_made(serve, record);
		return true;
	}
}

const struct dq_record *
dq_serve_parse(struct dq_serve *serve, struct dq_slice line)
{
	const struct dq_place place = {.source = "made here", .partition = -1};
	struct dq_err err;
	const struct dq_record *record =
	    dq_reader_parse(serve->reader, line, &place, UINT32_MAX, 2, &err);

	if (!record)
		dq_die(DQ_EXIT_BROKEN, "made here", "%s", err.text);
	return record;
}

/* What this server's own pipeline makes: others want to know it, too. */
static void
take_own(void *context, const struct dq_record *record)
{
	struct dq_serve *serve = context;

	if (record->kind == DQ_KIND_PREDICTION ||
	    record->kind == DQ_KIND_INTERVENTION ||
	    record->kind == DQ_KIND_OUTCOME)
		dq_publisher_put(serve->publisher, record->kind,
		    record->customer_id, record->line, true);
	take_made(serve, record);
}

void
dq_serve_full(struct dq_request *request)
{
	dq_request_fail(request, 503, "spool_full",
	    "Kafka is away and the spool is full; try again later.");
}

bool
dq_serve_ready(struct dq_serve *serve, struct dq_request *request)
{
	if (dq_publisher_ready(serve->publisher))
		return true;
	dq_serve_full(request);
	return false;
}

bool
dq_serve_requested(struct dq_serve *serve, const struct dq_record *prediction)
{
	if (!dq_publisher_put(serve->publisher, prediction->kind,
		prediction->customer_id, prediction->line, false))
		return false;
	take_made(serve, prediction);
	return true;
}

bool
dq_serve_review(
    struct dq_serve *serve, struct dq_slice review, struct dq_err *err)
{
	const struct dq_record *record = dq_serve_parse(serve, review);

	if (serve->desk_options.decides &&
	    !dq_desk_review(&serve->desk, record, err))
		return false;
	dq_publisher_put(serve->publisher, record->kind, record->customer_id,
	    record->line, true);
	dq_windows_record(serve, record);
	dq_book_review(&serve->book, record);
	return true;
}

bool
dq_serve_equip(struct dq_serve *serve, struct dq_err *err)
{
	dq_book_init(&serve->book, serve->keep);
	dq_windows_open(serve);
	serve->desk.made = take_own;
	serve->desk.context = serve;
	return dq_desk_open(&serve->desk, &serve->desk_options, err);
}

void
dq_serve_hello(void *context, struct dq_buf *json)
{
	dq_buf_str(json, "{\"type\":\"hello\"");
	dq_serve_stats(context, json);
	dq_buf_byte(json, '}');
}

void
dq_serve_tell(void *context)
{
	struct dq_serve *serve = context;
	struct dq_buf json = {0};

	if (serve->told == serve->book.version || !dq_live_clients(serve->http))
		return;
	serve->told = serve->book.version;
	dq_buf_str(&json, "{\"type\":\"stats\"");
	dq_serve_stats(serve, &json);
	dq_buf_byte(&json, '}');
	dq_live_send(serve->http,
	    &(struct dq_frame){.type = "stats", .json = dq_buf_view(&json)});
	dq_buf_release(&json);
}
