/* An HTTP and WebSocket server for one thread: a loop that owns all state, and
 * a table of endpoints.
 *
 * To add an endpoint: a function and a row in a table given to dq_http_add.
 *
 *	static void
 *	serve_customer(void *context, struct dq_request *request)
 *	{
 *		struct dq_serve *serve = context;
 *
 *		if (!is_known(serve, request->args[0])) {
 *			dq_request_fail(request, 404, "unknown_customer",
 *			    "No customer has this id.");
 *			return;
 *		}
 *		dq_buf_byte(request->out, '{');
 *		...
 *		dq_buf_byte(request->out, '}');
 *	}
 *
 *	const struct dq_endpoint dq_api_customers[] = {
 *	    {"GET", "/customer/{id}", DQ_ROLE_READ, serve_customer},
 *	    {.path = NULL},
 *	};
 *
 * What has been appended when the function returns is the answer, unless it
 * called dq_request_work: then the work goes on in slices, between which other
 * requests are answered, and the answer leaves when the work is done. */
#ifndef DQ_SERVE_HTTP_H
#define DQ_SERVE_HTTP_H

#include "base/err.h"
#include "record/json.h"

#define DQ_REQUEST_ARGS 2

struct dq_http;

/* What a token allows; each role may do what those before it may. */
enum dq_role { DQ_ROLE_NONE, DQ_ROLE_READ, DQ_ROLE_DECIDE, DQ_ROLE_ADMIN };

/* Lives until its answer has been given. */
struct dq_request {
	/* What stands for the parts in braces of the path, decoded. */
	struct dq_slice args[DQ_REQUEST_ARGS];
	struct dq_slice body;
	struct dq_slice who; /* the token's name; empty without tokens */
	enum dq_role role;
	/* The answer: append to it, never look at what is there. */
	struct dq_buf *out;
	int status;	  /* 200 */
	const char *type; /* "application/json" */
};

struct dq_endpoint {
	const char *method; /* "GET" (answers HEAD, too) or "POST" */
	const char *path;   /* "/customer/{id}/history" */
	enum dq_role role;
	void (*serve)(void *context, struct dq_request *request);
};

/* A parameter of the query, decoded; false when it is not there. The bytes
 * live as long as the request. */
bool dq_request_text(
    struct dq_request *request, const char *name, struct dq_slice *value);

/* The same for a whole number; *value is left alone when it is not there.
 * False after dq_request_fail (400) when it is no number from min to max. */
bool dq_request_int(struct dq_request *request, const char *name, int64_t min,
    int64_t max, int64_t *value);

/* The body as JSON; NULL after dq_request_fail (400) when it is none. Lives
 * as long as the request. */
struct yyjson_val *dq_request_json(struct dq_request *request);

/* Whatever was appended is dropped; the answer is
 * {"error":{"code":CODE,"message":SENTENCE}} with this status. */
void dq_request_fail(struct dq_request *request, int status, const char *code,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Has dq_request_fail been called? */
bool dq_request_failed(const struct dq_request *request);

/* The rest of this request is done in steps of the loop. `step` does a small
 * piece (well below a millisecond; it is called again and again while the
 * slice of 0.5 ms lasts). `release` frees `state`; it is called once, when the
 * work is done, or when the client has gone, and then `step` no more. */
enum dq_work {
	DQ_WORK_MORE, /* call again */
	DQ_WORK_WAIT, /* call again after dq_http_wake, or in 20 ms */
	DQ_WORK_DONE,
};
void dq_request_work(struct dq_request *request,
    enum dq_work (*step)(
	void *context, struct dq_request *request, void *state),
    void (*release)(void *state), void *state);

/* The same for work of the server's own: ingest, reloading. It goes on until
 * it says DONE; all works get slices in turn. */
void dq_http_work(
    struct dq_http *http, enum dq_work (*step)(void *state), void *state);

/* Calls it every `interval` microseconds. */
void dq_http_every(struct dq_http *http, int64_t interval,
    void (*call)(void *context), void *context);

/* Works that wait are called again. The only function that other threads may
 * call. */
void dq_http_wake(struct dq_http *http);

/* WebSocket clients of /live. A frame is one JSON object, {"type":...}. A
 * client gets all, or what it asked for by sending
 *	{"types":["alert"],"levels":["HIGH"],"customer_ids":["C1"]}
 * (a key that is not there: all; a frame that has no level or customer passes
 * those filters). One that cannot take its frames as fast as they come is
 * dropped. */
struct dq_frame {
	const char *type;	     /* "prediction" */
	const char *level;	     /* of risk, or NULL */
	struct dq_slice customer_id; /* or empty */
	struct dq_slice json;	     /* copied */
};
void dq_live_send(struct dq_http *http, const struct dq_frame *frame);

/* Is there anybody to send to? */
size_t dq_live_clients(const struct dq_http *http);

/* Appends a new client's first frame. */
void dq_live_hello(
    struct dq_http *http, void (*hello)(void *context, struct dq_buf *json));

struct dq_http_options {
	const char *listen;	 /* "127.0.0.1:8080"; port 0: a free one */
	const char *certificate; /* PEM, with its chain; NULL: no TLS */
	const char *key;
	const char *tokens; /* file, or NULL: everybody may do all */
	const char *const
	    *origins; /* that may be asked from, besides our own */
	size_t origin_count;
	const char *www;     /* directory of what is under /dashboard/ */
	int64_t rate;	     /* requests/s of a client; 0: any number */
	int64_t body_limit;  /* bytes */
	int64_t clients_max; /* connections */
	int64_t timeout;     /* microseconds a request may take to come */
};

/* What has happened so far. */
struct dq_http_counters {
	int64_t requests;
	int64_t answers[6];	   /* by the first digit of the status */
	int64_t refused[4];	   /* 401, 403, 413 and 429 */
	int64_t connections, live; /* now */
	int64_t live_dropped;	   /* clients that were too slow */
	int64_t frames;		   /* sent to clients */
	int64_t seconds_count[8];  /* by time to answer, see dq_http_buckets */
	double seconds_sum;
};

/* Upper ends of seconds_count, in seconds; the last is infinite. */
extern const double dq_http_buckets[8];

/* Listens; `context` is handed to the endpoints. NULL with err set: 2 where
 * options or files are wrong, 75 where the address is in use. */
struct dq_http *dq_http_open(
    const struct dq_http_options *options, void *context, struct dq_err *err);

/* The table must outlive the server; it ends with a row without path. */
void dq_http_add(struct dq_http *http, const struct dq_endpoint *table);

/* "http://127.0.0.1:8080" */
const char *dq_http_address(const struct dq_http *http);

const struct dq_http_counters *dq_http_counters(const struct dq_http *http);

/* Every row of the tables, in the order of their adding; NULL at the end. */
const struct dq_endpoint *dq_http_endpoint(
    const struct dq_http *http, size_t number);

/* Reads the tokens again; false with err set: the old ones still hold. */
bool dq_http_reload(struct dq_http *http, struct dq_err *err);

/* Serves until dq_http_stop was called or the tool was asked to stop, then
 * takes no new connections, lets requests in hand be answered (at most 5 s)
 * and returns. */
void dq_http_run(struct dq_http *http);
void dq_http_stop(struct dq_http *http);

void dq_http_close(struct dq_http *http);

#endif
