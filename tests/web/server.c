/* server [-o NAME=VALUE]... ADDRESS:PORT
 * The server of lib/serve with endpoints that try it out: work in slices, work
 * that waits, answers of any size, frames for /live. NAME is rate, body,
 * clients, time (seconds), TOKENS, CERTIFICATE or KEY (files). */
#include "base/num.h"
#include "base/time.h"
#include "run/signals.h"
#include "serve/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct trial {
	struct dq_http *http;
	int64_t released;
};

struct work {
	struct trial *trial;
	int64_t steps, done;
};

static void
echo(void *context, struct dq_request *request)
{
	struct yyjson_val *body = NULL;
	struct dq_slice text;

	(void)context;
	if (request->body.len && !(body = dq_request_json(request)))
		return;
	dq_buf_byte(request->out, '{');
	dq_buf_member_text(request->out, "a", request->args[0]);
	dq_buf_member_text(request->out, "b", request->args[1]);
	dq_buf_member_text(request->out, "who", request->who);
	if (dq_request_text(request, "text", &text))
		dq_buf_member_text(request->out, "text", text);
	if (body) {
		dq_buf_key(request->out, "body");
		dq_buf_json_value(request->out, body);
	}
	dq_buf_str(request->out, "}\n");
}

static enum dq_work
work_on(void *context, struct dq_request *request, void *state)
{
	struct work *work = state;
	int64_t end = dq_clock_steady() + 200;

	(void)context;
	while (dq_clock_steady() < end)
		;
	if (++work->done < work->steps)
		return DQ_WORK_MORE;
	dq_buf_printf(
	    request->out, "{\"steps\":%lld}\n", (long long)work->done);
	return DQ_WORK_DONE;
}

static enum dq_work
wait_on(void *context, struct dq_request *request, void *state)
{
	struct work *work = state;

	(void)context;
	if (++work->done < work->steps)
		return DQ_WORK_WAIT;
	dq_request_fail(request, 503, "waited", "It was in vain.");
	return DQ_WORK_DONE;
}

static void
release(void *state)
{
	struct work *work = state;

	work->trial->released++;
	free(work);
}

static void
begin(struct trial *trial, struct dq_request *request,
    enum dq_work (*step)(void *, struct dq_request *, void *))
{
	struct work *work;
	int64_t steps = 10;

	if (!dq_request_int(request, "steps", 1, 1000000, &steps))
		return;
	work = calloc(1, sizeof(*work));
	work->trial = trial;
	work->steps = steps;
	dq_request_work(request, step, release, work);
}

static void
slices(void *context, struct dq_request *request)
{
	begin(context, request, work_on);
}

static void
waits(void *context, struct dq_request *request)
{
	begin(context, request, wait_on);
}

static void
released(void *context, struct dq_request *request)
{
	struct trial *trial = context;

	dq_buf_int(request->out, trial->released);
}

static void
put_bytes(struct dq_buf *out, int64_t n)
{
	memset(dq_buf_room(out, (size_t)n), 'x', (size_t)n);
	out->len += (size_t)n;
}

static void
big(void *context, struct dq_request *request)
{
	int64_t n = 1000;

	(void)context;
	if (!dq_request_int(request, "bytes", 0, 100 << 20, &n))
		return;
	request->type = "text/plain";
	put_bytes(request->out, n);
}

static void
broadcast(void *context, struct dq_request *request)
{
	struct trial *trial = context;
	struct dq_frame frame = {.type = "alert", .level = "HIGH"};
	struct dq_buf json = {0};
	int64_t n = 1, bytes = 100;

	if (!dq_request_int(request, "frames", 1, 100000, &n) ||
	    !dq_request_int(request, "bytes", 1, 1 << 20, &bytes))
		return;
	dq_buf_str(&json, "{\"type\":\"alert\",\"text\":\"");
	put_bytes(&json, bytes);
	dq_buf_str(&json, "\"}");
	frame.json = dq_buf_view(&json);
	frame.customer_id = DQ_SLICE("C1");
	for (int64_t i = 0; i < n; i++)
		dq_live_send(trial->http, &frame);
	dq_buf_release(&json);
	dq_buf_int(request->out, (int64_t)dq_live_clients(trial->http));
}

static void
hello(void *context, struct dq_buf *json)
{
	(void)context;
	dq_buf_str(json, "{\"type\":\"hello\"}");
}

static const struct dq_endpoint endpoints[] = {
    {"GET", "/echo/{a}/{b}", DQ_ROLE_READ, echo},
    {"GET", "/echo/{a}", DQ_ROLE_READ, echo},
    {"POST", "/echo", DQ_ROLE_DECIDE, echo},
    {"POST", "/admin", DQ_ROLE_ADMIN, echo},
    {"GET", "/work", DQ_ROLE_READ, slices},
    {"POST", "/work", DQ_ROLE_READ, slices},
    {"GET", "/wait", DQ_ROLE_READ, waits},
    {"GET", "/released", DQ_ROLE_READ, released},
    {"GET", "/big", DQ_ROLE_READ, big},
    {"GET", "/broadcast", DQ_ROLE_READ, broadcast},
    {.path = NULL},
};

static void
set(struct dq_http_options *o, const char *text)
{
	const char *is = strchr(text, '=');
	int64_t number = 0;

	if (!is)
		exit(2);
	if (*text == 'T')
		o->tokens = is + 1;
	else if (*text == 'C')
		o->certificate = is + 1;
	else if (*text == 'K')
		o->key = is + 1;
	else if (!dq_num_int(DQ_SLICE(is + 1), &number))
		exit(2);
	if (*text == 'r')
		o->rate = number;
	else if (*text == 'b')
		o->body_limit = number;
	else if (*text == 'c')
		o->clients_max = number;
	else if (*text == 't')
		o->timeout = number * DQ_SECOND;
}

int
main(int argc, char **argv)
{
	struct dq_http_options o = {.body_limit = 1 << 20,
	    .clients_max = 4096,
	    .timeout = 15 * DQ_SECOND};
	struct trial trial = {0};
	struct dq_err err;
	int option;

	while ((option = getopt(argc, argv, "o:")) == 'o')
		set(&o, optarg);
	o.listen = argv[optind];
	dq_program_set("server");
	dq_signals_catch();
	signal(SIGPIPE, SIG_IGN);
	trial.http = dq_http_open(&o, &trial, &err);
	if (!trial.http)
		dq_die(err.code, NULL, "%s", err.text);
	dq_http_add(trial.http, endpoints);
	dq_live_hello(trial.http, hello);
	dq_warn("listening", "%s", dq_http_address(trial.http));
	dq_http_run(trial.http);
	dq_http_close(trial.http);
	return 0;
}
