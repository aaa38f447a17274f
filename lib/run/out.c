/* The output of a tool that is a source. */
#include "base/time.h"
#include "port/sink.h"
#include "run/endpoint.h"
#include "run/progress.h"
#include "run/pseudonyms.h"
#include "run/signals.h"
#include "run/tool.h"

#define BLOCK_SIZE (64u << 10)

static struct {
	struct dq_sink *sink;
	/* With --pseudonym: what the tool writes, before it is the sink's. */
	struct dq_out own;
	struct dq_reader *reader;
	struct dq_pseudonyms pseudonyms;
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
	if (!tool->common.pseudonym)
		return dq_sink_out(output.sink);
	dq_pseudonyms_open(&output.pseudonyms, tool->common.pseudonym);
	output.reader = dq_reader_new();
	output.own.partition = -1;
	return &output.own;
}

/* What the tool wrote under pseudonyms into the sink. */
static void
rename_all(void)
{
	static const struct dq_place place = {
	    .source = "output", .partition = -1};
	struct dq_slice rest = dq_buf_view(&output.own.buf);
	const char *end;
	struct dq_err err;

	while (rest.len && (end = memchr(rest.data, '\n', rest.len))) {
		struct dq_slice line = {rest.data, (size_t)(end - rest.data)};
		const struct dq_record *record =
		    dq_reader_parse(output.reader, line, &place, 0, 2, &err);

		if (!record)
			dq_die(DQ_EXIT_BROKEN, "output", "%s", err.text);
		dq_pseudonyms_record(
		    &output.pseudonyms, record, dq_sink_out(output.sink));
		rest.data = end + 1;
		rest.len -= line.len + 1;
	}
	output.own.buf.len = 0;
	dq_pseudonyms_flush(&output.pseudonyms, dq_sink_out(output.sink));
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
	if (output.reader && (now || output.own.buf.len >= BLOCK_SIZE))
		rename_all();
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
	if (output.reader) {
		rename_all();
		dq_reader_free(output.reader);
		dq_buf_release(&output.own.buf);
		dq_pseudonyms_close(&output.pseudonyms);
	}
	count();
	if (!dq_sink_close(output.sink, true, &err)) {
		dq_warn(NULL, "%s", err.text);
		return err.code ? err.code : DQ_EXIT_IO;
	}
	dq_progress_show(&output.progress, &output.counters, true);
	return DQ_EXIT_OK;
}
