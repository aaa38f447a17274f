#include "run/files.h"

#include "base/mem.h"
#include "port/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
read_all(int fd, size_t limit, struct dq_buf *out)
{
	for (;;) {
		char *room = dq_buf_room(out, 64 << 10);
		ssize_t n = read(fd, room, 64 << 10);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		out->len += (size_t)n;
		if (out->len > limit) {
			errno = EFBIG;
			return false;
		}
	}
}

bool
dq_file_load(
    const char *path, size_t limit, struct dq_buf *out, struct dq_err *err)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read_all(fd, limit, out);

	if (!good)
		dq_err_set(err, "%s: cannot read: %s", path, strerror(errno));
	if (fd >= 0 && !standard)
		close(fd);
	return good;
}

void
dq_file_read(const char *path, size_t limit, struct dq_buf *out)
{
	struct dq_err err;

	if (!dq_file_load(path, limit, out, &err))
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
}

void
dq_file_records(const char *path, uint32_t kinds,
    void (*each)(void *context, const struct dq_record *record), void *context)
{
	struct dq_err err;
	struct dq_reader *reader = dq_reader_new();
	struct dq_source *source = dq_source_open(path, NULL, &err);
	struct dq_slice line;
	enum dq_got got;
	char place[256];

	if (!source)
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
	while ((got = dq_source_next(source, &line)) != DQ_GOT_END) {
		const struct dq_record *record = NULL;

		if (got == DQ_GOT_IDLE ||
		    (got == DQ_GOT_LINE && dq_slice_blank(line)))
			continue;
		if (got == DQ_GOT_FAIL)
			dq_die(DQ_EXIT_IO, NULL, "%s", source->err.text);
		if (got == DQ_GOT_LINE)
			record = dq_reader_parse(
			    reader, line, &source->place, kinds, 2, &err);
		else
			dq_err_set(&err,
			    got == DQ_GOT_CUT ? "the last line has no end"
					      : "line longer than %u bytes",
			    DQ_LINE_LIMIT);
		if (!record) {
			dq_place_text(&source->place, place);
			dq_source_close(source);
			dq_reader_free(reader);
			dq_die(DQ_EXIT_DATA, place, "%s", err.text);
		}
		each(context, record);
	}
	dq_source_close(source);
	dq_reader_free(reader);
}

/* dir/name as a new string, or NULL when there is no such file. */
static char *
in_directory(const char *dir, const char *name)
{
	struct dq_buf path = {0};

	dq_buf_printf(&path, "%s/%s", dir, name);
	if (access(dq_buf_text(&path), R_OK) == 0)
		return path.data;
	dq_buf_release(&path);
	return NULL;
}

static char *
beside_program(const char *name)
{
	static const char *const above[] = {
	    "../share/dq", "../share", "../../../share"};
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *found = NULL;

	if (n < 0)
		return NULL;
	program[n] = 0;
	for (int i = 0; i < 3 && !found; i++) {
		struct dq_buf dir = {0};
		char *slash = strrchr(program, '/');

		dq_buf_printf(
		    &dir, "%.*s/%s", (int)(slash - program), program, above[i]);
		found = in_directory(dq_buf_text(&dir), name);
		dq_buf_release(&dir);
	}
	return found;
}

char *
dq_file_share(const char *name)
{
	const char *dir = getenv("DQ_SHARE");
	char *path = dir ? in_directory(dir, name) : NULL;

	if (!path)
		path = beside_program(name);
	if (!path)
		path = in_directory(DQ_PREFIX "/share/dq", name);
	if (!path)
		dq_die(DQ_EXIT_USAGE, name,
		    "not found; set DQ_SHARE to the "
		    "directory that holds it");
	return path;
}

void
dq_file_hold_standard(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(DQ_EXIT_IO);
}
