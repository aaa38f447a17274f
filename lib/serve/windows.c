#include "serve/windows.h"

/* A window's record is written. Its key keeps corrections behind it. */
static void
tell(struct dq_out *out, struct dq_slice key)
{
	struct dq_serve *serve = out->port;
	struct dq_slice line = {out->buf.data, out->buf.len - 1};

	if (serve->desk_options.scores)
		dq_publisher_put(
		    serve->publisher, DQ_KIND_DASHBOARD, key, line, true);
	dq_serve_send(serve, "dashboard", (struct dq_slice){"", 0}, line);
	out->buf.len = 0;
}

void
dq_windows_open(struct dq_serve *serve)
{
	serve->windows = dq_rollup_new(&serve->window_options);
	serve->windows_out.finished = tell;
	serve->windows_out.port = serve;
}

void
dq_windows_record(struct dq_serve *serve, const struct dq_record *record)
{
	struct dq_err no_time;

	dq_rollup_record(serve->windows, record, &serve->windows_out, &no_time);
}

void
dq_windows_tick(struct dq_serve *serve, const struct dq_record *tick)
{
	/* What is made here is of no partition. */
	int32_t partition =
	    serve->desk_options.scores ? -1 : tick->place.partition;

	dq_rollup_tick(
	    serve->windows, tick->time, partition, &serve->windows_out);
}

void
dq_windows_close(struct dq_serve *serve)
{
	dq_rollup_end(serve->windows, &serve->windows_out);
	dq_rollup_free(serve->windows);
	dq_buf_release(&serve->windows_out.buf);
}
