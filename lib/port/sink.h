/* Where lines go: put, flush, close; every failure is told. A family: file
 * descriptors (fd_sink.c; here), topics (port/kafka.h). */
#ifndef DQ_PORT_SINK_H
#define DQ_PORT_SINK_H

#include "base/err.h"
#include "record/control.h"
#include "record/out.h"

struct dq_sink {
	const struct dq_sink_kind *kind;
	struct dq_out out; /* the lines' buffer; a filter writes there */
	/* Called again and again while the target takes nothing; false with
	 * err set gives up. NULL: just waits. */
	bool (*waiting)(void *context, struct dq_err *err);
	void *context;
	/* For a target that may refuse a record that is one: what becomes of
	 * it. False with err set, its text empty where a person was told: stop.
	 * NULL: refusing is failing. */
	bool (*refused)(void *context, const struct dq_place *place,
	    struct dq_slice line, const char *why, struct dq_err *err);
	void *refused_context;
	const struct dq_place *place; /* of the line being written, or NULL */
	bool marks; /* control lines go through it, to the next in the pipe */
};

struct dq_sink_kind {
	bool (*write)(struct dq_sink *sink, bool all, struct dq_err *err);
	bool (*sync)(struct dq_sink *sink, struct dq_err *err);
	/* A control line, in its place behind the lines before it. */
	bool (*mark)(struct dq_sink *sink, const struct dq_control *control,
	    struct dq_slice line, struct dq_err *err);
	/* A row of state: the line @state, or where it goes at once. */
	bool (*state)(struct dq_sink *sink, const struct dq_control *control,
	    const struct dq_control_state *row, struct dq_err *err);
	/* `good`: the run succeeded so far; without, what is half done may be
	 * thrown away. */
	bool (*close)(struct dq_sink *sink, bool good, struct dq_err *err);
	/* Has nothing failed of what it took and still works on? NULL: it
	 * works on nothing. */
	bool (*alive)(struct dq_sink *sink, struct dq_err *err);
};

enum dq_sink_mode {
	DQ_SINK_REPLACE, /* a file is emptied first */
	DQ_SINK_APPEND,
	DQ_SINK_CONTINUE, /* a file is kept, to be cut by dq_sink_truncate */
};

/* "-" is standard output, all else a path. NULL with err set when it cannot
 * be opened. */
struct dq_sink *dq_sink_open(
    const char *spec, enum dq_sink_mode mode, struct dq_err *err);

static inline struct dq_out *
dq_sink_out(struct dq_sink *sink)
{
	return &sink->out;
}

/* Writes the finished lines that are in the buffer when they fill a block,
 * or all of them. False with err set when that failed; a closed pipe ends
 * the process by SIGPIPE before, unless control lines go through it: then it
 * is a failure (75). */
static inline bool
dq_sink_write(struct dq_sink *sink, bool all, struct dq_err *err)
{
	return sink->kind->write(sink, all, err);
}

/* Writes all and makes it durable where the target can (a file: fsync; a
 * topic: acknowledged). */
static inline bool
dq_sink_sync(struct dq_sink *sink, struct dq_err *err)
{
	return sink->kind->sync(sink, err);
}

/* A control line has come: a pipe passes it on, a transactional topic acts on
 * it, a file has no use for it. */
static inline bool
dq_sink_mark(struct dq_sink *sink, const struct dq_control *control,
    struct dq_slice line, struct dq_err *err)
{
	return sink->kind->mark(sink, control, line, err);
}

/* A filter's own row of state, between the lines before it and the control
 * line of `control`. */
static inline bool
dq_sink_state(struct dq_sink *sink, const struct dq_control *control,
    const struct dq_control_state *row, struct dq_err *err)
{
	return sink->kind->state(sink, control, row, err);
}

/* False with err set when something failed that was given out before. */
static inline bool
dq_sink_alive(struct dq_sink *sink, struct dq_err *err)
{
	return !sink->kind->alive || sink->kind->alive(sink, err);
}

/* Writes the rest, closes, frees. False with err set when any of it failed:
 * a full disk must not look like success. NULL is fine. */
static inline bool
dq_sink_close(struct dq_sink *sink, bool good, struct dq_err *err)
{
	return !sink || sink->kind->close(sink, good, err);
}

/* From now on control lines go through, if this is a file descriptor. True
 * when it is a pipe: then writing waits without blocking the process. */
bool dq_sink_pass_marks(struct dq_sink *sink);

/* The file descriptor of a pipe, else -1. */
int dq_sink_pipe(const struct dq_sink *sink);

/* Files only: bytes written so far; cut to a length. */
bool dq_sink_is_file(const struct dq_sink *sink);
int64_t dq_sink_length(const struct dq_sink *sink);
bool dq_sink_truncate(struct dq_sink *sink, int64_t length, struct dq_err *err);

#endif
