#include "base/time.h"
#include "serve/http_inside.h"

#include <math.h>
#include <stdio.h>

const double dq_http_buckets[8] = {
    0.0005, 0.001, 0.0025, 0.005, 0.025, 0.1, 1, HUGE_VAL};

#define PIECE (256u << 10) /* bytes that lws is given at a time */

/* Every answer has these. Scripts and styles come from us alone, in files. */
#define SECURITY                                                               \
	"X-Content-Type-Options: nosniff\r\n"                                  \
	"X-Frame-Options: DENY\r\n"                                            \
	"Referrer-Policy: no-referrer\r\n"                                     \
	"Cross-Origin-Resource-Policy: same-origin\r\n"
#define NOTHING                                                                \
	"Content-Security-Policy: default-src 'none'; frame-ancestors "        \
	"'none'\r\n"                                                           \
	"Cache-Control: no-store\r\n"
#define PAGE                                                                   \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; "     \
	"style-src 'self'; img-src 'self' data:; font-src 'self'; "            \
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; "           \
	"form-action 'none'; frame-ancestors 'none'\r\n"                       \
	"Cache-Control: no-cache\r\n"
#define STRICT "Strict-Transport-Security: max-age=31536000\r\n"

static const char *
reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 304:
		return "Not Modified";
	case 307:
		return "Temporary Redirect";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 409:
		return "Conflict";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 421:
		return "Misdirected Request";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 500:
		return "Internal Server Error";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	}
	return status < 400 ? "OK" : "Error";
}

static void
count(struct dq_connection *c, int status)
{
	static const int refused[4] = {401, 403, 413, 429};
	struct dq_http_counters *n = &c->http->counters;
	double seconds = (double)(dq_clock_steady() - c->since) / 1e6;
	int b = 0;

	n->answers[status / 100]++;
	for (int i = 0; i < 4; i++)
		n->refused[i] += status == refused[i];
	while (seconds > dq_http_buckets[b])
		b++;
	n->seconds_count[b]++;
	n->seconds_sum += seconds;
}

/* Everything before the body, into text; its length. */
static size_t
write_head(struct dq_connection *c, size_t body, char text[DQ_HTTP_HEAD])
{
	const struct dq_request *r = &c->request;
	const struct dq_file *file = c->file;
	int n = snprintf(text, DQ_HTTP_HEAD,
	    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "%s" SECURITY "%s%s%s%s%s%s%s%s%s%s\r\n",
	    r->status, reason_of(r->status), r->type, body,
	    c->close ? "Connection: close\r\n"
	    : c->old ? "Connection: keep-alive\r\n"
		     : "",
	    file ? PAGE : NOTHING, c->http->tls ? STRICT : "",
	    file ? "ETag: " : "", file ? file->etag : "", file ? "\r\n" : "",
	    c->allow ? "Allow: " : "", c->allow ? c->allow : "",
	    c->allow ? "\r\n" : "",
	    r->status == 401   ? "WWW-Authenticate: Bearer\r\n"
	    : r->status == 429 ? "Retry-After: 1\r\n"
			       : "",
	    r->status == 307 ? "Location: /dashboard/\r\n" : "");

	return (size_t)n;
}

/* What the answer's buffer begins with; a file's bytes are copied behind. */
static struct dq_buf *
body_of(struct dq_connection *c)
{
	struct dq_buf *out = c->request.out;

	if (c->file) {
		dq_http_blank(out);
		if (c->request.status != 304)
			dq_buf_slice(out, dq_buf_view(&c->file->bytes));
	}
	return out;
}

/* All of it was given to lws. */
static int
finish(struct dq_connection *c)
{
	struct lws *wsi = c->wsi;
	const bool close = c->close;

	dq_http_end(c);
	c->taken = dq_http_taken(wsi);
	if (close && !lws_partial_buffered(wsi))
		return -1;
	c->phase = lws_partial_buffered(wsi) ? DQ_PHASE_SENDING : DQ_PHASE_IDLE;
	c->since = dq_clock_steady();
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

int
dq_http_send_more(struct dq_connection *c)
{
	size_t n = c->out.len - c->sent;

	n = n < PIECE ? n : PIECE;
	if (lws_write(c->wsi, (unsigned char *)c->out.data + c->sent, n,
		LWS_WRITE_HTTP) < 0)
		return -1;
	c->sent += n;
	c->since = dq_clock_steady();
	if (c->sent == c->out.len)
		return finish(c);
	lws_callback_on_writable(c->wsi);
	return 0;
}

/* What does not leave at once would be copied by lws, tens of megabytes of a
 * large answer; so that is given to it in pieces, from a buffer that is the
 * connection's own. */
static int
send_pieces(struct dq_connection *c, size_t begin)
{
	struct dq_buf *out = c->request.out, own = c->out;

	if (out != &c->out) {
		c->out = *out;
		*out = own;
		c->request.out = &c->out;
	}
	c->sent = begin;
	c->phase = DQ_PHASE_SENDING;
	return dq_http_send_more(c);
}

int
dq_http_answer(struct dq_connection *c)
{
	char head[DQ_HTTP_HEAD];
	struct dq_buf *out = body_of(c);
	size_t body = out->len - DQ_HTTP_ROOM, n = write_head(c, body, head);
	unsigned char *begin = (unsigned char *)out->data + DQ_HTTP_ROOM - n;

	memcpy(begin, head, n);
	if (c->head)
		body = 0;
	count(c, c->request.status);
	if (n + body > PIECE)
		return send_pieces(c, DQ_HTTP_ROOM - n);
	if (lws_write(c->wsi, begin, n + body, LWS_WRITE_HTTP) < 0)
		return -1;
	return finish(c);
}
