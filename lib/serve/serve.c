#include "serve/windows.h"

#include "base/mem.h"
#include "base/time.h"
#include "run/files.h"

#include <stdlib.h>
#include <strings.h>

#define OPENAPI_LIMIT (4u << 20)

/* A record is read; what follows from it is known when this returns. */
static bool
take_record(
    struct dq_serve *serve, const struct dq_record *record, struct dq_err *err)
{
	serve->records[record->kind]++;
	if (record->time != DQ_TIME_NONE && record->time > serve->event_time)
		serve->event_time = record->time;
	return dq_serve_take(serve, record, err);
}

static void
refuse(struct dq_serve *serve, const struct dq_place *place, const char *why)
{
	char text[256];

	serve->refused++;
	dq_warn(dq_place_text(place, text), "%s", why);
}

static void
take_line(struct dq_serve *serve, const struct dq_feed_line *line)
{
	const struct dq_record *record;
	struct dq_err err;

	if (line->why) {
		refuse(serve, &line->place, line->why);
		return;
	}
	if (dq_slice_blank(line->bytes))
		return;
	record = dq_reader_parse(
	    serve->reader, line->bytes, &line->place, UINT32_MAX, 2, &err);
	if (!record || !take_record(serve, record, &err))
		refuse(serve, &line->place, err.text);
}

/* One line of each source that has one. */
static enum dq_work
read_feeds(void *state)
{
	struct dq_serve *serve = state;
	struct dq_feed_line line;
	size_t ended = 0;
	bool more = false;

	if (!dq_publisher_ready(serve->publisher))
		return DQ_WORK_WAIT;
	for (size_t i = 0; i < serve->feed_count; i++)
		if (dq_feed_take(serve->feeds[i], &line)) {
			take_line(serve, &line);
			more = true;
		} else
			ended +=
			    dq_feed_state(serve->feeds[i]) > DQ_FEED_READING;
	if (more)
		return DQ_WORK_MORE;
	if (ended < serve->feed_count)
		return DQ_WORK_WAIT;
	if (serve->end_with_input)
		dq_http_stop(serve->http);
	return DQ_WORK_DONE;
}

static void
wake(void *context)
{
	struct dq_serve *serve = context;

	dq_http_wake(serve->http);
}

/* The length of the first source of a list: "kafka:a,b,-" is two. */
static size_t
first_source(const char *list)
{
	size_t n = strcspn(list, ",");
	bool many = !strncmp(list, "kafka:", 6) || !strncmp(list, "pg:", 3);

	while (many && list[n] && strcmp(list + n, ",-") != 0 &&
	       list[n + 1] != '/' && list[n + 1] != '.' &&
	       strncmp(list + n + 1, "kafka:", 6) != 0 &&
	       strncmp(list + n + 1, "pg:", 3) != 0 &&
	       strncmp(list + n, ",-,", 3) != 0)
		n += 1 + strcspn(list + n + 1, ",");
	return n;
}

static void
open_publisher(struct dq_serve *serve, const struct dq_tool *tool)
{
	struct dq_err err;

	serve->publisher =
	    dq_publisher_open(tool->kafka, &tool->common.kafka, &err);
	if (!serve->publisher && err.text[0])
		dq_die(err.code, "--spool", "%s", err.text);
}

void
dq_serve_open(struct dq_serve *serve, const struct dq_tool *tool)
{
	const char *from = tool->common.from;
	char *path = dq_file_share("openapi.json");

	dq_file_read(path, OPENAPI_LIMIT, &serve->openapi);
	free(path);
	serve->tool = tool;
	serve->reader = dq_reader_new();
	serve->event_time = DQ_TIME_NONE;
	serve->end_with_input = tool->common.kafka.exit_at_end;
	open_publisher(serve, tool);
	dq_serve_remember(serve, wake);
	dq_http_add(serve->http, dq_api_server);
	dq_http_add(serve->http, dq_api_stats);
	dq_http_add(serve->http, dq_api_customer);
	dq_http_add(serve->http, dq_api_history);
	dq_http_add(serve->http, dq_api_watch);
	dq_http_add(serve->http, dq_api_decisions);
	dq_http_add(serve->http, dq_api_predict);
	dq_http_add(serve->http, dq_api_decide);
	dq_http_add(serve->http, dq_api_train);
	dq_http_every(serve->http, DQ_SECOND / 10, dq_serve_watch, serve);
	dq_live_hello(serve->http, dq_serve_hello);
	dq_http_every(serve->http, DQ_SECOND, dq_serve_tell, serve);
	dq_http_work(serve->http, read_feeds, serve);
	while (*from) {
		size_t n = first_source(from);

		serve->feeds = dq_realloc_array(serve->feeds,
		    serve->feed_count + 1, sizeof(struct dq_feed *));
		serve->feeds[serve->feed_count++] =
		    dq_feed_open(tool, dq_strndup(from, n), wake, serve);
		from += n + (from[n] == ',');
	}
}

void
dq_serve_close(struct dq_serve *serve)
{
	struct dq_err err;

	dq_windows_close(serve);
	if (!dq_publisher_close(serve->publisher, &err))
		dq_warn("--spool", "%s", err.text);
	for (size_t i = 0; i < serve->feed_count; i++) {
		char *name = (char *)dq_feed_name(serve->feeds[i]);

		dq_feed_close(serve->feeds[i]);
		free(name);
	}
	free(serve->feeds);
	dq_past_close(serve->past);
	dq_train_close(&serve->train);
	dq_reload_close(&serve->reload);
	dq_desk_close(&serve->desk);
	dq_book_release(&serve->book);
	dq_reader_free(serve->reader);
	dq_buf_release(&serve->openapi);
}
