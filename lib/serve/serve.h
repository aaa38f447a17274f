/* dq-serve's state: all of it is owned by the loop of its server. */
#ifndef DQ_SERVE_SERVE_H
#define DQ_SERVE_SERVE_H

#include "rollup/rollup.h"
#include "run/tool.h"
#include "serve/book.h"
#include "serve/desk.h"
#include "serve/feed.h"
#include "serve/http.h"
#include "serve/past.h"
#include "serve/publisher.h"
#include "serve/reload.h"
#include "serve/train.h"

struct dq_serve {
	const struct dq_tool *tool;
	struct dq_http *http;
	struct dq_feed **feeds; /* one for each source */
	size_t feed_count;
	struct dq_publisher *publisher; /* NULL without --spool */
	struct dq_past *past;		/* NULL without --pg */
	bool pg;			/* --pg */
	struct dq_reader *reader;
	struct dq_desk_options desk_options;
	struct dq_desk desk;
	struct dq_book book;
	struct dq_rollup_options window_options;
	struct dq_rollup *windows;
	struct dq_out windows_out;
	int64_t told; /* version of the book that /live was told of */
	struct dq_reload reload;
	struct dq_train train;
	bool train_waits;	 /* its model is to be read */
	bool train_loads;	 /* reload is about it */
	int64_t keep;		 /* microseconds that decisions are kept */
	int64_t train_threshold; /* new customers */
	int64_t trained;	 /* customers when the model was loaded */
	int64_t records[DQ_KIND_OTHER + 1]; /* read, by kind */
	int64_t refused;		    /* lines */
	int64_t event_time; /* the latest; DQ_TIME_NONE before the first */
	struct dq_buf openapi;
	bool end_with_input; /* --exit-at-end */
};

/* Opens the sources of --from ("a,b" are two, but the topics of one
 * "kafka:a,b" are one) and begins to read them; `http` is set. */
void dq_serve_open(struct dq_serve *serve, const struct dq_tool *tool);
void dq_serve_close(struct dq_serve *serve);

/* Opens book and desk by serve->desk_options; false with err set where a file
 * is missing or wrong. dq_serve_close closes them. */
bool dq_serve_equip(struct dq_serve *serve, struct dq_err *err);

/* A record of a source: all that follows from it is done when this returns.
 * False with err set when it cannot be taken (lib/serve/take.c). */
bool dq_serve_take(
    struct dq_serve *serve, const struct dq_record *record, struct dq_err *err);

/* A record that was made here; valid until the next record. */
const struct dq_record *dq_serve_parse(
    struct dq_serve *serve, struct dq_slice line);

/* A prediction that was asked for, as of now, and is published and known from
 * here on; false when it cannot be published: nothing has happened then. */
bool dq_serve_requested(
    struct dq_serve *serve, const struct dq_record *prediction);

/* Can what a request does be published? False after dq_request_fail (503). */
bool dq_serve_ready(struct dq_serve *serve, struct dq_request *request);
void dq_serve_full(struct dq_request *request); /* it cannot */

/* A review that a person gave here; false with err set when nothing of that
 * decision is pending. */
bool dq_serve_review(
    struct dq_serve *serve, struct dq_slice review, struct dq_err *err);

/* What a person decided is written to the database first, if there is one
 * (`sql`, with `count` values that are copied); then `apply` makes it so and
 * answers, without a request where the client has gone. `what` is taken. A
 * database that is away is 503, and nothing has happened
 * (lib/serve/written.c). */
void dq_serve_written(struct dq_serve *serve, struct dq_request *request,
    const char *sql, int count, const struct dq_slice *values,
    struct dq_buf *what,
    void (*apply)(struct dq_serve *serve, struct dq_request *request,
	struct dq_slice what));

/* With --pg: connects, and knows again who looks after whom. */
void dq_serve_remember(struct dq_serve *serve, void (*wake)(void *context));

/* A record as a frame of /live; `customer_id` may be empty. */
void dq_serve_send(struct dq_serve *serve, const char *type,
    struct dq_slice customer_id, struct dq_slice record);

/* "kafka":{...} or null, and "sources":[...] (lib/serve/api_server.c). */
void dq_serve_kafka(struct dq_serve *serve, struct dq_buf *out);
void dq_serve_sources(struct dq_serve *serve, struct dq_buf *out);

/* Frames of /live about the whole, and a new client's first one. */
void dq_serve_hello(void *context, struct dq_buf *json);
void dq_serve_tell(void *context);

/* What GET /stats says, without its braces (lib/serve/api_stats.c). */
void dq_serve_stats(const struct dq_serve *serve, struct dq_buf *out);

/* What the book says: lib/serve/api_stats.c, api_customer.c, api_watch.c,
 * api_decisions.c. */
extern const struct dq_endpoint dq_api_stats[], dq_api_customer[],
    dq_api_history[], dq_api_watch[], dq_api_decisions[];

/* Looks for the end of a training, for SIGHUP, and for the end of what is read
 * again because of one or the other: lib/serve/watch.c. */
void dq_serve_watch(void *context);

/* A training runs, or its model is being read. */
bool dq_serve_trains(const struct dq_serve *serve);
extern const struct dq_endpoint dq_api_train[];

/* What the desk does: lib/serve/api_predict.c, api_decide.c. */
extern const struct dq_endpoint dq_api_predict[], dq_api_decide[];

/* GET /, /health, /metrics, /openapi.json: lib/serve/api_server.c. */
extern const struct dq_endpoint dq_api_server[];

#endif
