/* The output of a tool that is a source. */
#include "base/time.h"
#include "port/sink.h"
#include "run/endpoint.h"
#include "run/progress.h"
#include "run/signals.h"
#include "run/tool.h"

static struct {
	struct dq_sink *sink;
	struct dq_progress progress;
	struct dq_counters counters;
} output;

struct dq_out *
dq_tool_open_out(struct dq_tool *tool)
{
	struct dq_err err;

	output.sink = dq_endpoint_sink(tool, DQ_SINK_REPLACE, &err);
	if (!output.sink)
		dq_die(err.code ? err.code : DQ_EXIT_IO, NULL, "%s", err.text);
	output.counters.event_time = DQ_TIME_NONE;
	output.counters.lag = -1;
	dq_progress_init(&output.progress, &tool->common);
	output.counters.done = -1;
	return dq_sink_out(output.sink);
}

static void
count(void)
{
	const struct dq_out *out = dq_sink_out(output.sink);

	output.counters.lines_out = out->lines;
	output.counters.bytes_out = out->bytes;
}

bool
dq_tool_emitted(struct dq_tool *tool, bool now)
{
	struct dq_err err;

	(void)tool;
	if (!dq_sink_write(output.sink, now, &err))
		dq_die(err.code ? err.code : DQ_EXIT_IO, NULL, "%s", err.text);
	if (dq_progress_due(&output.progress, now)) {
		count();
		dq_progress_show(&output.progress, &output.counters, false);
	}
	return !dq_signals_stop;
}

bool
dq_tool_stopped(void)
{
	return dq_signals_stop;
}

enum dq_exit
dq_tool_close_out(struct dq_tool *tool)
{
	struct dq_err err;

	(void)tool;
	count();
	if (!dq_sink_close(output.sink, true, &err)) {
		dq_warn(NULL, "%s", err.text);
		return err.code ? err.code : DQ_EXIT_IO;
	}
	dq_progress_show(&output.progress, &output.counters, true);
	return DQ_EXIT_OK;
}
