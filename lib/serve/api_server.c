#include "base/time.h"
#include "run/metrics.h"
#include "serve/api_parts.h"

#include <math.h>
#include <stdio.h>

static void
serve_root(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_buf *out = request->out;
	const struct dq_endpoint *e;

	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "name", "dq");
	dq_buf_member_str(out, "version", DQ_VERSION);
	dq_buf_member_str(out, "status", "running");
	dq_buf_member_str(out, "docs", "/openapi.json");
	dq_buf_member_str(out, "dashboard", "/dashboard/");
	dq_buf_key(out, "endpoints");
	dq_buf_byte(out, '[');
	for (size_t i = 0; (e = dq_http_endpoint(serve->http, i)); i++) {
		dq_buf_comma(out);
		dq_buf_printf(out, "\"%s %s\"", e->method, e->path);
	}
	dq_buf_comma(out);
	dq_buf_str(out, "\"GET /dashboard/\",\"WS /live\"]}\n");
}

void
dq_serve_sources(struct dq_serve *serve, struct dq_buf *out)
{
	dq_buf_key(out, "sources");
	dq_buf_byte(out, '[');
	for (size_t i = 0; i < serve->feed_count; i++) {
		struct dq_feed *feed = serve->feeds[i];
		int64_t lag = dq_feed_lag(feed);

		dq_buf_comma(out);
		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "name", dq_feed_name(feed));
		dq_buf_member_str(
		    out, "state", dq_feed_state_name(dq_feed_state(feed)));
		if (lag < 0)
			dq_buf_member_null(out, "lag");
		else
			dq_buf_member_int(out, "lag", lag);
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, ']');
}

void
dq_serve_kafka(struct dq_serve *serve, struct dq_buf *out)
{
	struct dq_publisher_figures f = dq_publisher_figures(serve->publisher);

	if (f.state == DQ_PUBLISHER_NONE) {
		dq_buf_member_null(out, "kafka");
		return;
	}
	dq_buf_key(out, "kafka");
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "state", dq_publisher_state_name(f.state));
	dq_buf_member_int(out, "spooled", f.records);
	dq_buf_member_int(out, "spool_bytes", f.bytes);
	dq_buf_byte(out, '}');
}

static bool
is_degraded(const struct dq_serve *serve)
{
	struct dq_err err;

	if (dq_publisher_figures(serve->publisher).state >= DQ_PUBLISHER_AWAY ||
	    !dq_past_reachable(serve->past, &err))
		return true;
	for (size_t i = 0; i < serve->feed_count; i++)
		if (dq_feed_state(serve->feeds[i]) == DQ_FEED_FAILED)
			return true;
	return false;
}

/* null where there is none. */
static void
put_database(const struct dq_serve *serve, struct dq_buf *out)
{
	struct dq_err err;
	bool some = serve->past, good = dq_past_reachable(serve->past, &err);

	for (size_t i = 0; i < serve->feed_count; i++) {
		struct dq_feed *feed = serve->feeds[i];

		if (strncmp(dq_feed_name(feed), "pg:", 3) != 0)
			continue;
		some = true;
		good = good && (dq_feed_state(feed) == DQ_FEED_READING ||
				   dq_feed_state(feed) == DQ_FEED_ENDED);
	}
	if (some)
		dq_buf_member_flag(out, "database_connected", good);
	else
		dq_buf_member_null(out, "database_connected");
}

static void
serve_health(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_buf *out = request->out;

	dq_buf_byte(out, '{');
	dq_buf_member_str(
	    out, "status", is_degraded(serve) ? "degraded" : "healthy");
	dq_serve_kafka(serve, out);
	dq_serve_sources(serve, out);
	dq_buf_member_flag(out, "model_loaded", true);
	put_database(serve, out);
	dq_buf_member_int(out, "customers", serve->book.ids.count);
	dq_part_time(out, "event_time", serve->event_time);
	dq_buf_member_time(out, "timestamp", dq_clock_wall());
	dq_buf_str(out, "}\n");
}

static void
add_records(const struct dq_serve *serve, struct dq_metrics *metrics)
{
	char labels[64];

	for (int k = 0; k <= DQ_KIND_OTHER; k++) {
		snprintf(labels, sizeof(labels), "kind=\"%s\"",
		    k == DQ_KIND_OTHER ? "other"
				       : dq_kind_info((enum dq_kind)k)->name);
		dq_metrics_add(metrics, "dq_serve_records_total", "counter",
		    "Records read.", labels, (double)serve->records[k]);
	}
	dq_metrics_add(metrics, "dq_serve_refused_total", "counter",
	    "Lines that were no records.", "", (double)serve->refused);
}

static void
add_sources(const struct dq_serve *serve, struct dq_metrics *metrics)
{
	struct dq_buf labels = {0};

	for (size_t i = 0; i < serve->feed_count; i++) {
		labels.len = 0;
		dq_buf_str(&labels, "source=");
		dq_buf_json_str(&labels, dq_feed_name(serve->feeds[i]));
		dq_buf_text(&labels);
		dq_metrics_add(metrics, "dq_serve_source_up", "gauge",
		    "1 while the source is read, or has ended well.",
		    labels.data,
		    dq_feed_state(serve->feeds[i]) != DQ_FEED_FAILED);
		dq_metrics_add(metrics, "dq_serve_source_lag", "gauge",
		    "Records that are there and not read yet; -1: not known.",
		    labels.data, (double)dq_feed_lag(serve->feeds[i]));
	}
	dq_buf_release(&labels);
}

static void
add_answers(const struct dq_http_counters *n, struct dq_metrics *metrics)
{
	char labels[64];

	for (int i = 1; i < 6; i++) {
		snprintf(labels, sizeof(labels), "code=\"%dxx\"", i);
		dq_metrics_add(metrics, "dq_serve_answers_total", "counter",
		    "Answers by the first digit of their status.", labels,
		    (double)n->answers[i]);
	}
}

static void
add_seconds(const struct dq_http_counters *n, struct dq_metrics *metrics)
{
	static const char name[] = "dq_serve_request_seconds";
	static const char help[] = "From a request's head to its answer.";
	struct dq_buf *samples;
	int64_t sum = 0;

	dq_metrics_add(metrics, name, "histogram", help, "", 0);
	samples = &metrics->families[metrics->names.count - 1].samples;
	samples->len = 0;
	for (int i = 0; i < 8; i++) {
		sum += n->seconds_count[i];
		dq_buf_printf(samples, "%s_bucket{le=\"", name);
		if (isinf(dq_http_buckets[i]))
			dq_buf_str(samples, "+Inf");
		else
			dq_buf_printf(samples, "%g", dq_http_buckets[i]);
		dq_buf_printf(samples, "\"} %lld\n", (long long)sum);
	}
	dq_buf_printf(samples, "%s_sum{} %.6f\n%s_count{} %lld\n", name,
	    n->seconds_sum, name, (long long)sum);
}

static void
add_database(const struct dq_serve *serve, struct dq_metrics *metrics)
{
	struct dq_err err;

	if (serve->past)
		dq_metrics_add(metrics, "dq_serve_database_up", "gauge",
		    "1 while the database of --pg answers.", "",
		    dq_past_reachable(serve->past, &err));
}

static void
add_spool(const struct dq_serve *serve, struct dq_metrics *metrics)
{
	struct dq_publisher_figures f = dq_publisher_figures(serve->publisher);

	dq_metrics_add(metrics, "dq_serve_kafka_up", "gauge",
	    "1 while a broker takes what is published.", "",
	    f.state == DQ_PUBLISHER_REACHABLE);
	dq_metrics_add(metrics, "dq_serve_published_total", "counter",
	    "Records put into the spool.", "", (double)f.published);
	dq_metrics_add(metrics, "dq_serve_unpublished_total", "counter",
	    "Records that a full spool did not take.", "", (double)f.refused);
	dq_metrics_add(metrics, "dq_serve_spool_records", "gauge",
	    "Records in the spool that Kafka does not have yet.", "",
	    (double)f.records);
	dq_metrics_add(metrics, "dq_serve_spool_bytes", "gauge",
	    "Bytes of them.", "", (double)f.bytes);
	dq_metrics_add(metrics, "dq_serve_spool_limit_bytes", "gauge",
	    "How many there may be.", "", (double)f.limit);
}

static void
serve_metrics(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	const struct dq_http_counters *n = dq_http_counters(serve->http);
	struct dq_metrics metrics = {0};

	add_records(serve, &metrics);
	add_sources(serve, &metrics);
	dq_metrics_add(&metrics, "dq_serve_requests_total", "counter",
	    "Requests.", "", (double)n->requests);
	add_answers(n, &metrics);
	add_seconds(n, &metrics);
	dq_metrics_add(&metrics, "dq_serve_connections", "gauge",
	    "Open connections.", "", (double)n->connections);
	dq_metrics_add(&metrics, "dq_serve_live_clients", "gauge",
	    "WebSockets of /live.", "", (double)n->live);
	dq_metrics_add(&metrics, "dq_serve_live_frames_total", "counter",
	    "Frames sent to them.", "", (double)n->frames);
	dq_metrics_add(&metrics, "dq_serve_live_dropped_total", "counter",
	    "Clients of /live that were too slow.", "",
	    (double)n->live_dropped);
	if (serve->publisher)
		add_spool(serve, &metrics);
	add_database(serve, &metrics);
	request->type = "text/plain; version=0.0.4; charset=utf-8";
	dq_metrics_write(&metrics, request->out);
	dq_metrics_release(&metrics);
}

/* What a page offers depends on it. */
static void
serve_whoami(void *context, struct dq_request *request)
{
	static const char *const roles[] = {"none", "read", "decide", "admin"};
	struct dq_buf *out = request->out;

	(void)context;
	dq_buf_byte(out, '{');
	if (request->who.len)
		dq_buf_member_text(out, "name", request->who);
	else
		dq_buf_member_null(out, "name");
	dq_buf_member_str(out, "role", roles[request->role]);
	dq_buf_str(out, "}\n");
}

static void
serve_openapi(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;

	dq_buf_slice(request->out, dq_buf_view(&serve->openapi));
}

const struct dq_endpoint dq_api_server[] = {
    {"GET", "/", DQ_ROLE_NONE, serve_root},
    {"GET", "/health", DQ_ROLE_READ, serve_health},
    {"GET", "/metrics", DQ_ROLE_READ, serve_metrics},
    {"GET", "/whoami", DQ_ROLE_READ, serve_whoami},
    {"GET", "/openapi.json", DQ_ROLE_NONE, serve_openapi},
    {.path = NULL},
};
