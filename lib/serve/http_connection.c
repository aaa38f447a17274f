#include "base/mem.h"
#include "base/time.h"
#include "serve/http_inside.h"

#include <stdlib.h>

static struct dq_http *
http_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

static struct dq_connection *
connection_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

static void
open_connection(struct lws *wsi)
{
	struct dq_http *http = http_of(wsi);
	struct dq_connection *c = dq_calloc(1, sizeof(*c));

	c->http = http;
	c->wsi = wsi;
	c->since = dq_clock_steady();
	c->next = http->connections;
	c->previous = &http->connections;
	if (c->next)
		c->next->previous = &c->next;
	http->connections = c;
	http->counters.connections++;
	if (http->options.rate)
		lws_get_peer_simple(wsi, c->peer, sizeof(c->peer));
	lws_set_opaque_user_data(wsi, c);
}

static void
close_connection(struct lws *wsi)
{
	struct dq_connection *c = connection_of(wsi);

	if (!c)
		return;
	lws_set_opaque_user_data(wsi, NULL);
	dq_http_end(c);
	dq_live_close(c);
	*c->previous = c->next;
	if (c->next)
		c->next->previous = c->previous;
	c->http->counters.connections--;
	dq_buf_release(&c->text);
	dq_buf_release(&c->body);
	dq_buf_release(&c->out);
	free(c);
}

/* The answer so far moves to a buffer of its own: others are made before it
 * leaves. */
static void
keep_answer(struct dq_connection *c)
{
	struct dq_buf *out = c->request.out;

	c->out.len = 0;
	dq_buf_add(&c->out, out->data, out->len);
	c->request.out = &c->out;
}

/* The rest is done in slices, and nothing is read meanwhile. */
static int
begin_work(struct dq_connection *c)
{
	keep_answer(c);
	c->phase = DQ_PHASE_WORK;
	c->http->working++;
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	lws_rx_flow_control(c->wsi, 0);
	return 0;
}

static int
serve(struct dq_connection *c)
{
	dq_http_serve(c);
	if (c->step && !c->failed)
		return begin_work(c);
	return dq_http_answer(c);
}

/* What is wrong is known, but the body is still to come: the answer leaves
 * behind it. lws 4.3 would take a body that comes later for a request. */
static int
refuse_behind_body(struct dq_connection *c)
{
	keep_answer(c);
	c->phase = DQ_PHASE_BODY;
	return 0;
}

static bool
body_comes(const struct dq_connection *c)
{
	return !c->close && c->has_length && c->body_length > 0 &&
	       c->body_length <= c->http->options.body_limit &&
	       lws_hdr_total_length(c->wsi, WSI_TOKEN_POST_URI) > 0;
}

/* lws, up to 4.3 at least, goes round for ever in a request with a body whose
 * head was read together with what came before it: such a one, which no client
 * should send (RFC 9112, 9.3.2), ends the connection. */
static bool
was_read_before(const struct dq_connection *c)
{
	return c->body_length > 0 && c->taken > 0 &&
	       dq_http_taken(c->wsi) <= c->taken;
}

static int
on_head(struct lws *wsi, const char *path, size_t len)
{
	struct dq_connection *c = connection_of(wsi);
	bool good;

	if (!c)
		return -1;
	good = dq_http_begin(c, (struct dq_slice){path, len});
	if (was_read_before(c))
		return -1;
	if (!good)
		return body_comes(c) ? refuse_behind_body(c)
				     : dq_http_answer(c);
	if (!c->has_length || !c->endpoint ||
	    strcmp(c->endpoint->method, "POST") != 0)
		return serve(c);
	c->phase = DQ_PHASE_BODY;
	return 0;
}

static int
on_body(struct dq_connection *c, const void *bytes, size_t len)
{
	if (c && c->phase == DQ_PHASE_BODY && !c->failed)
		dq_buf_add(&c->body, bytes, len);
	return 0;
}

static int
on_body_end(struct dq_connection *c)
{
	if (!c || c->phase != DQ_PHASE_BODY)
		return 0;
	if (c->failed)
		return dq_http_answer(c);
	dq_http_blank(&c->http->out);
	return serve(c);
}

static int
on_writable(struct dq_connection *c)
{
	if (c && c->phase == DQ_PHASE_SENDING && c->out.len)
		return dq_http_send_more(c);
	if (!c || c->phase != DQ_PHASE_READY)
		return 0;
	return dq_http_answer(c);
}

/* Only /live speaks another protocol. What is not 0 ends the connection,
 * since lws knows of no answer here. */
static int
on_upgrade(struct lws *wsi, const char *to)
{
	struct dq_connection *c = connection_of(wsi);
	char *path = NULL;
	int len = 0;

	if (!c || lws_http_get_uri_and_method(wsi, &path, &len) < 0)
		return -1;
	if (!dq_http_begin_live(c, (struct dq_slice){path, (size_t)len},
		!strcasecmp(to, "websocket"))) {
		c->close = true;
		dq_http_answer(c);
		return -1;
	}
	return 0;
}

static int
on_message(struct lws *wsi, const char *bytes, size_t len)
{
	return dq_live_message(connection_of(wsi),
	    (struct dq_slice){bytes, len},
	    lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi));
}

/* `wsi` is the listener's. */
static bool
may_not_come(struct dq_http *http, struct lws *wsi)
{
	http->listener = lws_get_socket_fd(wsi);
	return http->stopping ||
	       http->counters.connections >= http->options.clients_max;
}

int
dq_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return may_not_come(http_of(wsi), wsi);
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		open_connection(wsi);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		close_connection(wsi);
		return 0;
	case LWS_CALLBACK_HTTP:
		return on_head(wsi, in, len);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(connection_of(wsi), in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_end(connection_of(wsi));
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return on_writable(connection_of(wsi));
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(wsi, in);
	case LWS_CALLBACK_ESTABLISHED:
		return dq_live_open(connection_of(wsi));
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return dq_live_write(connection_of(wsi));
	case LWS_CALLBACK_RECEIVE:
		return on_message(wsi, in, len);
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		dq_http_works_go_on(http_of(wsi));
		return 0;
	}
	return 0;
}
