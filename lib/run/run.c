/* The life of a filter from the first line to the exit code. */
#include "base/time.h"
#include "run/endpoint.h"
#include "run/running.h"
#include "run/signals.h"

/* The target does not take a record: the letter is kept before anything that
 * came after it is. */
static bool
refused_by_target(void *context, const struct dq_place *place,
    struct dq_slice line, const char *why, struct dq_err *err)
{
	struct dq_running *run = context;
	enum dq_exit code = DQ_EXIT_IO;

	if (dq_refuse_line(&run->refuse, place, line, why, &code))
		return dq_refuse_sync(&run->refuse, err);
	return dq_err_code(err, code, "%s", "");
}

static void
open_all(struct dq_running *run)
{
	const struct dq_common *c = &run->tool->common;

	run->source = dq_endpoint_source(run->tool);
	if (dq_source_is(run->source, c->to))
		dq_die(DQ_EXIT_USAGE, "--to",
		    "the output is the input: write to another file");
	run->next_tick = DQ_TIME_NONE;
	run->sink = dq_checkpoint_open(&run->checkpoint, run->tool, run->source,
	    run->filter, &run->next_tick);
	run->sink->refused = refused_by_target;
	run->sink->refused_context = run;
	run->sink->place = &run->source->place;
	run->out = dq_sink_out(run->sink);
	run->reader = dq_reader_new();
	run->counters.event_time = DQ_TIME_NONE;
	dq_stream_init(
	    &run->stream, run->tool, run->filter, run->source, run->sink);
	if (run->stream.log) {
		run->filter->changed = dq_changelog_changed;
		run->filter->changed_context = run->stream.log;
	}
	dq_refuse_init(&run->refuse, run->tool, run->sink);
	if (run->filter->state_count > 1)
		run->team = dq_running_team(run);
	if (run->filter->reload)
		dq_signals_catch_reload();
	dq_progress_init(&run->progress, c);
}

/* What came before a refused record is written all the same. */
static bool
good_so_far(const struct dq_running *run)
{
	return run->code == DQ_EXIT_OK || run->code == DQ_EXIT_DATA;
}

/* A stateful run whose input will go on another day owes nothing yet. */
static void
finish(struct dq_running *run)
{
	struct dq_filter *filter = run->filter;

	if (run->code == DQ_EXIT_OK && filter->end && !run->checkpoint.state &&
	    !run->stream.control.begun)
		filter->end(filter->state, run->out);
	if (run->code == DQ_EXIT_OK)
		dq_running_save(run, !run->checkpoint.stopped);
	if (good_so_far(run))
		dq_running_write(run, true);
	dq_running_count(run);
}

static void
close_all(struct dq_running *run)
{
	bool good = good_so_far(run);
	struct dq_err err;

	if (!dq_refuse_close(&run->refuse, &err) ||
	    !dq_sink_close(run->sink, good, &err)) {
		if (*err.text)
			dq_warn(NULL, "%s", err.text);
		run->code = err.code ? err.code : DQ_EXIT_IO;
	}
	dq_stream_release(&run->stream);
	dq_progress_show(&run->progress, &run->counters, true);
	dq_checkpoint_close(&run->checkpoint);
	dq_source_close(run->source);
	dq_reader_free(run->reader);
}

enum dq_exit
dq_tool_run(struct dq_tool *tool, struct dq_filter *filter)
{
	struct dq_running run = {.tool = tool, .filter = filter};

	open_all(&run);
	dq_running_loop(&run);
	dq_team_free(run.team);
	run.team = NULL;
	finish(&run);
	close_all(&run);
	return run.code;
}
