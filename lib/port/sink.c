#include "port/sink.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE (64u << 10)
#define PIPE_SIZE (1 << 20)

struct dq_sink {
	struct dq_out out;
	const char *name;
	int fd;
	bool regular;
	int64_t length; /* of a file: bytes before out.buf */
};

static bool
fail(const struct dq_sink *sink, const char *what, struct dq_err *err)
{
	return dq_err_set(
	    err, "%s: cannot %s: %s", sink->name, what, strerror(errno));
}

struct dq_sink *
dq_sink_open(const char *spec, enum dq_sink_mode mode, struct dq_err *err)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
	bool standard = !strcmp(spec, "-");
	struct dq_sink *sink = dq_calloc(1, sizeof(*sink));
	struct stat info;

	if (mode == DQ_SINK_REPLACE)
		flags |= O_TRUNC;
	if (mode == DQ_SINK_APPEND)
		flags |= O_APPEND;
	sink->name = standard ? "stdout" : spec;
	sink->fd = standard ? STDOUT_FILENO : open(spec, flags, 0666);
	if (sink->fd < 0 || fstat(sink->fd, &info) < 0) {
		fail(sink, "open", err);
		free(sink);
		return NULL;
	}
	sink->regular = S_ISREG(info.st_mode) && !standard;
	if (mode != DQ_SINK_REPLACE && sink->regular)
		sink->length = info.st_size;
	if (S_ISFIFO(info.st_mode))
		(void)fcntl(sink->fd, F_SETPIPE_SZ, PIPE_SIZE);
	sink->out.partition = -1;
	return sink;
}

struct dq_out *
dq_sink_out(struct dq_sink *sink)
{
	return &sink->out;
}

bool
dq_sink_write(struct dq_sink *sink, bool all, struct dq_err *err)
{
	struct dq_buf *buf = &sink->out.buf;
	size_t done = 0;

	if (buf->len < BLOCK_SIZE && !all)
		return true;
	while (done < buf->len) {
		ssize_t n = write(sink->fd, buf->data + done, buf->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf->len = 0; /* told once is enough */
			return fail(sink, "write", err);
		}
		done += (size_t)n;
		sink->length += n;
	}
	buf->len = 0;
	return true;
}

bool
dq_sink_sync(struct dq_sink *sink, struct dq_err *err)
{
	if (!dq_sink_write(sink, true, err))
		return false;
	if (sink->regular && fsync(sink->fd) < 0)
		return fail(sink, "make durable", err);
	return true;
}

bool
dq_sink_is_file(const struct dq_sink *sink)
{
	return sink->regular;
}

int64_t
dq_sink_length(const struct dq_sink *sink)
{
	return sink->length;
}

bool
dq_sink_truncate(struct dq_sink *sink, int64_t length, struct dq_err *err)
{
	if (ftruncate(sink->fd, length) < 0 ||
	    lseek(sink->fd, length, SEEK_SET) < 0)
		return fail(sink, "cut", err);
	sink->length = length;
	return true;
}

bool
dq_sink_close(struct dq_sink *sink, struct dq_err *err)
{
	bool good;

	if (!sink)
		return true;
	good = dq_sink_write(sink, true, err);
	if (close(sink->fd) < 0 && good)
		good = fail(sink, "close", err);
	dq_buf_release(&sink->out.buf);
	free(sink);
	return good;
}
