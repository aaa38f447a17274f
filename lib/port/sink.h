/* Where lines go: put, flush, close; every failure is told. */
#ifndef DQ_PORT_SINK_H
#define DQ_PORT_SINK_H

#include "base/err.h"
#include "record/out.h"

struct dq_sink;

enum dq_sink_mode {
	DQ_SINK_REPLACE, /* a file is emptied first */
	DQ_SINK_APPEND,
	DQ_SINK_CONTINUE, /* a file is kept, to be cut by dq_sink_truncate */
};

/* "-" is standard output, all else a path. NULL with err set when it cannot
 * be opened. */
struct dq_sink *dq_sink_open(
    const char *spec, enum dq_sink_mode mode, struct dq_err *err);

/* The lines' buffer; a filter writes there. */
struct dq_out *dq_sink_out(struct dq_sink *sink);

/* Writes the finished lines that are in the buffer when they fill a block,
 * or all of them. False with err set when that failed; a closed pipe ends
 * the process by SIGPIPE before. */
bool dq_sink_write(struct dq_sink *sink, bool all, struct dq_err *err);

/* Writes all and makes it durable where the target can (a file: fsync). */
bool dq_sink_sync(struct dq_sink *sink, struct dq_err *err);

/* Files only: bytes written so far; cut to a length. */
bool dq_sink_is_file(const struct dq_sink *sink);
int64_t dq_sink_length(const struct dq_sink *sink);
bool dq_sink_truncate(struct dq_sink *sink, int64_t length, struct dq_err *err);

/* Writes the rest, closes, frees. False with err set when any of it failed:
 * a full disk must not look like success. NULL is fine. */
bool dq_sink_close(struct dq_sink *sink, struct dq_err *err);

#endif
