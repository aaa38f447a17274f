/* What people decide outlives the server: it goes to the database before it
 * holds. */
#include "base/mem.h"
#include "serve/serve.h"

#include <stdlib.h>

struct writing {
	struct dq_serve *serve;
	struct dq_past_job *job;
	struct dq_buf what;
	void (*apply)(struct dq_serve *serve, struct dq_request *request,
	    struct dq_slice what);
};

static void
tell_away(struct dq_request *request)
{
	dq_request_fail(request, 503, "database_away",
	    "The database does not answer; try again later.");
}

static enum dq_work
step(void *context, struct dq_request *request, void *state)
{
	struct writing *w = state;
	enum dq_past_state is = dq_past_look(w->serve->past, w->job);

	(void)context;
	if (is == DQ_PAST_WAITING)
		return DQ_WORK_WAIT;
	if (is == DQ_PAST_GOOD)
		w->apply(w->serve, request, dq_buf_view(&w->what));
	else if (is == DQ_PAST_AWAY)
		tell_away(request);
	else
		dq_request_fail(request, 503, "not_written",
		    "The database refused it; its words are in the log.");
	dq_past_forget(w->serve->past, w->job);
	w->job = NULL;
	return DQ_WORK_DONE;
}

/* With a job in hand the client has gone: what was asked will be written. */
static void
release(void *state)
{
	struct writing *w = state;

	if (w->job) {
		enum dq_past_state is = dq_past_look(w->serve->past, w->job);

		if (is == DQ_PAST_WAITING || is == DQ_PAST_GOOD)
			w->apply(w->serve, NULL, dq_buf_view(&w->what));
		dq_past_forget(w->serve->past, w->job);
	}
	dq_buf_release(&w->what);
	free(w);
}

void
dq_serve_written(struct dq_serve *serve, struct dq_request *request,
    const char *sql, int count, const struct dq_slice *values,
    struct dq_buf *what,
    void (*apply)(struct dq_serve *serve, struct dq_request *request,
	struct dq_slice what))
{
	struct dq_past_job *job = NULL;
	struct writing *w;

	if (!serve->past)
		apply(serve, request, dq_buf_view(what));
	else if (!(job = dq_past_ask(serve->past, sql, count, values)))
		tell_away(request);
	if (!job) {
		dq_buf_release(what);
		return;
	}
	w = dq_calloc(1, sizeof(*w));
	*w = (struct writing){
	    .serve = serve, .job = job, .what = *what, .apply = apply};
	*what = (struct dq_buf){0};
	dq_request_work(request, step, release, w);
}

enum { CUSTOMER, TO, BY, TIME, NOTES };

static void
put_text(struct dq_buf *out, const char *key, const char *value)
{
	if (value)
		dq_buf_member_text(out, key, DQ_SLICE(value));
}

/* Of a customer who is not known yet it waits in the book. */
static void
remember(void *context, const char *const *values)
{
	struct dq_serve *serve = context;
	struct dq_buf json = {0};

	dq_buf_byte(&json, '{');
	put_text(&json, "customer_id", values[CUSTOMER]);
	put_text(&json, "assigned_to", values[TO]);
	put_text(&json, "assigned_by", values[BY]);
	dq_buf_member_time(
	    &json, "assignment_date", strtoll(values[TIME], NULL, 10));
	put_text(&json, "notes", values[NOTES]);
	dq_buf_byte(&json, '}');
	dq_book_expect(
	    &serve->book, DQ_SLICE(values[CUSTOMER]), dq_buf_view(&json));
	dq_buf_release(&json);
}

void
dq_serve_remember(struct dq_serve *serve, void (*wake)(void *context))
{
	static const char newest[] =
	    "SELECT DISTINCT ON (customer_id) customer_id, assigned_to, "
	    "assigned_by, (extract(epoch FROM assignment_date) * 1000000)"
	    "::bigint, notes FROM customer_assignments "
	    "ORDER BY customer_id, assignment_date DESC, assignment_id DESC";
	struct dq_err err;

	if (!serve->pg)
		return;
	serve->past = dq_past_open(&serve->tool->common.pg, &err);
	if (!serve->past ||
	    !dq_past_each(serve->past, newest, remember, serve, &err))
		dq_die(err.code, "--pg", "%s", err.text);
	dq_past_start(serve->past, wake, serve);
}
