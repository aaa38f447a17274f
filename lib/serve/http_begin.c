#include "base/num.h"
#include "base/time.h"
#include "serve/http_inside.h"

#include <strings.h>

#define DASHBOARD "/dashboard/"

static const struct {
	enum lws_token_indexes token;
	const char *name;
} methods[] = {
    {WSI_TOKEN_GET_URI, "GET"},
    {WSI_TOKEN_POST_URI, "POST"},
    {WSI_TOKEN_HEAD_URI, "HEAD"},
};

static struct dq_slice
method_of(struct lws *wsi)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (lws_hdr_total_length(wsi, methods[i].token) > 0)
			return DQ_SLICE(methods[i].name);
	return DQ_SLICE("other");
}

/* lws has split the query at its ampersands, and decoded it. */
static size_t
copy_params(struct dq_connection *c, size_t begins[DQ_PARAMS + 1])
{
	size_t count = 0;
	int n;

	while (count < DQ_PARAMS &&
	       (n = lws_hdr_fragment_length(
		    c->wsi, WSI_TOKEN_HTTP_URI_ARGS, (int)count)) > 0) {
		begins[count++] = c->text.len;
		dq_buf_room(&c->text, (size_t)n + 1);
		n = lws_hdr_copy_fragment(c->wsi, c->text.data + c->text.len,
		    n + 1, WSI_TOKEN_HTTP_URI_ARGS, (int)count - 1);
		c->text.len += n > 0 ? (size_t)n : 0;
	}
	begins[count] = c->text.len;
	return count;
}

static void
split_param(struct dq_param *param, const char *text, size_t len)
{
	const char *is = memchr(text, '=', len);
	size_t name = is ? (size_t)(is - text) : len;

	param->name = (struct dq_slice){text, name};
	name += is != NULL;
	param->value = (struct dq_slice){text + name, len - name};
}

/* The path and the parameters; their copies live as long as the request. */
static struct dq_slice
take_target(struct dq_connection *c, struct dq_slice path)
{
	size_t begins[DQ_PARAMS + 1];

	c->text.len = 0;
	dq_buf_slice(&c->text, path);
	c->param_count = copy_params(c, begins);
	for (size_t i = 0; i < c->param_count; i++)
		split_param(&c->params[i], c->text.data + begins[i],
		    begins[i + 1] - begins[i]);
	return (struct dq_slice){c->text.data, path.len};
}

static bool
is_text(struct dq_connection *c)
{
	if (!memchr(c->text.data, '\0', c->text.len))
		return true;
	dq_request_fail(
	    &c->request, 400, "bad_path", "A path holds no zero bytes.");
	return false;
}

static void
take_version(struct dq_connection *c)
{
	char text[24];

	c->old = !strcmp("HTTP/1.0",
	    dq_http_header(c->wsi, WSI_TOKEN_HTTP, text, sizeof(text)));
	dq_http_header(c->wsi, WSI_TOKEN_CONNECTION, text, sizeof(text));
	c->close = c->old ? strcasecmp(text, "keep-alive") != 0
			  : !strcasecmp(text, "close");
}

/* Faulty lengths end the connection: where the next request would begin is
 * anybody's guess. */
static bool
bad_length(
    struct dq_connection *c, int status, const char *code, const char *sentence)
{
	c->close = true;
	dq_request_fail(&c->request, status, code, "%s", sentence);
	return false;
}

static bool
take_length(struct dq_connection *c, bool post)
{
	char text[24];
	const char *length = dq_http_header(
	    c->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));

	c->body_length = 0;
	c->has_length =
	    lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
	if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return bad_length(c, 411, "length_required",
		    "Send the body with a Content-Length, not in chunks.");
	if (c->has_length &&
	    (strspn(length, "0123456789") != strlen(length) ||
		!dq_num_int(DQ_SLICE(length), &c->body_length)))
		return bad_length(
		    c, 400, "bad_length", "Content-Length must be one number.");
	if (c->body_length && !post)
		return bad_length(
		    c, 400, "unexpected_body", "Such a request has no body.");
	if (c->body_length > c->http->options.body_limit)
		return bad_length(c, 413, "too_large",
		    "The body is longer than this server takes.");
	if (post && !c->has_length)
		c->close = true; /* lws would wait for a body */
	return true;
}

static bool
take_type(struct dq_connection *c)
{
	char text[80];
	const char *type = dq_http_header(
	    c->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, text, sizeof(text));

	if (!c->body_length || !strncasecmp(type, "application/json", 16))
		return true;
	dq_request_fail(&c->request, 415, "not_json",
	    "Send the body as Content-Type: application/json.");
	return false;
}

/* A file of the page. */
static bool
take_file(struct dq_connection *c, struct dq_slice path)
{
	char text[80];

	if (!dq_slice_take(&path, DASHBOARD))
		return false;
	c->file = dq_files_find(c->http->files, path);
	if (!c->file)
		return false;
	c->request.type = c->file->type;
	if (strstr(dq_http_header(c->wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, text,
		       sizeof(text)),
		c->file->etag))
		c->request.status = 304;
	return true;
}

/* A browser that asks for / gets the page. */
static bool
wants_page(struct dq_connection *c, struct dq_slice path)
{
	char text[200];

	if (dq_slice_is(path, "/dashboard"))
		return true;
	return dq_slice_is(path, "/") && c->http->files &&
	       strstr(dq_http_header(
			  c->wsi, WSI_TOKEN_HTTP_ACCEPT, text, sizeof(text)),
		   "text/html");
}

static bool
find(struct dq_connection *c, struct dq_slice method, struct dq_slice path)
{
	const char *allow = NULL;
	bool get = !dq_slice_is(method, "POST");

	if (get && wants_page(c, path)) {
		c->request.status = 307;
		return true;
	}
	if (get && take_file(c, path))
		return true;
	c->endpoint =
	    dq_http_route(c->http, method, path, c->request.args, &allow);
	if (c->endpoint)
		return true;
	c->allow = allow;
	if (allow)
		dq_request_fail(&c->request, 405, "wrong_method",
		    "This path takes %s only.", allow);
	else
		dq_request_fail(&c->request, 404, "no_such_path",
		    "There is nothing at this path; GET / names what there "
		    "is.");
	return false;
}

static struct dq_slice
begin(struct dq_connection *c, struct dq_slice path)
{
	c->since = dq_clock_steady();
	c->http->counters.requests++;
	dq_http_blank(&c->http->out);
	c->request = (struct dq_request){
	    .out = &c->http->out, .status = 200, .type = "application/json"};
	c->body.len = 0;
	take_version(c);
	return take_target(c, path);
}

bool
dq_http_begin_live(
    struct dq_connection *c, struct dq_slice path, bool websocket)
{
	path = begin(c, path);
	c->close = true;
	if (websocket && dq_slice_is(path, "/live"))
		return dq_http_may(c, DQ_ROLE_READ);
	dq_request_fail(&c->request, websocket ? 404 : 400, "no_upgrade",
	    "Only /live speaks another protocol, which is WebSocket.");
	return false;
}

bool
dq_http_begin(struct dq_connection *c, struct dq_slice path)
{
	struct dq_slice method = method_of(c->wsi);
	bool other = dq_slice_is(method, "other");

	path = begin(c, path);
	c->head = dq_slice_is(method, "HEAD");
	c->close = c->close || other || c->http->stopping;
	if (!take_length(c, dq_slice_is(method, "POST")) || !is_text(c) ||
	    !find(c, method, path))
		return false;
	if (!dq_http_may(c, c->endpoint ? c->endpoint->role : DQ_ROLE_NONE))
		return false;
	return take_type(c);
}

void
dq_http_serve(struct dq_connection *c)
{
	c->request.body = dq_buf_view(&c->body);
	if (c->endpoint && !c->failed)
		c->endpoint->serve(c->http->context, &c->request);
}

void
dq_http_end(struct dq_connection *c)
{
	dq_http_drop_work(c);
	dq_json_free(c->doc);
	c->doc = NULL;
	c->endpoint = NULL;
	c->file = NULL;
	c->allow = NULL;
	c->failed = c->head = c->close = false;
	if (c->text.cap > DQ_HTTP_KEEP)
		dq_buf_release(&c->text);
	if (c->body.cap > DQ_HTTP_KEEP)
		dq_buf_release(&c->body);
	if (c->http->out.cap > DQ_HTTP_KEEP_OUT)
		dq_buf_release(&c->http->out);
}
