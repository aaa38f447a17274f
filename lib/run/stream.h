/* The runner's part of dq-stream(7): control lines in their order, checkpoints
 * that cover all before them. */
#ifndef DQ_RUN_STREAM_H
#define DQ_RUN_STREAM_H

#include "port/sink.h"
#include "port/source.h"
#include "run/changelog.h"

struct dq_stream {
	const struct dq_tool *tool;
	const struct dq_filter *filter;
	struct dq_source *source;
	struct dq_sink *sink;
	struct dq_control control;
	struct dq_changelog *log; /* NULL without --state kafka: */
	bool own;     /* the source is a topic: its marks are ours */
	bool commits; /* ... and nobody else commits for it: at least once */
};

/* Source and sink are open. Ends the program with 2 when they do not go
 * together. */
void dq_stream_init(struct dq_stream *stream, const struct dq_tool *tool,
    const struct dq_filter *filter, struct dq_source *source,
    struct dq_sink *sink);
void dq_stream_release(struct dq_stream *stream);

/* Before a record is given to the filter: tells the lines' partition on. */
void dq_stream_record(struct dq_stream *stream);

/* Will it, since the record is of another partition than the last one? All
 * output of earlier lines must be in the sink's buffer then. */
static inline bool
dq_stream_turns(const struct dq_stream *stream)
{
	return stream->own &&
	       stream->source->place.partition != stream->sink->out.partition;
}

/* A control line, from standard input or from our own source. All output of
 * earlier lines must be in the sink's buffer. False with err set and its code
 * (65: it is a refused record) when the run must end. */
bool dq_stream_mark(
    struct dq_stream *stream, struct dq_slice line, struct dq_err *err);

#endif
