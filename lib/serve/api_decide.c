/* What people decide: a contact now, a review of a decision, who looks after
 * whom; and what stands behind it all. */
#include "base/num.h"
#include "base/time.h"
#include "serve/serve.h"

#include <stdlib.h>

#define TEXT_LIMIT 2000 /* bytes of a reason or a note */
#define NAME_LIMIT 200

/* A text of the body; false after dq_request_fail. */
static bool
text_asked(struct dq_request *request, struct yyjson_val *body, const char *key,
    size_t limit, bool needed, struct dq_slice *text)
{
	struct yyjson_val *value = dq_json_get(body, key);

	*text = dq_json_text(value);
	if ((!value || yyjson_is_null(value)) && !needed)
		return true;
	if (yyjson_is_str(value) && text->len > 0 && text->len <= limit)
		return true;
	dq_request_fail(request, 400, "bad_request",
	    "%s must be a text of 1 to %zu bytes.", key, limit);
	return false;
}

/* Who asks: whose token it is, else whom the body names. */
static bool
by_asked(
    struct dq_request *request, struct yyjson_val *body, struct dq_slice *by)
{
	if (request->who.len) {
		*by = request->who;
		return true;
	}
	return text_asked(request, body, "by", NAME_LIMIT, true, by);
}

/* A server of its own pipeline lives in its records' time, one beside live
 * topics in ours. */
static int64_t
now(const struct dq_serve *serve)
{
	if (serve->desk_options.decides && serve->event_time != DQ_TIME_NONE)
		return serve->event_time;
	return dq_clock_wall();
}

static void
post_intervention(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct yyjson_val *body = dq_request_json(request);
	struct dq_slice id, line;
	struct dq_buf prediction = {0};
	uint32_t before, customer;
	struct dq_err err;

	if (!body ||
	    !text_asked(
		request, body, "customer_id", DQ_LINE_LIMIT, true, &id) ||
	    !dq_serve_ready(serve, request))
		return;
	if (!serve->desk_options.decides) {
		dq_request_fail(request, 409, "decided_elsewhere",
		    "Decisions are made by dq-intervene, whose topic this "
		    "server reads.");
		return;
	}
	if (dq_desk_predict(&serve->desk, id, DQ_TIME_NONE, &line) !=
	    DQ_KNOWN) {
		dq_request_fail(request, 404, "unknown_customer",
		    "No transaction or payment of a customer with this id is "
		    "known.");
		return;
	}
	dq_buf_slice(&prediction, line);
	if (!dq_serve_requested(serve, dq_serve_parse(serve, line))) {
		dq_serve_full(request);
		dq_buf_release(&prediction);
		return;
	}
	customer = dq_book_find(&serve->book, id);
	before = serve->book.customers[customer].decision;
	if (!dq_desk_decide(&serve->desk, dq_buf_view(&prediction), &err))
		dq_request_fail(request, 422, "not_decided",
		    "The policy cannot decide: %s.", err.text);
	else if (serve->book.customers[customer].decision == before)
		dq_buf_str(request->out, "{\"intervention\":null}\n");
	else {
		const struct dq_book_decision *made =
		    dq_decisions_get(&serve->book.decisions,
			serve->book.customers[customer].decision);

		dq_buf_str(request->out, "{\"intervention\":");
		dq_buf_add(request->out, made->line, made->length);
		dq_buf_str(request->out, "}\n");
	}
	dq_buf_release(&prediction);
}

struct opinion {
	struct dq_slice decision, by, reason;
	struct yyjson_val *after;
};

static bool
opinion_asked(struct dq_request *request, struct opinion *opinion)
{
	struct yyjson_val *body = dq_request_json(request);

	if (!body)
		return false;
	opinion->decision = dq_json_text(dq_json_get(body, "decision"));
	opinion->after = dq_json_get(body, "after");
	if (!dq_slice_is(opinion->decision, "approve") &&
	    !dq_slice_is(opinion->decision, "override")) {
		dq_request_fail(request, 400, "bad_request",
		    "decision must be approve or override.");
		return false;
	}
	return by_asked(request, body, &opinion->by) &&
	       text_asked(
		   request, body, "reason", TEXT_LIMIT, true, &opinion->reason);
}

static void
put_review(struct dq_serve *serve, struct dq_slice id, struct dq_slice customer,
    const struct opinion *opinion, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "event_type", "review");
	dq_buf_member_time(out, "event_time", now(serve));
	dq_buf_member_text(out, "intervention_id", id);
	dq_buf_member_text(out, "customer_id", customer);
	dq_buf_member_text(out, "decision", opinion->decision);
	dq_buf_member_text(out, "by", opinion->by);
	dq_buf_member_text(out, "reason", opinion->reason);
	if (opinion->after && !yyjson_is_null(opinion->after)) {
		dq_buf_key(out, "after");
		dq_buf_json_value(out, opinion->after);
	}
	dq_buf_byte(out, '}');
}

static void
review(struct dq_serve *serve, struct dq_request *request, struct dq_slice line)
{
	struct dq_err err;
	bool taken = dq_serve_review(serve, line, &err);

	if (!request)
		return;
	if (!taken) {
		dq_request_fail(request, 409, "not_pending",
		    "The review is not taken: %s.", err.text);
		return;
	}
	dq_buf_slice(request->out, line);
	dq_buf_byte(request->out, '\n');
}

/* As dq-cat would write it, so that it is there once whoever was first. */
static void
write_review(struct dq_serve *serve, struct dq_request *request,
    const struct opinion *opinion, struct dq_buf *line)
{
	static const char log[] =
	    "INSERT INTO action_audit_log (log_id, action_time, action_type, "
	    "performed_by, override_reason, details) "
	    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
	struct dq_buf id = {0}, time = {0};

	dq_buf_id(&id, dq_buf_view(line));
	dq_buf_time(&time, now(serve));
	dq_serve_written(serve, request, log, 6,
	    (const struct dq_slice[]){dq_buf_view(&id), dq_buf_view(&time),
		opinion->decision, opinion->by, opinion->reason,
		dq_buf_view(line)},
	    line, review);
	dq_buf_release(&id);
	dq_buf_release(&time);
}

static void
post_review(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_slice id = request->args[0];
	const struct dq_book_decision *decision =
	    dq_decisions_get(&serve->book.decisions,
		dq_decisions_find(&serve->book.decisions, id));
	struct opinion opinion;
	struct dq_buf line = {0};

	if (!decision) {
		dq_request_fail(request, 404, "unknown_intervention",
		    "No decision with this id is known.");
		return;
	}
	if (!opinion_asked(request, &opinion) ||
	    !dq_serve_ready(serve, request))
		return;
	if (serve->desk_options.decides && !dq_desk_pending(&serve->desk, id)) {
		dq_request_fail(request, 409, "not_pending",
		    "No review of this decision is pending.");
		return;
	}
	put_review(serve, id, dq_book_id(&serve->book, decision->customer),
	    &opinion, &line);
	write_review(serve, request, &opinion, &line);
}

/* All of them are known; false after dq_request_fail. */
static bool
all_known(
    struct dq_serve *serve, struct dq_request *request, struct yyjson_val *ids)
{
	struct dq_json_iter iter = dq_json_iter(ids);

	if (!yyjson_is_arr(ids) || !dq_json_size(ids)) {
		dq_request_fail(request, 400, "bad_request",
		    "customer_ids must be an array of texts.");
		return false;
	}
	while (dq_json_next(&iter))
		if (!yyjson_is_str(iter.value) ||
		    dq_book_find(&serve->book, dq_json_text(iter.value)) ==
			DQ_MAP_NONE) {
			dq_request_fail(request, 404, "unknown_customer",
			    "Nothing is known of one of these customers.");
			return false;
		}
	return true;
}

/* `assignments` is an array of them. */
static void
assign(struct dq_serve *serve, struct dq_request *request,
    struct dq_slice assignments)
{
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(assignments, &err);
	struct dq_json_iter iter = dq_json_iter(yyjson_doc_get_root(doc));
	struct dq_buf json = {0};

	while (dq_json_next(&iter)) {
		json.len = 0;
		dq_buf_json_value(&json, iter.value);
		dq_book_assign(&serve->book,
		    dq_book_find(&serve->book,
			dq_json_text(dq_json_get(iter.value, "customer_id"))),
		    dq_buf_view(&json));
	}
	dq_buf_release(&json);
	yyjson_doc_free(doc);
	if (!request)
		return;
	dq_buf_str(request->out, "{\"assignments\":");
	dq_buf_slice(request->out, assignments);
	dq_buf_str(request->out, "}\n");
}

static void
post_assignments(void *context, struct dq_request *request)
{
	static const char add[] =
	    "INSERT INTO customer_assignments (customer_id, assigned_to, "
	    "assigned_by, assignment_date, notes, status) "
	    "SELECT a->>'customer_id', a->>'assigned_to', a->>'assigned_by', "
	    "(a->>'assignment_date')::timestamptz, a->>'notes', 'active' "
	    "FROM json_array_elements($1::json) a";
	struct dq_serve *serve = context;
	struct yyjson_val *body = dq_request_json(request);
	struct yyjson_val *ids = dq_json_get(body, "customer_ids");
	struct dq_json_iter iter = dq_json_iter(ids);
	struct dq_slice to, notes, by;
	struct dq_buf json = {0};

	if (!body ||
	    !text_asked(request, body, "assigned_to", NAME_LIMIT, true, &to) ||
	    !text_asked(request, body, "notes", TEXT_LIMIT, false, &notes) ||
	    !by_asked(request, body, &by) || !all_known(serve, request, ids))
		return;
	dq_buf_byte(&json, '[');
	while (dq_json_next(&iter)) {
		dq_buf_comma(&json);
		dq_buf_byte(&json, '{');
		dq_buf_member_text(
		    &json, "customer_id", dq_json_text(iter.value));
		dq_buf_member_text(&json, "assigned_to", to);
		dq_buf_member_text(&json, "assigned_by", by);
		dq_buf_member_time(&json, "assignment_date", now(serve));
		if (notes.len)
			dq_buf_member_text(&json, "notes", notes);
		dq_buf_byte(&json, '}');
	}
	dq_buf_byte(&json, ']');
	dq_serve_written(serve, request, add, 1,
	    (const struct dq_slice[]){dq_buf_view(&json)}, &json, assign);
}

static void
get_pipeline(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	const struct dq_policy *policy = serve->desk.policy;
	struct dq_buf *out = request->out;

	dq_buf_byte(out, '{');
	dq_serve_sources(serve, out);
	dq_serve_kafka(serve, out);
	dq_buf_member_int(out, "rejected", serve->refused);
	dq_buf_key(out, "records");
	dq_buf_byte(out, '{');
	for (int k = 0; k < DQ_KIND_OTHER; k++)
		dq_buf_member_int(out, dq_kind_info((enum dq_kind)k)->name,
		    serve->records[k]);
	dq_buf_byte(out, '}');
	dq_buf_member_flag(out, "scores", serve->desk_options.scores);
	dq_buf_member_flag(out, "decides", serve->desk_options.decides);
	dq_buf_member_raw(
	    out, "model", dq_buf_view(&serve->desk.scoring.champion.json));
	dq_buf_key(out, "policy");
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "name", policy->name);
	dq_buf_member_str(out, "version", policy->version);
	dq_buf_member_str(out, "sha256", policy->sha256);
	if (policy->approver)
		dq_buf_member_str(out, "approver", policy->approver);
	else
		dq_buf_member_null(out, "approver");
	dq_buf_str(out, "}}\n");
}

const struct dq_endpoint dq_api_decide[] = {
    {"POST", "/interventions", DQ_ROLE_DECIDE, post_intervention},
    {"POST", "/interventions/{id}/review", DQ_ROLE_DECIDE, post_review},
    {"POST", "/assignments", DQ_ROLE_DECIDE, post_assignments},
    {"GET", "/pipeline", DQ_ROLE_READ, get_pipeline},
    {.path = NULL},
};
