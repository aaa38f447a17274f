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

static struct dq_opt options[] = {
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
}

int
main(int argc, char **argv)
{
	struct dq_serve serve = {0};
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
	serve.http = dq_http_open(&http, &serve, &err);
	if (!serve.http)
		dq_die(err.code, NULL, "%s", err.text);
	dq_serve_open(&serve, &tool);
	dq_warn("listening", "%s", dq_http_address(serve.http));
	dq_http_run(serve.http);
	dq_serve_close(&serve);
	dq_http_close(serve.http);
	free(www);
	return DQ_EXIT_OK;
}
