#include "run/checkpoint.h"

#include "base/time.h"
#include "run/endpoint.h"

static struct dq_sink *
open_sink(const struct dq_tool *tool, enum dq_sink_mode mode)
{
	struct dq_err err;
	struct dq_sink *sink = dq_endpoint_sink(tool, mode, &err);

	if (!sink)
		dq_die(err.code ? err.code : DQ_EXIT_IO, NULL, "%s", err.text);
	return sink;
}

/* The last run ended in mid-file: this one must read and write the same. */
static struct dq_sink *
resume(const struct dq_checkpoint *checkpoint, const struct dq_tool *tool,
    struct dq_source *source)
{
	const struct dq_commit *commit = &checkpoint->commit;
	const struct dq_common *c = &tool->common;
	struct dq_sink *sink;
	struct dq_err err;

	if (strcmp(c->from, commit->input) != 0 ||
	    strcmp(c->to, commit->output) != 0)
		dq_die(DQ_EXIT_USAGE, c->state,
		    "is in the middle of %s: finish that first with "
		    "--from %s --to %s",
		    commit->input, commit->input, commit->output);
	if (dq_source_mark(source, commit->position) != commit->mark ||
	    !dq_source_seek(source, commit->position, commit->line))
		dq_die(DQ_EXIT_USAGE, c->from,
		    "is not the file that %s was reading", c->state);
	sink = open_sink(tool, DQ_SINK_CONTINUE);
	if (!dq_sink_is_file(sink) || dq_sink_length(sink) < commit->length)
		dq_die(DQ_EXIT_USAGE, c->to,
		    "is shorter than %s says: output was lost", c->state);
	if (!dq_sink_truncate(sink, commit->length, &err))
		dq_die(DQ_EXIT_IO, NULL, "%s", err.text);
	return sink;
}

struct dq_sink *
dq_checkpoint_open(struct dq_checkpoint *checkpoint, const struct dq_tool *tool,
    struct dq_source *source, const struct dq_filter *filter,
    int64_t *next_tick)
{
	const struct dq_common *c = &tool->common;
	struct dq_commit *commit = &checkpoint->commit;
	struct dq_sink *sink;

	if (!c->state || dq_endpoint_topic(c->state) ||
	    dq_endpoint_topic(c->from))
		return open_sink(tool, DQ_SINK_REPLACE);
	checkpoint->state =
	    dq_state_open(c->state, tool->name, filter->state_version, commit);
	if (commit->number) {
		dq_state_load(checkpoint->state, commit, filter);
		*next_tick = commit->next_tick;
	}
	if (commit->number && !commit->ended)
		sink = resume(checkpoint, tool, source);
	else
		sink = open_sink(tool, DQ_SINK_REPLACE);
	checkpoint->resumable =
	    dq_source_seekable(source) && dq_sink_is_file(sink);
	checkpoint->interval = c->checkpoint_interval;
	checkpoint->next = dq_clock_steady() + checkpoint->interval;
	dq_state_name(commit, c->from, c->to);
	return sink;
}

bool
dq_checkpoint_due(struct dq_checkpoint *checkpoint)
{
	if (!checkpoint->resumable || ++checkpoint->calls % 256 != 0)
		return false;
	return dq_clock_steady() >= checkpoint->next;
}

bool
dq_checkpoint_save(struct dq_checkpoint *checkpoint,
    const struct dq_source *source, struct dq_sink *sink,
    const struct dq_filter *filter, int64_t next_tick, bool ended,
    struct dq_err *err)
{
	struct dq_commit *commit = &checkpoint->commit;

	if (!checkpoint->state)
		return true;
	commit->number++;
	commit->ended = ended || !checkpoint->resumable;
	commit->position = dq_source_position(source);
	commit->line = source->place.line;
	commit->next_tick = next_tick;
	if (checkpoint->resumable) {
		commit->mark = dq_source_mark(source, commit->position);
		commit->length = dq_sink_length(sink);
	}
	if (!dq_state_snapshot(checkpoint->state, commit, filter, err) ||
	    !dq_sink_sync(sink, err) ||
	    !dq_state_commit(checkpoint->state, commit, err))
		return false;
	checkpoint->next = dq_clock_steady() + checkpoint->interval;
	return true;
}

void
dq_checkpoint_close(struct dq_checkpoint *checkpoint)
{
	dq_state_close(checkpoint->state, &checkpoint->commit);
	checkpoint->state = NULL;
}
