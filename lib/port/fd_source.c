#include "port/source.h"

#include "base/hash.h"
#include "base/mem.h"
#include "port/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE (256u << 10)
#define PIPE_SIZE (1 << 20)
#define LOOK_AGAIN 100000 /* microseconds, at the end of a followed file */

struct fd_source {
	struct dq_source source;
	int fd;
	bool regular; /* a file: never idle, can be sought */
	bool ended;
	bool waited; /* said IDLE since the last read */
	bool follow; /* the end of the file is not the end */
	bool quiet;  /* said IDLE there, the next time it waits */
	struct dq_buf buf;
	size_t begin;	 /* of the bytes not yet given out */
	size_t searched; /* no newline before this */
	int64_t offset;	 /* in the input, of buf.data[begin] */
};

static enum dq_got
fail(struct fd_source *fd)
{
	dq_err_set(&fd->source.err, "%s: cannot read: %s",
	    fd->source.place.source, strerror(errno));
	return DQ_GOT_FAIL;
}

/* The bytes up to `end` as a line. */
static void
give(struct fd_source *fd, size_t end, size_t skip, struct dq_slice *line)
{
	*line = (struct dq_slice){fd->buf.data + fd->begin, end - fd->begin};
	fd->source.place.line++;
	fd->source.place.offset = fd->offset;
	fd->offset += (int64_t)(end + skip - fd->begin);
	fd->begin = fd->searched = end + skip;
}

static bool
take_line(struct fd_source *fd, struct dq_slice *line, enum dq_got *got)
{
	char *data = fd->buf.data, *newline = NULL;

	if (fd->searched < fd->buf.len)
		newline = memchr(
		    data + fd->searched, '\n', fd->buf.len - fd->searched);
	if (newline) {
		give(fd, (size_t)(newline - data), 1, line);
		*got = line->len > DQ_LINE_LIMIT ? DQ_GOT_LONG : DQ_GOT_LINE;
		return true;
	}
	fd->searched = fd->buf.len;
	if (fd->buf.len - fd->begin < DQ_KEEP_LIMIT)
		return false;
	give(fd, fd->buf.len, 0, line);
	*got = DQ_GOT_LONG;
	return true;
}

static enum dq_got
at_end(struct fd_source *fd, struct dq_slice *line)
{
	fd->ended = true;
	if (fd->begin == fd->buf.len)
		return DQ_GOT_END;
	give(fd, fd->buf.len, 0, line);
	return DQ_GOT_CUT;
}

static void
make_room(struct fd_source *fd)
{
	size_t left = fd->buf.len - fd->begin;

	if (fd->begin) {
		memmove(fd->buf.data, fd->buf.data + fd->begin, left);
		fd->searched -= fd->begin;
		fd->buf.len = left;
		fd->begin = 0;
	}
	dq_buf_room(&fd->buf, READ_SIZE);
}

static bool
readable(struct fd_source *fd, int timeout)
{
	struct pollfd wait = {.fd = fd->fd, .events = POLLIN};

	return fd->regular || poll(&wait, 1, timeout) > 0;
}

static bool
stopped(const struct fd_source *fd)
{
	return fd->source.stop && *fd->source.stop;
}

/* A signal ends the wait; and since one may come between looking at *stop and
 * waiting, no wait is endless. */
static enum dq_got
wait_for_input(struct fd_source *fd)
{
	if (readable(fd, 0))
		return DQ_GOT_LINE;
	if (!fd->waited) {
		fd->waited = true;
		return DQ_GOT_IDLE;
	}
	if (readable(fd, 200))
		return stopped(fd) ? DQ_GOT_STOP : DQ_GOT_LINE;
	if (stopped(fd))
		return DQ_GOT_STOP;
	return dq_source_reader_gone(&fd->source) ? DQ_GOT_FAIL : DQ_GOT_IDLE;
}

/* What was read of it is not what is there now: another file has its name, or
 * it was emptied. Begins anew. */
static bool
begins_anew(struct fd_source *fd)
{
	const char *path = fd->source.place.source;
	struct stat named, open_one;
	int number = -1;

	if (fstat(fd->fd, &open_one) < 0)
		return false;
	if (fd->fd != STDIN_FILENO && stat(path, &named) == 0 &&
	    S_ISREG(named.st_mode) &&
	    (named.st_ino != open_one.st_ino ||
		named.st_dev != open_one.st_dev))
		number = open(path, O_RDONLY | O_CLOEXEC);
	if (number < 0 && open_one.st_size >= lseek(fd->fd, 0, SEEK_CUR))
		return false;
	if (number < 0) {
		lseek(fd->fd, 0, SEEK_SET);
	} else {
		close(fd->fd);
		fd->fd = number;
	}
	fd->offset = fd->source.place.line = 0;
	return true;
}

/* LINE: read again. */
static enum dq_got
wait_for_more(struct fd_source *fd, struct dq_slice *line)
{
	if (!fd->quiet) {
		fd->quiet = true;
		return DQ_GOT_IDLE;
	}
	fd->quiet = false;
	usleep(LOOK_AGAIN);
	if (stopped(fd))
		return DQ_GOT_STOP;
	if (dq_source_reader_gone(&fd->source))
		return DQ_GOT_FAIL;
	if (!begins_anew(fd) || fd->begin == fd->buf.len)
		return DQ_GOT_LINE;
	*line = (struct dq_slice){
	    fd->buf.data + fd->begin, fd->buf.len - fd->begin};
	fd->begin = fd->searched = fd->buf.len;
	return DQ_GOT_CUT;
}

static enum dq_got
fd_next(struct dq_source *source, struct dq_slice *line)
{
	struct fd_source *fd = (struct fd_source *)source;
	enum dq_got got;
	ssize_t n;

	for (;;) {
		if (take_line(fd, line, &got))
			return got;
		if (fd->ended)
			return DQ_GOT_END;
		if (stopped(fd))
			return DQ_GOT_STOP;
		got = wait_for_input(fd);
		if (got != DQ_GOT_LINE)
			return got;
		fd->waited = false;
		make_room(fd);
		n = read(fd->fd, fd->buf.data + fd->buf.len,
		    fd->buf.cap - fd->buf.len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return fail(fd);
		if (n == 0 && !fd->follow)
			return at_end(fd, line);
		if (n == 0)
			got = wait_for_more(fd, line);
		if (got != DQ_GOT_LINE)
			return got;
		if (n > 0)
			fd->buf.len += (size_t)n;
	}
}

static void
fd_close(struct dq_source *source)
{
	struct fd_source *fd = (struct fd_source *)source;

	if (fd->fd != STDIN_FILENO)
		close(fd->fd);
	dq_buf_release(&fd->buf);
	free(fd);
}

static const struct dq_source_kind fd_kind = {
    fd_next, fd_close, NULL, NULL, NULL};

struct dq_source *
dq_source_open(
    const char *spec, const volatile sig_atomic_t *stop, struct dq_err *err)
{
	bool standard = !strcmp(spec, "-");
	int number = standard ? STDIN_FILENO : open(spec, O_RDONLY | O_CLOEXEC);
	struct fd_source *fd;
	struct stat info;

	if (number < 0 || fstat(number, &info) < 0) {
		dq_err_set(err, "%s: cannot open: %s", spec, strerror(errno));
		return NULL;
	}
	fd = dq_calloc(1, sizeof(*fd));
	fd->source.kind = &fd_kind;
	fd->source.place = (struct dq_place){
	    .source = standard ? "stdin" : spec,
	    .partition = -1,
	};
	fd->source.stop = stop;
	fd->source.watch = -1;
	fd->fd = number;
	fd->regular = S_ISREG(info.st_mode);
	if (S_ISFIFO(info.st_mode))
		(void)fcntl(number, F_SETPIPE_SZ, PIPE_SIZE);
	return &fd->source;
}

bool
dq_source_reader_gone(struct dq_source *source)
{
	struct pollfd wait = {.fd = source->watch};

	if (source->sink && !dq_sink_alive(source->sink, &source->err))
		return true;
	if (source->watch < 0 || poll(&wait, 1, 0) <= 0)
		return false;
	dq_err_code(
	    &source->err, DQ_EXIT_RETRY, "stdout: the reader of the pipe died");
	return true;
}

void
dq_source_follow(struct dq_source *source)
{
	struct fd_source *fd = (struct fd_source *)source;

	fd->follow = source->kind == &fd_kind && fd->regular;
}

bool
dq_source_seekable(const struct dq_source *source)
{
	const struct fd_source *fd = (const struct fd_source *)source;

	return source->kind == &fd_kind && fd->regular &&
	       fd->fd != STDIN_FILENO;
}

int64_t
dq_source_position(const struct dq_source *source)
{
	return ((const struct fd_source *)source)->offset;
}

bool
dq_source_seek(struct dq_source *source, int64_t position, int64_t line)
{
	struct fd_source *fd = (struct fd_source *)source;
	struct stat info;

	if (fstat(fd->fd, &info) < 0 || info.st_size < position ||
	    lseek(fd->fd, position, SEEK_SET) < 0)
		return false;
	fd->offset = position;
	fd->begin = fd->searched = fd->buf.len = 0;
	fd->source.place.line = line;
	return true;
}

double
dq_source_done(const struct dq_source *source)
{
	const struct fd_source *fd;
	struct stat info;

	while (source->inner)
		source = source->inner;
	fd = (const struct fd_source *)source;
	if (source->kind != &fd_kind || !fd->regular ||
	    fstat(fd->fd, &info) < 0 || info.st_size <= 0)
		return -1;
	return fd->offset < info.st_size
		   ? (double)fd->offset / (double)info.st_size
		   : 1;
}

bool
dq_source_is(const struct dq_source *source, const char *output)
{
	const struct fd_source *fd = (const struct fd_source *)source;
	bool standard = !strcmp(output, "-");
	struct stat in, out;

	if (source->kind != &fd_kind || !fd->regular ||
	    fstat(fd->fd, &in) < 0 ||
	    (standard ? fstat(STDOUT_FILENO, &out) : stat(output, &out)) < 0)
		return false;
	return in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

uint64_t
dq_source_mark(const struct dq_source *source, int64_t length)
{
	const struct fd_source *fd = (const struct fd_source *)source;
	char head[4096];
	size_t want =
	    length < (int64_t)sizeof(head) ? (size_t)length : sizeof(head);
	ssize_t n = pread(fd->fd, head, want, 0);

	return dq_hash((struct dq_slice){head, n > 0 ? (size_t)n : 0}, 0);
}
