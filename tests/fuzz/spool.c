/* The log of a spool from any bytes: what is read is in bounds, and what is cut
 * leaves a log that works. */
#include "port/spool.h"
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void
write_file(const char *name, const uint8_t *data, size_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static void
empty(void)
{
	DIR *files = opendir(dir);
	struct dirent *file;

	MUST(files);
	while ((file = readdir(files)))
		(void)unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	MUST(rmdir(dir) == 0);
}

/* Takes all there is; the number. */
static int64_t
drain(struct dq_spool *spool)
{
	struct dq_spool_entry entry;
	struct dq_err err;
	int64_t n = 0, bytes = 0;

	while (dq_spool_take(spool, &entry, &err)) {
		n++;
		for (size_t i = 0; i < entry.line.len; i++)
			bytes += entry.line.data[i];
		for (size_t i = 0; i < entry.key.len; i++)
			bytes += entry.key.data[i];
	}
	MUST(!err.text[0] && bytes >= INT64_MIN);
	return n;
}

/* The first byte says where the file is cut in two segments, and the rest is
 * the first one's bytes, over a good log or alone. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dq_spool_entry entry = {
	    .line = {"{\"a\":1}", 7}, .key = {"C1", 2}, .partition = -1};
	struct dq_spool *spool;
	struct dq_err err;
	int64_t n;

	if (size < 2)
		return 0;
	snprintf(dir, sizeof(dir), "/dev/shm/dq-fuzz-spool-%d", (int)getpid());
	mkdir(dir, 0700);
	if (data[0] & 1) {
		write_file("00000000000000000000.log", data + 1, size - 1);
	} else {
		spool = dq_spool_open(dir, "a", DQ_SPOOL_LIMIT_MIN, &err);
		MUST(spool);
		for (int i = 0; i < 3; i++)
			MUST(dq_spool_put(spool, &entry, 1, false, &err) ==
			     DQ_SPOOL_OK);
		MUST(dq_spool_close(spool, &err));
		write_file(
		    data[0] & 2 ? "position" : "00000000000000000080.log",
		    data + 1, size - 1);
	}
	spool = dq_spool_open(dir, "a", DQ_SPOOL_LIMIT_MIN, &err);
	if (spool) {
		n = dq_spool_figures(spool).records;
		MUST(drain(spool) == n);
		MUST(
		    dq_spool_put(spool, &entry, 1, false, &err) == DQ_SPOOL_OK);
		MUST(dq_spool_close(spool, &err));
		spool = dq_spool_open(dir, "a", DQ_SPOOL_LIMIT_MIN, &err);
		MUST(spool && drain(spool) == n + 1);
		MUST(dq_spool_close(spool, &err));
	} else
		MUST(err.code == DQ_EXIT_IO || err.code == DQ_EXIT_USAGE);
	empty();
	return 0;
}
