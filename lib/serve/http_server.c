#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "run/signals.h"
#include "serve/http_inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPARE 64 /* descriptors that are no client's */
#define GRACE (5 * DQ_SECOND)
#define HEADERS 8192 /* bytes of a request's head */
#define SERVICE_BUFFER (32u << 10)
#define PING 25	   /* seconds without a sign of a WebSocket's life */
#define HANG_UP 55 /* ... */

static const struct lws_protocols protocols[] = {
    {.name = "dq-live", .callback = dq_http_callback, .rx_buffer_size = 4096},
    {.name = NULL},
};

static const lws_retry_bo_t life = {
    .secs_since_valid_ping = PING, .secs_since_valid_hangup = HANG_UP};

/* "127.0.0.1:8080", "[::1]:8080", "*:8080". */
static bool
split_address(const char *listen, char **host, int *port, struct dq_err *err)
{
	const char *colon = strrchr(listen, ':');
	size_t n = colon ? (size_t)(colon - listen) : 0;
	int64_t number;

	if (!n || !dq_num_int(DQ_SLICE(colon + 1), &number) || number < 0 ||
	    number > 65535)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "--listen: %s: give ADDRESS:PORT, such as 127.0.0.1:8080",
		    listen);
	if (*listen == '[' && listen[n - 1] == ']') {
		listen++;
		n -= 2;
	}
	*host = dq_strndup(listen, n);
	*port = (int)number;
	return true;
}

static bool
is_loopback(const char *host)
{
	return !strncmp(host, "127.", 4) || !strcmp(host, "::1");
}

/* lws says why it failed through its log only. */
static char complaint[256];
static bool accept_failed;

static void
on_log(int level, const char *line)
{
	(void)level;
	accept_failed = accept_failed || strstr(line, "accept: errno");
	snprintf(complaint, sizeof(complaint), "%.*s", (int)strcspn(line, "\n"),
	    line);
}

/* Descriptors for all clients, and for what is not one; where we may not have
 * so many, clients are fewer. */
static void
raise_descriptors(struct dq_http *http)
{
	struct rlimit limit;
	int64_t may, want = http->options.clients_max + SPARE;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && (int64_t)limit.rlim_cur < want) {
		limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ||
					 (int64_t)limit.rlim_max > want
				     ? (rlim_t)want
				     : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	may = limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
	if (may >= want)
		return;
	http->options.clients_max = may - SPARE > 1 ? may - SPARE : 1;
	dq_warn("--clients",
	    "%lld at most: the limit of open files (ulimit -n) allows no more",
	    (long long)http->options.clients_max);
}

static bool
make_context(struct dq_http *http, struct dq_err *err)
{
	struct lws_context_creation_info info = {
	    .port = CONTEXT_PORT_NO_LISTEN,
	    .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		       LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
		       (http->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
	    .max_http_header_data = HEADERS,
	    .max_http_header_pool2 = (unsigned)http->options.clients_max,
	    .pt_serv_buf_size = SERVICE_BUFFER,
	    .timeout_secs = (unsigned)(http->options.timeout / DQ_SECOND),
	    .retry_and_idle_policy = &life,
	    .user = http,
	};

	lws_set_log_level(LLL_ERR, on_log);
	http->lws = lws_create_context(&info);
	return http->lws ||
	       dq_err_code(err, DQ_EXIT_BROKEN, "libwebsockets: %s", complaint);
}

static bool
make_vhost(struct dq_http *http, const char *host, int port, struct dq_err *err)
{
	const bool any = !strcmp(host, "*"), v6 = any || strchr(host, ':');
	struct lws_context_creation_info info = {
	    .port = port,
	    .iface = any ? NULL : host,
	    .protocols = protocols,
	    .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
		       (v6 ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6) |
		       (http->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
	    .keepalive_timeout = (int)(http->options.timeout / DQ_SECOND),
	    .ka_time = 60,
	    .ka_probes = 3,
	    .ka_interval = 20,
	    .retry_and_idle_policy = &life,
	    .alpn = "http/1.1",
	    .ssl_cert_filepath = http->options.certificate,
	    .ssl_private_key_filepath = http->options.key,
	    .user = http,
	};
	struct dq_buf address = {0};

	complaint[0] = '\0';
	http->vhost = lws_create_vhost(http->lws, &info);
	if (!http->vhost)
		return dq_err_code(err,
		    http->tls ? DQ_EXIT_USAGE : DQ_EXIT_RETRY,
		    "--listen: %s: cannot listen there%s%s",
		    http->options.listen, *complaint ? ": " : "", complaint);
	dq_buf_printf(&address,
	    strchr(host, ':') ? "%s://[%s]:%d" : "%s://%s:%d",
	    http->tls ? "https" : "http", any ? "localhost" : host,
	    lws_get_vhost_listen_port(http->vhost));
	dq_buf_text(&address);
	http->address = address.data;
	return true;
}

static bool
load(struct dq_http *http, struct dq_err *err)
{
	const struct dq_http_options *o = &http->options;
	struct dq_tokens *tokens = NULL;
	struct dq_files *files = NULL;

	if ((o->tokens && !(tokens = dq_tokens_load(o->tokens, err))) ||
	    (o->www && !(files = dq_files_load(o->www, err)))) {
		dq_tokens_free(tokens);
		err->code = DQ_EXIT_USAGE;
		return false;
	}
	dq_tokens_free(http->tokens);
	dq_files_free(http->files);
	http->tokens = tokens;
	http->files = files;
	return true;
}

bool
dq_http_reload(struct dq_http *http, struct dq_err *err)
{
	return load(http, err);
}

static bool
check(const struct dq_http *http, const char *host, struct dq_err *err)
{
	const struct dq_http_options *o = &http->options;

	if (!o->certificate != !o->key)
		return dq_err_code(
		    err, DQ_EXIT_USAGE, "--certificate and --key go together");
	if (!o->tokens && !is_loopback(host))
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "--listen: %s: whoever can reach it could do all: give "
		    "--tokens FILE, or listen on 127.0.0.1",
		    o->listen);
	return true;
}

/* Nothing is read of a client that is being worked for; has it gone? */
static bool
has_gone(const struct dq_connection *c)
{
	char byte;

	return recv(lws_get_socket_fd(c->wsi), &byte, 1,
		   MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Bodies that come too slowly, answers that nobody reads or waits for. */
static bool
is_hopeless(const struct dq_connection *c, int64_t now)
{
	switch (c->phase) {
	case DQ_PHASE_BODY:
	case DQ_PHASE_SENDING:
		return now - c->since > c->http->options.timeout;
	case DQ_PHASE_WORK:
		return has_gone(c);
	default:
		return false;
	}
}

static void
sweep(void *context)
{
	struct dq_http *http = context;
	int64_t now = dq_clock_steady();

	for (struct dq_connection *c = http->connections; c; c = c->next)
		if (is_hopeless(c, now))
			lws_set_timeout(c->wsi,
			    PENDING_TIMEOUT_KILLED_BY_PARENT,
			    LWS_TO_KILL_ASYNC);
}

struct dq_http *
dq_http_open(
    const struct dq_http_options *options, void *context, struct dq_err *err)
{
	struct dq_http *http = dq_calloc(1, sizeof(*http));
	char *host = NULL;
	int port = 0;

	http->options = *options;
	http->context = context;
	http->tls = options->certificate;
	http->listener = -1;
	http->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	*err = (struct dq_err){.code = DQ_EXIT_OK};
	if (!split_address(options->listen, &host, &port, err) ||
	    !check(http, host, err) || !load(http, err))
		goto failed;
	raise_descriptors(http);
	http->rate = dq_rate_new(options->rate);
	if (!make_context(http, err) || !make_vhost(http, host, port, err))
		goto failed;
	dq_http_every(http, DQ_SECOND, sweep, http);
	free(host);
	return http;
failed:
	free(host);
	dq_http_close(http);
	return NULL;
}

const char *
dq_http_address(const struct dq_http *http)
{
	return http->address;
}

const struct dq_http_counters *
dq_http_counters(const struct dq_http *http)
{
	return &http->counters;
}

void
dq_http_stop(struct dq_http *http)
{
	http->stopping = true;
	lws_cancel_service(http->lws);
}

/* Out of descriptors: who waits at the door would keep the loop turning. One is
 * kept for that case; with it he is let in and out. */
static void
turn_away(struct dq_http *http)
{
	int fd;

	accept_failed = false;
	if (http->listener < 0)
		return;
	close(http->spare);
	while ((fd = accept(http->listener, NULL, NULL)) >= 0)
		close(fd);
	http->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Is there an answer that somebody waits for? */
static bool
owes(const struct dq_http *http)
{
	for (const struct dq_connection *c = http->connections; c; c = c->next)
		if (c->phase >= DQ_PHASE_BODY && c->phase <= DQ_PHASE_SENDING)
			return true;
	return false;
}

void
dq_http_run(struct dq_http *http)
{
	int64_t end = 0;

	while (!end || (owes(http) && dq_clock_steady() < end)) {
		bool busy = dq_http_slice(http);

		if (lws_service(http->lws, busy ? -1 : 0) < 0)
			break;
		if (accept_failed)
			turn_away(http);
		http->stopping = http->stopping || dq_signals_stop;
		if (http->stopping && !end)
			end = dq_clock_steady() + GRACE;
	}
}

void
dq_http_close(struct dq_http *http)
{
	struct dq_timer *timer;

	if (!http)
		return;
	if (http->lws)
		lws_context_destroy(http->lws);
	close(http->spare);
	while ((timer = http->timers)) {
		http->timers = timer->next;
		free(timer);
	}
	dq_tokens_free(http->tokens);
	dq_files_free(http->files);
	dq_rate_free(http->rate);
	dq_buf_release(&http->out);
	free(http->tables);
	free(http->tasks);
	free(http->address);
	free(http);
}
