/* What is read again while the server works: after a training, or on SIGHUP.
 * A thread reads, the loop only takes over what it has read. */
#include "run/signals.h"
#include "serve/serve.h"

#include <stdio.h>

bool
dq_serve_trains(const struct dq_serve *serve)
{
	return serve->train.pid || serve->train_waits || serve->train_loads;
}

static void
end_training(struct dq_serve *serve, bool good, const struct dq_err *err)
{
	struct dq_train_run *run = &serve->train.runs[0];

	serve->train_loads = false;
	run->loaded = good;
	snprintf(run->message, sizeof(run->message), "%s%.200s",
	    good ? "The new model is at work." : "The old model is kept: ",
	    good ? "" : err->text);
	if (good)
		serve->trained = serve->book.ids.count;
	dq_warn("retraining", "%s", run->message);
}

static void
take_over(struct dq_serve *serve)
{
	struct dq_reload *reload = &serve->reload;
	bool good = reload->good &&
		    dq_desk_take(&serve->desk, &reload->files, &reload->err);

	if (serve->train_loads)
		end_training(serve, good, &reload->err);
	else if (good)
		dq_warn(NULL, "tokens, page, model and policy read again");
	else
		dq_warn(NULL, "%s: what was read before still holds",
		    reload->err.text);
}

/* Reading again is due: for a training, or by SIGHUP. */
static void
begin(struct dq_serve *serve)
{
	struct dq_err err;

	if (serve->train_waits) {
		serve->train_waits = false;
		serve->train_loads = true;
	} else {
		dq_signals_reload = 0;
		if (!dq_http_reload(serve->http, &err)) {
			dq_warn(NULL, "%s: what was read before still holds",
			    err.text);
			return;
		}
	}
	dq_reload_start(&serve->reload, &serve->desk_options);
}

void
dq_serve_watch(void *context)
{
	struct dq_serve *serve = context;

	if (dq_train_look(&serve->train) && !serve->train.runs[0].code)
		serve->train_waits = true;
	if (dq_reload_look(&serve->reload))
		take_over(serve);
	if (!serve->reload.running && (serve->train_waits || dq_signals_reload))
		begin(serve);
}
