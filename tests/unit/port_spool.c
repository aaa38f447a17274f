/* The log: order, position, torn and damaged files, limits, a full disk. */
#include "port/spool.h"
#include "port/spool_segment.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT DQ_SPOOL_LIMIT_MIN

static char dir[] = "/tmp/dq-spool-XXXXXX";
static struct dq_err err;

static struct dq_spool *
open_spool(void)
{
	return dq_spool_open(dir, "a,b", LIMIT, &err);
}

static enum dq_spool_put
put(struct dq_spool *spool, int number, size_t padding)
{
	static char line[1 << 20];
	char key[16];
	int n = snprintf(line, sizeof(line), "%d ", number);

	memset(line + n, 'x', padding);
	snprintf(key, sizeof(key), "C%d", number % 7);
	return dq_spool_put(spool,
	    &(struct dq_spool_entry){.topic = DQ_SLICE("b"),
		.key = DQ_SLICE(key),
		.line = {line, (size_t)n + padding},
		.partition = number % 3},
	    1, false, &err);
}

static int
take(struct dq_spool *spool)
{
	struct dq_spool_entry entry;
	char key[16];
	int number;

	if (!dq_spool_take(spool, &entry, &err))
		return err.text[0] ? -2 : -1;
	number = (int)strtol(entry.line.data, NULL, 10);
	snprintf(key, sizeof(key), "C%d", number % 7);
	CHECK_TEXT(entry.key, key);
	CHECK_TEXT(entry.topic, "b");
	CHECK_INT(entry.partition, number % 3);
	return number;
}

/* The n-th file of that ending, in order; its path in `path`. */
static bool
file(const char *ending, int n, char path[300])
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, alphasort);
	bool found = false;

	for (int i = 0; i < count; i++) {
		if (strstr(names[i]->d_name, ending) && n-- == 0) {
			snprintf(path, 300, "%s/%s", dir, names[i]->d_name);
			found = true;
		}
		free(names[i]);
	}
	free(names);
	return found;
}

static int
files(const char *ending)
{
	char path[300];
	int n = 0;

	while (file(ending, n, path))
		n++;
	return n;
}

static void
empty(void)
{
	char path[300];

	while (file("l", 0, path) || file("o", 0, path) || file("c", 0, path))
		unlink(path);
}

static void
check_order(void)
{
	struct dq_spool *spool = open_spool();

	CHECK(spool);
	CHECK_INT(take(spool), -1);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(put(spool, i, (size_t)i), DQ_SPOOL_OK);
	CHECK_INT(dq_spool_figures(spool).records, 1000);
	for (int i = 0; i < 400; i++)
		CHECK_INT(take(spool), i);
	CHECK(dq_spool_deliver(spool, true, &err));
	for (int i = 400; i < 500; i++)
		CHECK_INT(take(spool), i);
	dq_spool_rewind(spool);
	CHECK_INT(take(spool), 400);
	CHECK_INT(dq_spool_figures(spool).records, 600);
	/* one owner */
	CHECK(!open_spool());
	CHECK_INT(err.code, DQ_EXIT_USAGE);
	CHECK(dq_spool_close(spool, &err));
	/* what was taken and not delivered is there again */
	spool = open_spool();
	CHECK_INT(dq_spool_figures(spool).records, 600);
	CHECK(put(spool, 1000, 10) == DQ_SPOOL_OK);
	for (int i = 400; i <= 1000; i++)
		CHECK_INT(take(spool), i);
	CHECK_INT(take(spool), -1);
	CHECK(dq_spool_deliver(spool, true, &err));
	CHECK_INT(dq_spool_figures(spool).bytes, 0);
	CHECK_INT(files(".log"), 1);
	CHECK(dq_spool_close(spool, &err));
	/* and what it is for is not forgotten while something waits */
	spool = open_spool();
	put(spool, 1, 0);
	CHECK(dq_spool_close(spool, &err));
	CHECK(!dq_spool_open(dir, "c", LIMIT, &err));
	CHECK_INT(err.code, DQ_EXIT_USAGE);
	empty();
}

static void
check_limit(void)
{
	struct dq_spool *spool = open_spool();
	int n = 0, taken = 0;

	while (put(spool, n, 5000) == DQ_SPOOL_OK)
		n++;
	CHECK(n > 180 && n < 220);
	CHECK(dq_spool_figures(spool).bytes <= LIMIT);
	CHECK_INT(put(spool, n, 5000), DQ_SPOOL_FULL);
	for (; taken < 100; taken++)
		CHECK_INT(take(spool), taken);
	CHECK(dq_spool_deliver(spool, true, &err));
	for (int i = 0; i < 90; i++)
		CHECK_INT(put(spool, n++, 5000), DQ_SPOOL_OK);
	for (; taken < n; taken++)
		CHECK_INT(take(spool), taken);
	CHECK(dq_spool_deliver(spool, true, &err));
	/* one that is larger than a segment has its own */
	CHECK_INT(put(spool, n, 900000), DQ_SPOOL_OK);
	CHECK_INT(put(spool, n + 1, 10), DQ_SPOOL_OK);
	CHECK_INT(take(spool), n);
	CHECK_INT(take(spool), n + 1);
	CHECK(dq_spool_close(spool, &err));
	empty();
}

/* Of two at once both are there or none. */
static void
check_both(void)
{
	struct dq_spool *spool = open_spool();
	static char line[LIMIT / 2];
	struct dq_spool_entry two[2] = {
	    {.line = {line, sizeof(line) - 1000}, .partition = -1},
	    {.line = {line, sizeof(line) - 1000}, .partition = -1}};

	CHECK_INT(put(spool, 1, 4000), DQ_SPOOL_OK);
	CHECK_INT(dq_spool_put(spool, two, 2, false, &err), DQ_SPOOL_FULL);
	CHECK_INT(dq_spool_figures(spool).records, 1);
	two[1].line.len = 10;
	CHECK_INT(dq_spool_put(spool, two, 2, false, &err), DQ_SPOOL_OK);
	CHECK_INT(dq_spool_figures(spool).records, 3);
	/* but what must go in does */
	two[1] = two[0];
	CHECK_INT(dq_spool_put(spool, two, 2, false, &err), DQ_SPOOL_FULL);
	CHECK_INT(dq_spool_put(spool, two, 2, true, &err), DQ_SPOOL_OK);
	CHECK_INT(dq_spool_figures(spool).records, 5);
	CHECK(dq_spool_close(spool, &err));
	empty();
}

static void
write_at(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, bytes, n, at) == (ssize_t)n);
	close(fd);
}

/* `lost` of 300 entries in several files are torn off by bytes written at
 * `offset` of the file `n`. */
static void
check_torn(int n, off_t offset, int least, int most)
{
	struct dq_spool *spool = open_spool();
	char path[300] = "";
	int left = 0;

	for (int i = 0; i < 300; i++)
		CHECK_INT(put(spool, i, 2000), DQ_SPOOL_OK);
	CHECK(dq_spool_close(spool, &err));
	CHECK(files(".log") >= 3);
	CHECK(file(".log", n, path));
	write_at(path, offset, "garbage!", 8);
	spool = open_spool();
	CHECK(spool);
	while (take(spool) == left)
		left++;
	CHECK(left >= least && left <= most);
	CHECK_INT(dq_spool_figures(spool).records, left);
	CHECK(files(".cut") > 0);
	/* and it goes on */
	CHECK_INT(put(spool, 7, 10), DQ_SPOOL_OK);
	CHECK(dq_spool_close(spool, &err));
	spool = open_spool();
	CHECK_INT(dq_spool_figures(spool).records, left + 1);
	CHECK(dq_spool_close(spool, &err));
	empty();
}

/* Behind the last entry stand the remains of one that was being written. */
static void
check_remains(void)
{
	struct dq_spool *spool = open_spool();
	struct dq_segment segment;
	char path[300];

	for (int i = 0; i < 3; i++)
		put(spool, i, 100);
	CHECK(dq_spool_close(spool, &err));
	CHECK(file(".log", 0, path));
	CHECK(dq_segment_map(&segment, dir, 0, &err));
	write_at(path,
	    (off_t)(DQ_SEGMENT_HEAD + dq_segment_rest(&segment, 0)) + 64,
	    "half of one", 11);
	dq_segment_unmap(&segment);
	spool = open_spool();
	CHECK_INT(dq_spool_figures(spool).records, 3);
	CHECK_INT(files(".cut"), 1);
	CHECK_INT(take(spool), 0);
	CHECK(dq_spool_close(spool, &err));
	empty();
}

static void
check_damaged(void)
{
	struct dq_spool *spool = open_spool();
	char path[300];

	for (int i = 0; i < 300; i++)
		put(spool, i, 2000);
	for (int i = 0; i < 10; i++)
		take(spool);
	CHECK(dq_spool_deliver(spool, true, &err));
	CHECK(dq_spool_close(spool, &err));
	CHECK(file(".log", 0, path));
	unlink(path);
	CHECK(!open_spool());
	CHECK_INT(err.code, DQ_EXIT_IO);
	CHECK(file("position", 0, path));
	write_at(path, 0, "???", 3);
	CHECK(!open_spool());
	CHECK_INT(err.code, DQ_EXIT_IO);
	empty();
}

/* A disk without room is a full spool, and no loss. */
static void
check_disk(void)
{
	struct rlimit old;
	struct dq_spool *spool = open_spool();
	char path[300];
	int n = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(put(spool, n++, 100), DQ_SPOOL_OK);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, old.rlim_max});
	while (n < 1000 && put(spool, n, 5000) == DQ_SPOOL_OK)
		n++;
	CHECK(n > 40 && n < 60);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(put(spool, n++, 5000), DQ_SPOOL_OK);
	for (int i = 0; i < n; i++)
		CHECK_INT(take(spool), i);
	CHECK(file(".log", 0, path));
	CHECK(dq_spool_close(spool, &err));
	empty();
}

int
main(void)
{
	CHECK(mkdtemp(dir));
	check_order();
	check_limit();
	check_both();
	check_torn(0, 100, 0, 0);
	check_torn(0, 30000, 5, 20);
	check_torn(1, 0, 100, 140);
	check_torn(1, 40000, 130, 160);
	check_remains();
	check_damaged();
	check_disk();
	empty();
	rmdir(dir);
	return unit_done();
}
