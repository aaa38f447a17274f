#include "run/stream.h"

#include "run/endpoint.h"
#include "run/signals.h"

/* The output is blocked, or a restore takes long: our own source must be
 * served, and somebody must still read us. */
static bool
waiting(void *context, struct dq_err *err)
{
	struct dq_source *source = ((struct dq_stream *)context)->source;

	if ((source->kind->pulse && !source->kind->pulse(source)) ||
	    dq_source_reader_gone(source)) {
		*err = source->err;
		return false;
	}
	return true;
}

/* A transaction needs checkpoints, and those come from a topic. */
static void
check_transactions(const struct dq_tool *tool)
{
	const struct dq_common *c = &tool->common;

	if (!c->kafka.transaction_id)
		return;
	if (!dq_endpoint_topic(c->to) || c->kafka.plain)
		dq_die(DQ_EXIT_USAGE, "--transactional-id",
		    "goes with --to kafka:, without --plain");
	if (strcmp(c->from, "-") != 0 && !dq_endpoint_grouped(tool))
		dq_die(DQ_EXIT_USAGE, "--transactional-id",
		    "%s has no checkpoints to make transactions of: they come "
		    "from a topic that is read with a group",
		    c->from);
}

void
dq_stream_init(struct dq_stream *stream, const struct dq_tool *tool,
    const struct dq_filter *filter, struct dq_source *source,
    struct dq_sink *sink)
{
	const struct dq_common *c = &tool->common;
	bool topic = dq_endpoint_topic(c->to) && !c->kafka.plain;

	*stream = (struct dq_stream){.tool = tool,
	    .filter = filter,
	    .source = source,
	    .sink = sink,
	    .own = dq_endpoint_topic(c->from)};
	check_transactions(tool);
	stream->log = dq_changelog_new(tool, filter);
	if (!dq_endpoint_grouped(tool)) {
		sink->waiting = stream->own ? waiting : NULL;
		sink->context = stream;
		return;
	}
	sink->waiting = waiting;
	sink->context = stream;
	source->sink = sink;
	if (!c->kafka.plain && dq_sink_pipe(sink) >= 0) {
		dq_sink_pass_marks(sink);
		source->watch = dq_sink_pipe(sink);
	}
	stream->commits = !topic && !sink->marks;
	if (stream->log && dq_changelog_local(stream->log) && sink->marks)
		dq_die(DQ_EXIT_USAGE, "--state",
		    "%s cannot know what the other end of the pipe commits: "
		    "kafka:TOPIC, or --plain",
		    c->state);
	if (stream->log && !dq_changelog_local(stream->log) && stream->commits)
		dq_die(DQ_EXIT_USAGE, "--state",
		    "%s is written in the transactions of the output: that is "
		    "a pipe or kafka:, without --plain",
		    c->state);
}

void
dq_stream_release(struct dq_stream *stream)
{
	dq_changelog_free(stream->log);
	dq_control_release(&stream->control);
}

static void
flush(struct dq_stream *stream)
{
	if (stream->filter->flush)
		stream->filter->flush(
		    stream->filter->state, &stream->sink->out);
}

static void
turn_to(struct dq_stream *stream, int32_t partition)
{
	struct dq_out *out = &stream->sink->out;

	flush(stream);
	out->partition = partition;
	if (!stream->sink->marks)
		return;
	dq_control_write_partition(partition, dq_out_begin(out));
	dq_out_end(out, (struct dq_slice){"", 0});
}

void
dq_stream_record(struct dq_stream *stream)
{
	if (!stream->control.records && !stream->own &&
	    !stream->control.begun && stream->tool->common.kafka.transaction_id)
		dq_die(DQ_EXIT_USAGE, "--transactional-id",
		    "standard input has no checkpoints to make transactions "
		    "of: they come from a tool with --from kafka:");
	stream->control.records = true;
	if (dq_stream_turns(stream))
		turn_to(stream, stream->source->place.partition);
}

/* Standard input turns out to be a stream: it is read to its @end whatever
 * happens, since its source is the one that is asked to stop. */
static void
join(struct dq_stream *stream)
{
	if (stream->own)
		return;
	if (stream->tool->common.state &&
	    !dq_endpoint_topic(stream->tool->common.state))
		dq_die(DQ_EXIT_USAGE, "--state",
		    "behind a topic's reader the state is in a topic too: "
		    "kafka:TOPIC, or --plain for that reader");
	if (dq_sink_pass_marks(stream->sink))
		stream->source->watch = dq_sink_pipe(stream->sink);
	stream->source->stop = NULL;
	stream->sink->waiting = waiting;
	stream->sink->context = stream;
}

static bool
put_state(void *context, const struct dq_control_state *row, struct dq_err *err)
{
	struct dq_stream *stream = context;

	return dq_sink_state(stream->sink, &stream->control, row, err);
}

static bool
commit(struct dq_stream *stream, struct dq_err *err)
{
	if (!dq_sink_sync(stream->sink, err))
		return false;
	if (stream->source->kind->commit(stream->source))
		return true;
	*err = stream->source->err;
	return false;
}

/* A directory is ahead of what is committed by one checkpoint, never by two:
 * that is what it can be loaded from. */
static bool
save(struct dq_stream *stream, struct dq_err *err)
{
	if (dq_changelog_local(stream->log) && !stream->commits &&
	    !dq_sink_sync(stream->sink, err))
		return false;
	return dq_changelog_save(
	    stream->log, &stream->control, put_state, stream, err);
}

/* The checkpoint has been taken by the other end: is there more to do? */
static bool
conclude(struct dq_stream *stream, struct dq_err *err)
{
	if (stream->commits && !commit(stream, err))
		return false;
	return !stream->log || !dq_changelog_grown(stream->log) ||
	       (dq_sink_sync(stream->sink, err) &&
		   dq_changelog_renew(stream->log, err));
}

/* What the mark asks of this process, before it goes on. */
static bool
act(struct dq_stream *stream, struct dq_err *err)
{
	switch (stream->control.mark) {
	case DQ_MARK_BEGIN:
		join(stream);
		return true;
	case DQ_MARK_ASSIGN:
		return !stream->log ||
		       dq_changelog_load(
			   stream->log, &stream->control, waiting, stream, err);
	case DQ_MARK_CHECKPOINT:
		return !stream->log || save(stream, err);
	default:
		return true;
	}
}

bool
dq_stream_mark(
    struct dq_stream *stream, struct dq_slice line, struct dq_err *err)
{
	struct dq_control *control = &stream->control;

	if (!dq_control_read(control, line, err))
		return false;
	flush(stream);
	if (control->mark == DQ_MARK_PARTITION) {
		stream->source->place.partition = control->partition;
		turn_to(stream, control->partition);
		return true;
	}
	if (!act(stream, err))
		return false;
	if (!stream->filter->absorbs &&
	    !dq_sink_mark(stream->sink, control, line, err))
		return false;
	return control->mark != DQ_MARK_CHECKPOINT || conclude(stream, err);
}
