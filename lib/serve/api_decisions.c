/* The decisions of all. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "serve/api_parts.h"

#include <stdlib.h>

#define STEP 256    /* that are looked at in one go */
#define STEP_PUT 64 /* and that are put */

/* How far they were looked through, newest first. */
struct look {
	int64_t limit, put, matched, since;
	uint32_t customer;	   /* or DQ_MAP_NONE: of all */
	enum dq_decision decision; /* or DQ_DECISIONS: any */
	uint32_t at;		   /* the next, or DQ_MAP_NONE */
	struct dq_buf items;
};

static void
look_free(void *state)
{
	struct look *look = state;

	dq_buf_release(&look->items);
	free(look);
}

static bool
is_looked_for(const struct look *look, const struct dq_book_decision *d)
{
	if (!d->line ||
	    (look->customer != DQ_MAP_NONE && look->customer != d->customer) ||
	    (look->since != DQ_TIME_NONE && d->time < look->since))
		return false;
	return look->decision == DQ_DECISIONS || look->decision == d->decision;
}

static enum dq_work
look_on(void *context, struct dq_request *request, void *state)
{
	struct dq_serve *serve = context;
	struct dq_book *book = &serve->book;
	struct look *look = state;
	struct dq_buf *out = request->out;
	int64_t until = look->put + STEP_PUT;

	for (int i = 0; i < STEP && look->put < until; i++) {
		const struct dq_book_decision *d =
		    dq_decisions_get(&book->decisions, look->at);

		if (!d) {
			look->at = DQ_MAP_NONE;
			break;
		}
		look->at = dq_decisions_before(&book->decisions, look->at);
		if (!is_looked_for(look, d))
			continue;
		look->matched++;
		if (look->put < look->limit) {
			look->put++;
			dq_part_decision(d, &look->items);
		}
	}
	if (look->at != DQ_MAP_NONE)
		return DQ_WORK_MORE;
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "count", look->matched);
	dq_buf_key(out, "interventions");
	dq_buf_byte(out, '[');
	dq_buf_slice(out, dq_buf_view(&look->items));
	dq_buf_str(out, "]}\n");
	return DQ_WORK_DONE;
}

static void
get_interventions(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct look look = {.limit = 50,
	    .since = DQ_TIME_NONE,
	    .customer = DQ_MAP_NONE,
	    .decision = DQ_DECISIONS,
	    .at = dq_decisions_before(&serve->book.decisions, DQ_MAP_NONE)};
	struct dq_slice text;
	struct look *state;

	if (!dq_request_int(request, "limit", 1, 1000, &look.limit))
		return;
	if (dq_request_text(request, "since", &text) &&
	    !dq_time_parse(text, &look.since)) {
		dq_request_fail(request, 400, "bad_parameter",
		    "since must be a time, as 2026-01-05T10:11:12Z.");
		return;
	}
	if (dq_request_text(request, "customer_id", &text) &&
	    (look.customer = dq_part_customer(serve, request, text)) ==
		DQ_MAP_NONE)
		return;
	if (dq_request_text(request, "decision", &text) && text.len &&
	    (look.decision = dq_decision_named(text)) == DQ_DECISIONS) {
		dq_request_fail(request, 400, "bad_parameter",
		    "The parameter decision must be act, suppress, defer, "
		    "review or hold_out.");
		return;
	}
	state = dq_malloc(sizeof(*state));
	*state = look;
	dq_request_work(request, look_on, look_free, state);
}

const struct dq_endpoint dq_api_decisions[] = {
    {"GET", "/interventions", DQ_ROLE_READ, get_interventions},
    {.path = NULL},
};
