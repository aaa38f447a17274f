/* What the files of the server share; nobody else includes this. */
#ifndef DQ_SERVE_HTTP_INSIDE_H
#define DQ_SERVE_HTTP_INSIDE_H

#include "serve/http.h"
#include "serve/http_files.h"
#include "serve/http_rate.h"
#include "serve/http_tokens.h"

#include <libwebsockets.h>

/* Before an answer's body in its buffer: room for lws, and for the head, that
 * is written when the body is known, up to where it begins. */
#define DQ_HTTP_HEAD 1024
#define DQ_HTTP_ROOM (LWS_PRE + DQ_HTTP_HEAD)

/* Buffers above these sizes are given back after the request. */
#define DQ_HTTP_KEEP (16u << 10)
#define DQ_HTTP_KEEP_OUT (1u << 20)

enum dq_phase {
	DQ_PHASE_IDLE,	  /* between requests, or headers are coming */
	DQ_PHASE_BODY,	  /* the body is coming */
	DQ_PHASE_WORK,	  /* being worked on in slices */
	DQ_PHASE_READY,	  /* done; waits until it may be written */
	DQ_PHASE_SENDING, /* written, but not all of it has left */
	DQ_PHASE_LIVE,	  /* a WebSocket */
};

struct dq_live;

struct dq_param {
	struct dq_slice name, value;
};

#define DQ_PARAMS 16

/* A connection and the request that it is at. */
struct dq_connection {
	struct dq_connection *next, **previous; /* of http->connections */
	struct dq_http *http;
	struct lws *wsi;
	enum dq_phase phase;
	int64_t since; /* when the phase, or the request, began */
	char peer[48]; /* its address */
	/* the request */
	struct dq_request request;
	const struct dq_endpoint *endpoint;
	struct dq_buf text; /* path and parameters */
	struct dq_param params[DQ_PARAMS];
	size_t param_count;
	struct dq_buf body;
	int64_t body_length; /* as it was announced */
	struct yyjson_doc *doc;
	int64_t taken; /* when the last answer left, see dq_http_taken */
	bool has_length;
	bool head;		    /* HEAD: no body in the answer */
	bool old;		    /* HTTP/1.0 */
	bool close;		    /* after the answer */
	bool failed;		    /* dq_request_fail was called */
	const struct dq_file *file; /* instead of a body */
	const char *allow;	    /* of a 405 */
	struct dq_buf out;	    /* worked on, or large */
	size_t sent;		    /* bytes of `out` */
	/* the work */
	enum dq_work (*step)(void *, struct dq_request *, void *);
	void (*release)(void *);
	void *state;
	bool waits;
	/* a WebSocket's own */
	struct dq_live *live;
};

/* A work of the server's own. */
struct dq_task {
	enum dq_work (*step)(void *state);
	void *state;
	bool waits;
};

struct dq_timer {
	lws_sorted_usec_list_t sul;
	struct dq_timer *next;
	struct dq_http *http;
	int64_t interval;
	void (*call)(void *context);
	void *context;
};

struct dq_http {
	struct lws_context *lws;
	struct lws_vhost *vhost;
	void *context;
	struct dq_http_options options;
	char *address;
	bool loopback, tls;
	volatile bool stopping;
	int listener; /* its descriptor, once somebody has come; -1 */
	int spare;    /* a descriptor for when there are none */
	struct dq_tokens *tokens; /* NULL: everybody may do all */
	struct dq_files *files;
	struct dq_rate *rate;
	const struct dq_endpoint **tables;
	size_t table_count;
	struct dq_connection *connections;
	struct dq_buf out; /* of requests answered at once */
	struct dq_task *tasks;
	size_t task_count, task_next;
	size_t working; /* requests */
	struct dq_timer *timers;
	lws_sorted_usec_list_t again; /* for requests whose work waits */
	bool again_due;
	void (*hello)(void *context, struct dq_buf *json);
	struct dq_http_counters counters;
};

/* An empty answer, with room before it. */
static inline void
dq_http_blank(struct dq_buf *out)
{
	out->len = 0;
	dq_buf_room(out, DQ_HTTP_ROOM);
	out->len = DQ_HTTP_ROOM;
}

/* http_connection.c: lws's callback. */
int dq_http_callback(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len);

/* http_begin.c: a request whose head is there is looked at. False: its answer
 * is a failure already. */
bool dq_http_begin(struct dq_connection *c, struct dq_slice path);

/* The same for one that wants to speak another protocol, WebSocket or not. */
bool dq_http_begin_live(
    struct dq_connection *c, struct dq_slice path, bool websocket);

/* Calls the endpoint. */
void dq_http_serve(struct dq_connection *c);

/* Forgets the request. */
void dq_http_end(struct dq_connection *c);

/* http_access.c: who asks, from where? False after dq_request_fail. */
bool dq_http_may(struct dq_connection *c, enum dq_role role);
/* A header, NUL-terminated; "" when it is not there or does not fit. */
const char *dq_http_header(
    struct lws *wsi, enum lws_token_indexes which, char *text, size_t size);

/* http_route.c: NULL when no row has the path; *allow names the methods that
 * it has where none is the one asked for. */
const struct dq_endpoint *dq_http_route(const struct dq_http *http,
    struct dq_slice method, struct dq_slice path,
    struct dq_slice args[DQ_REQUEST_ARGS], const char **allow);

/* http_peer.c: bytes that lws has read from the socket so far; 0 when that is
 * not known. */
int64_t dq_http_taken(struct lws *wsi);

/* http_answer.c: writes the answer, or the next piece of a large one. Not 0:
 * lws must close. */
int dq_http_answer(struct dq_connection *c);
int dq_http_send_more(struct dq_connection *c);

/* http_work.c */
bool dq_http_slice(struct dq_http *http); /* is there more to do at once? */
void dq_http_drop_work(struct dq_connection *c);
void dq_http_works_go_on(struct dq_http *http);

/* http_live.c: what is not 0 ends the connection. */
int dq_live_open(struct dq_connection *c);
int dq_live_write(struct dq_connection *c);
int dq_live_message(struct dq_connection *c, struct dq_slice text, bool last);
void dq_live_close(struct dq_connection *c);

#endif
