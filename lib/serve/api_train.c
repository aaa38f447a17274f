/* Retraining: a command's run, and the model that comes of it. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "serve/api_parts.h"

#include <stdio.h>
#include <stdlib.h>

static void
put_run(const struct dq_train_run *run, const struct dq_desk *desk,
    struct dq_buf *out)
{
	struct dq_slice text =
	    run->report.len ? dq_buf_view(&run->report) : DQ_SLICE("{}");
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(text, &err);
	struct yyjson_val *report = dq_json_root(doc);
	struct yyjson_doc *model =
	    dq_json_parse(dq_buf_view(&desk->scoring.champion.json), &err);

	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "status", run->loaded ? "success" : "failed");
	dq_buf_member_str(out, "message", run->message);
	dq_buf_member_time(out, "started", run->started);
	dq_buf_member_time(out, "ended", run->ended);
	dq_buf_member_int(out, "exit_code", run->code);
	dq_part_member(out, "customers_trained", report, "customers");
	dq_part_member(out, "samples_trained", report, "rows");
	dq_part_member(out, "auc", report, "auc");
	dq_part_member(out, "model_version",
	    run->loaded ? dq_json_root(model) : NULL, "version");
	dq_buf_byte(out, '}');
	dq_json_free(doc);
	dq_json_free(model);
}

static void
get_status(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	const struct dq_train *train = &serve->train;
	struct dq_buf *out = request->out;
	int64_t fresh = (int64_t)serve->book.ids.count - serve->trained;
	bool needed = fresh >= serve->train_threshold;

	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "new_customers_count", fresh);
	dq_buf_member_flag(out, "retraining_needed", needed);
	dq_buf_member_str(out, "reason",
	    needed ? "Enough customers are new since the model was loaded."
		   : "Too few customers are new since the model was loaded.");
	dq_buf_member_int(out, "threshold", serve->train_threshold);
	dq_buf_member_flag(out, "configured", train->command);
	dq_buf_member_flag(out, "running", dq_serve_trains(serve));
	dq_buf_key(out, "recent_retraining");
	dq_buf_byte(out, '[');
	for (size_t i = 0; i < train->count; i++) {
		dq_buf_comma(out);
		put_run(&train->runs[i], &serve->desk, out);
	}
	dq_buf_str(out, "]}\n");
}

/* Waits for the run with that number. */
static enum dq_work
await(void *context, struct dq_request *request, void *state)
{
	struct dq_serve *serve = context;
	int64_t number = *(int64_t *)state;

	dq_serve_watch(serve);
	if (serve->train.number == number && dq_serve_trains(serve))
		return DQ_WORK_WAIT;
	put_run(&serve->train.runs[serve->train.number - number +
				   (serve->train.pid ? -1 : 0)],
	    &serve->desk, request->out);
	dq_buf_byte(request->out, '\n');
	return DQ_WORK_DONE;
}

static void
post_trigger(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	int64_t customers = 0, *number;
	struct dq_err err;

	if (!dq_request_int(request, "max_customers", 1, INT32_MAX, &customers))
		return;
	if (!serve->train.command) {
		dq_request_fail(request, 409, "not_configured",
		    "The server was started without --train COMMAND.");
		return;
	}
	if (dq_serve_trains(serve)) {
		dq_request_fail(request, 409, "already_running",
		    "A model is being trained; GET /retraining/status says "
		    "how it goes.");
		return;
	}
	if (!dq_train_start(&serve->train, customers, &err)) {
		dq_request_fail(request, 500, "not_started",
		    "The command was not started: %s.", err.text);
		return;
	}
	number = dq_malloc(sizeof(*number));
	*number = serve->train.number;
	dq_request_work(request, await, free, number);
}

const struct dq_endpoint dq_api_train[] = {
    {"GET", "/retraining/status", DQ_ROLE_READ, get_status},
    {"POST", "/retraining/trigger", DQ_ROLE_ADMIN, post_trigger},
    {.path = NULL},
};
