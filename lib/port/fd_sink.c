#include "port/sink.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE (64u << 10)
#define PIPE_SIZE (1 << 20)
#define LOOK_AROUND 100 /* ms between two looks while a pipe is full */

struct fd_sink {
	struct dq_sink sink;
	const char *name;
	int fd;
	bool regular, pipe;
	int64_t length; /* of a file: bytes before out.buf */
};

static bool
fail(const struct fd_sink *fd, const char *what, struct dq_err *err)
{
	return dq_err_code(err, errno == EPIPE ? DQ_EXIT_RETRY : DQ_EXIT_IO,
	    "%s: cannot %s: %s", fd->name, what,
	    errno == EPIPE ? "the reader of the pipe died" : strerror(errno));
}

/* The pipe is full. */
static bool
wait_for_room(struct fd_sink *fd, struct dq_err *err)
{
	struct pollfd wait = {.fd = fd->fd, .events = POLLOUT};

	for (;;) {
		int n = poll(&wait, 1, LOOK_AROUND);

		if (n > 0)
			return true; /* room, or an error that write tells */
		if (fd->sink.waiting &&
		    !fd->sink.waiting(fd->sink.context, err))
			return false;
	}
}

static bool
write_lines(struct dq_sink *sink, bool all, struct dq_err *err)
{
	struct fd_sink *fd = (struct fd_sink *)sink;
	struct dq_buf *buf = &sink->out.buf;
	size_t done = 0;

	if (buf->len < BLOCK_SIZE && !all)
		return true;
	while (done < buf->len) {
		ssize_t n = write(fd->fd, buf->data + done, buf->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (wait_for_room(fd, err))
				continue;
			buf->len = 0;
			return false;
		}
		if (n < 0) {
			buf->len = 0; /* told once is enough */
			return fail(fd, "write", err);
		}
		done += (size_t)n;
		fd->length += n;
	}
	buf->len = 0;
	return true;
}

static bool
sync_lines(struct dq_sink *sink, struct dq_err *err)
{
	struct fd_sink *fd = (struct fd_sink *)sink;

	if (!write_lines(sink, true, err))
		return false;
	if (fd->regular && fsync(fd->fd) < 0)
		return fail(fd, "make durable", err);
	return true;
}

static bool
mark(struct dq_sink *sink, const struct dq_control *control,
    struct dq_slice line, struct dq_err *err)
{
	if (!sink->marks)
		return true;
	dq_buf_slice(dq_out_begin(&sink->out), line);
	dq_out_end(&sink->out, (struct dq_slice){"", 0});
	/* A checkpoint follows its @state lines at once. */
	return write_lines(sink, control->mark != DQ_MARK_STATE, err);
}

static bool
state(struct dq_sink *sink, const struct dq_control *control,
    const struct dq_control_state *row, struct dq_err *err)
{
	if (!sink->marks)
		return true;
	dq_control_write_state(control, row, dq_out_begin(&sink->out));
	dq_out_end(&sink->out, (struct dq_slice){"", 0});
	return write_lines(sink, false, err);
}

static bool
close_sink(struct dq_sink *sink, bool good, struct dq_err *err)
{
	struct fd_sink *fd = (struct fd_sink *)sink;
	bool written =
	    (!sink->marks || good) ? write_lines(sink, true, err) : true;

	if (close(fd->fd) < 0 && written)
		written = fail(fd, "close", err);
	dq_buf_release(&sink->out.buf);
	free(fd);
	return written;
}

static const struct dq_sink_kind fd_kind = {
    write_lines, sync_lines, mark, state, close_sink, NULL};

struct dq_sink *
dq_sink_open(const char *spec, enum dq_sink_mode mode, struct dq_err *err)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	bool standard = !strcmp(spec, "-");
	struct fd_sink *fd = dq_calloc(1, sizeof(*fd));
	struct stat info;

	if (mode == DQ_SINK_REPLACE)
		flags |= O_TRUNC;
	if (mode == DQ_SINK_APPEND)
		flags |= O_APPEND;
	fd->name = standard ? "stdout" : spec;
	fd->fd = standard ? STDOUT_FILENO : open(spec, flags, 0666);
	if (fd->fd < 0 || fstat(fd->fd, &info) < 0) {
		fail(fd, "open", err);
		free(fd);
		return NULL;
	}
	fd->regular = S_ISREG(info.st_mode) && !standard;
	fd->pipe = S_ISFIFO(info.st_mode);
	if (mode != DQ_SINK_REPLACE && fd->regular)
		fd->length = info.st_size;
	if (fd->pipe)
		(void)fcntl(fd->fd, F_SETPIPE_SZ, PIPE_SIZE);
	fd->sink.kind = &fd_kind;
	fd->sink.out.partition = -1;
	return &fd->sink;
}

bool
dq_sink_pass_marks(struct dq_sink *sink)
{
	int number = dq_sink_pipe(sink);

	sink->marks = sink->kind == &fd_kind;
	if (number < 0)
		return false;
	signal(SIGPIPE, SIG_IGN);
	(void)fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
	return true;
}

int
dq_sink_pipe(const struct dq_sink *sink)
{
	const struct fd_sink *fd = (const struct fd_sink *)sink;

	return sink->kind == &fd_kind && fd->pipe ? fd->fd : -1;
}

bool
dq_sink_is_file(const struct dq_sink *sink)
{
	return sink->kind == &fd_kind &&
	       ((const struct fd_sink *)sink)->regular;
}

int64_t
dq_sink_length(const struct dq_sink *sink)
{
	return ((const struct fd_sink *)sink)->length;
}

bool
dq_sink_truncate(struct dq_sink *sink, int64_t length, struct dq_err *err)
{
	struct fd_sink *fd = (struct fd_sink *)sink;

	if (ftruncate(fd->fd, length) < 0 ||
	    lseek(fd->fd, length, SEEK_SET) < 0)
		return fail(fd, "cut", err);
	fd->length = length;
	return true;
}
