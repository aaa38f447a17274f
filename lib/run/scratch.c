#include "run/scratch.h"

#include "run/pipeline.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK (1u << 16)

static _Noreturn void
die(void)
{
	dq_die(DQ_EXIT_IO, "temporary file", "%m (TMPDIR says where)");
}

void
dq_scratch_open(struct dq_scratch *scratch)
{
	FILE *file = tmpfile();

	*scratch = (struct dq_scratch){.fd = file ? dup(fileno(file)) : -1};
	if (scratch->fd < 0)
		die();
	fclose(file);
}

void
dq_scratch_close(struct dq_scratch *scratch)
{
	close(scratch->fd);
	dq_buf_release(&scratch->buf);
}

static void
write_all(struct dq_scratch *scratch)
{
	for (size_t at = 0; at < scratch->buf.len;) {
		ssize_t n = write(
		    scratch->fd, scratch->buf.data + at, scratch->buf.len - at);

		if (n < 0)
			die();
		at += (size_t)n;
	}
	scratch->buf.len = 0;
}

void
dq_scratch_line(struct dq_scratch *scratch)
{
	dq_buf_byte(&scratch->buf, '\n');
	scratch->lines++;
	if (scratch->buf.len >= BLOCK)
		write_all(scratch);
}

struct dq_slice
dq_scratch_map(struct dq_scratch *scratch)
{
	struct stat status;
	void *bytes;

	write_all(scratch);
	if (fstat(scratch->fd, &status) < 0)
		die();
	if (!status.st_size)
		return (struct dq_slice){"", 0};
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE,
	    scratch->fd, 0);
	if (bytes == MAP_FAILED)
		die();
	return (struct dq_slice){bytes, (size_t)status.st_size};
}

bool
dq_scratch_next(struct dq_slice *rest, struct dq_slice *line)
{
	const char *end = memchr(rest->data, '\n', rest->len);

	if (!end)
		return false;
	*line = (struct dq_slice){rest->data, (size_t)(end - rest->data)};
	rest->data = end + 1;
	rest->len -= line->len + 1;
	return true;
}

void
dq_scratch_run(
    const char *command, struct dq_scratch *in, struct dq_scratch *out)
{
	struct dq_pipeline pipeline;
	struct dq_err err;
	enum dq_exit code;
	int status;
	pid_t pid;

	dq_scratch_open(out);
	write_all(in);
	if (lseek(in->fd, 0, SEEK_SET) < 0)
		die();
	if (!dq_pipeline_parse(&pipeline, command, &err))
		dq_die(DQ_EXIT_USAGE, command, "%s", err.text);
	pipeline.in = dup(in->fd);
	pipeline.out = dup(out->fd);
	if (!dq_pipeline_start(&pipeline, &err))
		dq_die(DQ_EXIT_RETRY, command, "%s", err.text);
	while (pipeline.running && (pid = waitpid(-1, &status, 0)) > 0)
		dq_pipeline_reap(&pipeline, pid, &status);
	code = dq_pipeline_code(&pipeline);
	dq_pipeline_release(&pipeline);
	if (code != DQ_EXIT_OK)
		dq_die(code, command, "failed: nothing was compared");
}
