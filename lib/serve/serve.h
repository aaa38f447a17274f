/* dq-serve's state: all of it is owned by the loop of its server. */
#ifndef DQ_SERVE_SERVE_H
#define DQ_SERVE_SERVE_H

#include "run/tool.h"
#include "serve/feed.h"
#include "serve/http.h"

struct dq_serve {
	const struct dq_tool *tool;
	struct dq_http *http;
	struct dq_feed **feeds; /* one for each source */
	size_t feed_count;
	struct dq_reader *reader;
	int64_t records[DQ_KIND_OTHER + 1]; /* read, by kind */
	int64_t refused;		    /* lines */
	int64_t event_time; /* the latest; DQ_TIME_NONE before the first */
	int64_t started;    /* wall clock */
	struct dq_buf openapi;
	bool end_with_input; /* --exit-at-end */
};

/* Opens the sources of --from ("a,b" are two, but the topics of one
 * "kafka:a,b" are one) and begins to read them; `http` is set. */
void dq_serve_open(struct dq_serve *serve, const struct dq_tool *tool);
void dq_serve_close(struct dq_serve *serve);

/* GET /, /health, /metrics, /openapi.json: lib/serve/api_server.c. */
extern const struct dq_endpoint dq_api_server[];

#endif
