/* Where lines come from. A family: file descriptors (fd_source.c; here), topics
 * (port/kafka.h). */
#ifndef DQ_PORT_SOURCE_H
#define DQ_PORT_SOURCE_H

#include "base/err.h"
#include "record/record.h"

#include <signal.h>

#define DQ_KEEP_LIMIT (64u << 20) /* the longest line kept whole */

enum dq_got {
	DQ_GOT_LINE, /* a whole line */
	DQ_GOT_MARK, /* a control line of the source's own making */
	DQ_GOT_IDLE, /* nothing there now; asked again, it waits a moment */
	DQ_GOT_END,  /* a clean end */
	DQ_GOT_CUT,  /* the end, in mid-line: `line` is what there was */
	DQ_GOT_LONG, /* a line above DQ_LINE_LIMIT, whole or, above
			DQ_KEEP_LIMIT, its beginning: the rest is unread */
	DQ_GOT_BAD,  /* a message that cannot be a line: err says why */
	DQ_GOT_STOP, /* *stop was set while waiting */
	DQ_GOT_FAIL, /* reading failed: err says why */
};

struct dq_sink;

struct dq_source {
	const struct dq_source_kind *kind;
	struct dq_place place; /* of the line got last */
	struct dq_err err;
	/* Looked at while waiting; NULL: nobody may stop it. */
	const volatile sig_atomic_t *stop;
	/* A pipe that is written to: when its reader is gone, so is the point
	 * of waiting, and the source fails with 75. -1: none. */
	int watch;
	struct dq_sink *sink; /* the same for a target of our own; NULL: none */
	/* Of a source that reads another: that one; NULL: it reads itself. */
	struct dq_source *inner;
};

struct dq_source_kind {
	enum dq_got (*next)(struct dq_source *source, struct dq_slice *line);
	void (*close)(struct dq_source *source);
	/* Called while the output is blocked, so that a group does not take
	 * its reader for dead. False with source->err set: give up. NULL:
	 * nobody is waiting. */
	bool (*pulse)(struct dq_source *source);
	/* All that the last @checkpoint covers is durable where it went, and
	 * nobody else says so to the broker. NULL: nobody wants to know. */
	bool (*commit)(struct dq_source *source);
	/* Records that are there and not read yet; -1: not known. NULL: such
	 * a number makes no sense here. */
	int64_t (*lag)(const struct dq_source *source);
};

/* "-" is standard input, all else a path. `stop` may be NULL. Waiting ends
 * when a signal arrives, so a handler that sets *stop is enough. NULL with
 * err set when the source cannot be opened. */
struct dq_source *dq_source_open(
    const char *spec, const volatile sig_atomic_t *stop, struct dq_err *err);

static inline void
dq_source_close(struct dq_source *source)
{
	if (source)
		source->kind->close(source);
}

/* The next line, without its newline; valid until the next call. */
static inline enum dq_got
dq_source_next(struct dq_source *source, struct dq_slice *line)
{
	return source->kind->next(source, line);
}

/* Records that are there and not read yet; -1: not known. */
static inline int64_t
dq_source_lag(const struct dq_source *source)
{
	return source->kind->lag ? source->kind->lag(source) : -1;
}

/* Is the reader of the watched pipe gone, or the target not alive? Sets
 * source->err if so. */
bool dq_source_reader_gone(struct dq_source *source);

/* Regular files only: their end is not the end. More is waited for, and where
 * another file takes the path, or the file is emptied, reading begins there
 * anew. */
void dq_source_follow(struct dq_source *source);

/* Files only: can it be read again from a position, and where is it? The
 * position is that of the first byte not yet given out. */
bool dq_source_seekable(const struct dq_source *source);
int64_t dq_source_position(const struct dq_source *source);
bool dq_source_seek(struct dq_source *source, int64_t position, int64_t line);

/* How much of a file is read, 0 to 1; -1: it is none. */
double dq_source_done(const struct dq_source *source);

/* Is the output ("-" or a path) the very file that is being read? Then it
 * must not be written. */
bool dq_source_is(const struct dq_source *source, const char *output);

/* A hash of the first `length` bytes (at most 4096) and their number: tells
 * whether a file is still the one that a position was noted in. */
uint64_t dq_source_mark(const struct dq_source *source, int64_t length);

#endif
