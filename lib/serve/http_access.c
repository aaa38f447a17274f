#include "base/time.h"
#include "serve/http_inside.h"

#include <arpa/inet.h>
#include <strings.h>

#define HOST 256
#define LIVE_TOKEN "dq-live,"

const char *
dq_http_header(
    struct lws *wsi, enum lws_token_indexes which, char *text, size_t size)
{
	text[0] = '\0';
	if (lws_hdr_copy(wsi, text, (int)size, which) < 0)
		text[0] = '\0';
	return text;
}

/* "[::1]:8080" without brackets and port. */
static struct dq_slice
host_of(const char *text)
{
	if (*text == '[')
		return (struct dq_slice){text + 1, strcspn(text + 1, "]")};
	return (struct dq_slice){text, strcspn(text, ":")};
}

static bool
is_address(struct dq_slice host)
{
	char text[HOST];
	unsigned char bytes[sizeof(struct in6_addr)];

	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	return inet_pton(AF_INET, text, bytes) == 1 ||
	       inet_pton(AF_INET6, text, bytes) == 1 ||
	       !strcasecmp(text, "localhost");
}

static bool
is_listed(const struct dq_http *http, const char *origin)
{
	for (size_t i = 0; i < http->options.origin_count; i++)
		if (!strcasecmp(http->options.origins[i], origin))
			return true;
	return false;
}

static bool
host_is_listed(const struct dq_http *http, const char *host)
{
	for (size_t i = 0; i < http->options.origin_count; i++) {
		const char *at = strstr(http->options.origins[i], "://");

		if (at && !strcasecmp(at + 3, host))
			return true;
	}
	return false;
}

/* Without tokens, a name that somebody made lead to this address must not let
 * his pages in. */
static bool
may_host(struct dq_connection *c, const char *host)
{
	if (c->http->tokens || !*host || is_address(host_of(host)) ||
	    host_is_listed(c->http, host))
		return true;
	c->close = true;
	dq_request_fail(&c->request, 421, "wrong_host",
	    "Ask by address or as localhost, or name this host by --origin.");
	return false;
}

/* A page of another site sends its own origin. */
static bool
may_origin(struct dq_connection *c, const char *host)
{
	char text[HOST + 16];
	const char *origin =
	    dq_http_header(c->wsi, WSI_TOKEN_ORIGIN, text, sizeof(text));
	const char *own = c->http->tls ? "https://" : "http://";
	size_t n = strlen(own);

	if (lws_hdr_total_length(c->wsi, WSI_TOKEN_ORIGIN) <= 0)
		return true;
	if ((!strncasecmp(origin, own, n) && *host &&
		!strcasecmp(origin + n, host)) ||
	    (*origin && is_listed(c->http, origin)))
		return true;
	dq_request_fail(&c->request, 403, "wrong_origin",
	    "Pages of other sites may not ask here; --origin can allow one.");
	return false;
}

/* Authorization: Bearer TOKEN, or for a page's WebSocket, which can send no
 * such header, Sec-WebSocket-Protocol: dq-live, TOKEN. */
static struct dq_slice
token_of(struct lws *wsi, char *text, size_t size)
{
	const char *at =
	    dq_http_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, text, size);

	if (!strncasecmp(at, "Bearer ", 7))
		return DQ_SLICE(at + 7 + strspn(at + 7, " "));
	at = dq_http_header(wsi, WSI_TOKEN_PROTOCOL, text, size);
	if (strncmp(at, LIVE_TOKEN, strlen(LIVE_TOKEN)) != 0)
		return DQ_SLICE("");
	at += strlen(LIVE_TOKEN);
	return DQ_SLICE(at + strspn(at, " "));
}

static void
take_token(struct dq_connection *c)
{
	struct dq_request *r = &c->request;
	char text[HOST];

	r->role = DQ_ROLE_ADMIN;
	r->who = DQ_SLICE("");
	if (!c->http->tokens)
		return;
	r->role = dq_tokens_role(
	    c->http->tokens, token_of(c->wsi, text, sizeof(text)), &r->who);
	explicit_bzero(text, sizeof(text));
}

static bool
may_rate(struct dq_connection *c)
{
	struct dq_slice client = c->request.who;

	if (!client.len)
		client = DQ_SLICE(c->peer);
	if (!c->http->options.rate ||
	    dq_rate_allows(c->http->rate, client, c->since))
		return true;
	dq_request_fail(&c->request, 429, "too_many",
	    "More than %lld requests a second; wait and ask again.",
	    (long long)c->http->options.rate);
	return false;
}

static bool
may_role(struct dq_connection *c, enum dq_role role)
{
	static const char *const names[] = {
	    "no role", "read", "decide", "admin"};

	if (c->request.role >= role)
		return true;
	if (c->request.role == DQ_ROLE_NONE)
		dq_request_fail(&c->request, 401, "no_token",
		    "Send Authorization: Bearer with a token of this server.");
	else
		dq_request_fail(&c->request, 403, "role",
		    "This token may %s; the path needs %s.",
		    names[c->request.role], names[role]);
	return false;
}

bool
dq_http_may(struct dq_connection *c, enum dq_role role)
{
	char text[HOST];
	const char *host =
	    dq_http_header(c->wsi, WSI_TOKEN_HOST, text, sizeof(text));

	if (!may_host(c, host) || !may_origin(c, host))
		return false;
	take_token(c);
	return may_rate(c) && may_role(c, role);
}
