#include "base/replace.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
write_all(int fd, struct dq_slice bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

static void
sync_directory(const char *path)
{
	char *copy = dq_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

bool
dq_file_replace(const char *path, struct dq_slice bytes, struct dq_err *err)
{
	struct dq_buf name = {0};
	int fd;
	bool good;

	dq_buf_printf(&name, "%s.tmp", path);
	fd = open(
	    dq_buf_text(&name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	good = fd >= 0 && write_all(fd, bytes) && fsync(fd) == 0;
	if (fd >= 0 && close(fd) < 0)
		good = false;
	if (good)
		good = rename(name.data, path) == 0;
	if (good)
		sync_directory(path);
	else
		dq_err_set(err, "%s: cannot write: %s", path, strerror(errno));
	dq_buf_release(&name);
	return good;
}
