/* dq-serve: what is known of every customer, over HTTP and WebSocket. */
#include "base/mem.h"
#include "base/time.h"
#include "run/files.h"
#include "run/signals.h"
#include "serve/serve.h"

#include <stdlib.h>

static struct dq_tool tool;

static struct dq_http_options http = {
    .listen = "127.0.0.1:8080",
    .body_limit = 1 << 20,
    .clients_max = 4096,
    .timeout = 15 * DQ_SECOND,
};
static struct dq_opt_list origins;

static struct dq_serve serve = {
    .train_threshold = 1000,
    .keep = 400 * DQ_DAY,
    .window_options = {.window = DQ_HOUR, .lateness = DQ_DAY, .top = 10},
    .desk_options = {.paths = {.language = "en"},
	.form = {.critical = 0.7, .high = 0.5, .medium = 0.3, .reasons = 5}},
};

enum emit { EMIT_AUTO, EMIT_TRIGGER, EMIT_NONE };
static int emit;

static struct dq_opt options[] = {
    {0, "model", "FILE", DQ_OPT_TEXT, &serve.desk_options.paths.model, NULL,
	"the model that scores (models/default.json)", NULL, false},
    {0, "language", "NAME", DQ_OPT_TEXT, &serve.desk_options.paths.language,
	NULL, "of the reasons: a name or a path (en)", NULL, false},
    {0, "policy", "FILE", DQ_OPT_TEXT, &serve.desk_options.policy, NULL,
	"the policy (policies/default.json)", NULL, false},
    {0, "allow-unapproved", NULL, DQ_OPT_FLAG,
	&serve.desk_options.allow_unapproved, NULL,
	"take a policy that is not in force", NULL, false},
    {0, "window", "TIME", DQ_OPT_DURATION, &serve.window_options.window, NULL,
	"event time that a dashboard record sums up (1h)", NULL, false},
    {0, "keep", "TIME", DQ_OPT_DURATION, &serve.keep, NULL,
	"how long decisions are kept, in event time (400d)", NULL, false},
    {0, "train", "COMMAND", DQ_OPT_TEXT, &serve.train.command, NULL,
	"what POST /retraining/trigger runs", NULL, false},
    {0, "train-threshold", "N", DQ_OPT_INT, &serve.train_threshold, NULL,
	"new customers that make it needed (1000)", NULL, false},
    {0, "emit", "WHEN", DQ_OPT_CHOICE, &emit, "auto|trigger|none",
	"score and decide: auto, trigger, none (auto)", NULL, false},
    {0, "from", "FROM,FROM", DQ_OPT_TEXT, &tool.common.from, NULL,
	"-, paths, kafka:TOPIC,TOPIC, pg:TABLE (-)", NULL, false},
    {'o', "offset", "WHERE", DQ_OPT_LIST, &tool.common.kafka.offset, NULL,
	"of topics: beginning, end, N, -N, s@T, e@T", NULL, false},
    {'e', "exit-at-end", NULL, DQ_OPT_FLAG, &tool.common.kafka.exit_at_end,
	NULL, "end when all of the input was read", NULL, false},
    {'l', "listen", "ADDRESS:PORT", DQ_OPT_TEXT, &http.listen, NULL,
	"port 0: a free one (127.0.0.1:8080)", NULL, false},
    {0, "tokens", "FILE", DQ_OPT_TEXT, &http.tokens, NULL,
	"who may do what: lines NAME ROLE SHA256", NULL, false},
    {0, "certificate", "FILE", DQ_OPT_TEXT, &http.certificate, NULL,
	"TLS with this certificate and its chain (PEM)", NULL, false},
    {0, "key", "FILE", DQ_OPT_TEXT, &http.key, NULL, "its private key (PEM)",
	NULL, false},
    {0, "origin", "ORIGIN", DQ_OPT_LIST, &origins, NULL,
	"pages of this origin may ask, too", NULL, false},
    {0, "rate", "N", DQ_OPT_INT, &http.rate, NULL,
	"requests a second of one client (any)", NULL, false},
    {0, "max-body", "BYTES", DQ_OPT_INT, &http.body_limit, NULL,
	"longest body of a request (1048576)", NULL, false},
    {0, "max-clients", "N", DQ_OPT_INT, &http.clients_max, NULL,
	"connections at a time (4096)", NULL, false},
    {0, "request-time", "TIME", DQ_OPT_DURATION, &http.timeout, NULL,
	"how long a request may take to come (15s)", NULL, false},
    {0, "spool", "DIR", DQ_OPT_TEXT, &tool.common.kafka.spool, NULL,
	"publish to Kafka, by way of a log in there", NULL, false},
    {0, "spool-limit", "BYTES", DQ_OPT_INT, &tool.common.kafka.spool_limit,
	NULL, "what may wait there (1073741824)", NULL, false},
    {0, "pg", NULL, DQ_OPT_FLAG, &serve.pg, NULL,
	"history, assignments and reviews in a database", NULL, false},
    {.name = NULL},
};

static struct dq_tool tool = {
    .name = "dq-serve",
    .usage = "[OPTIONS]",
    .summary = "Answers by HTTP and WebSocket from what it reads.",
    .options = options,
    .admin = true,
    .kafka = &dq_kafka,
    .pg = &dq_pg,
};

static void
check(void)
{
	if (http.rate < 0 || http.body_limit < 1024 ||
	    http.body_limit > 64 << 20 || http.clients_max < 1 ||
	    http.clients_max > 100000 || http.timeout < DQ_SECOND ||
	    http.timeout > DQ_HOUR)
		dq_die(DQ_EXIT_USAGE, NULL,
		    "--rate from 0, --max-body from 1024 to 67108864, "
		    "--max-clients from 1 to 100000, --request-time from 1s "
		    "to 1h");
	if (serve.window_options.window < 2 * DQ_MINUTE)
		dq_die(DQ_EXIT_USAGE, "--window", "is not 2m or more");
	if (serve.keep < DQ_DAY)
		dq_die(DQ_EXIT_USAGE, "--keep", "is not 1d or more");
	serve.window_options.every = serve.window_options.window;
}

/* Beside topics other tools score and decide; a pipe may have nobody else. */
static void
equip(void)
{
	struct dq_err err;
	bool topics = strstr(tool.common.from, "kafka:");

	serve.desk_options.scores = serve.desk_options.decides =
	    emit == EMIT_TRIGGER || (emit == EMIT_AUTO && !topics);
	dq_scoring_paths_find(&serve.desk_options.paths);
	if (!dq_serve_equip(&serve, &err))
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
}

int
main(int argc, char **argv)
{
	struct dq_err err;
	char *www;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-serve -h");
	check();
	dq_signals_catch_reload();
	signal(SIGPIPE, SIG_IGN);
	http.www = www = dq_file_share("www");
	http.origins = origins.items;
	http.origin_count = origins.count;
	equip();
	serve.http = dq_http_open(&http, &serve, &err);
	if (!serve.http)
		dq_die(err.code, NULL, "%s", err.text);
	dq_serve_open(&serve, &tool);
	dq_warn("listening", "%s", dq_http_address(serve.http));
	dq_http_run(serve.http);
	dq_serve_close(&serve);
	dq_http_close(serve.http);
	dq_scoring_paths_release(&serve.desk_options.paths);
	free(www);
	return DQ_EXIT_OK;
}
