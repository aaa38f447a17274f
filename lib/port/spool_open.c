#include "port/spool_inside.h"

#include "base/lock.h"
#include "base/mem.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SYNC_EVERY 100 /* ms */

void
dq_spool_wait(struct dq_spool *spool, pthread_cond_t *what, int ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(what, &spool->lock, &end);
}

static bool
sync_file(const char *path, struct dq_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	/* What was delivered meanwhile is gone. */
	if (!good && errno != ENOENT)
		dq_err_code(
		    err, DQ_EXIT_IO, "%s: cannot make durable: %m", path);
	else
		good = true;
	if (fd >= 0)
		close(fd);
	return good;
}

/* Names of the segments that hold bytes from `from` on, and whether there are
 * new files among them. */
static size_t
unsynced(struct dq_spool *spool, uint64_t from, uint64_t **bases, bool *fresh)
{
	size_t n = 0;

	*bases = dq_malloc((spool->segment_count + 1) * sizeof(**bases));
	for (size_t i = 0; i < spool->segment_count; i++) {
		struct dq_spool_segment *s = &spool->segments[i];

		*fresh = *fresh || !s->on_disk;
		if (i + 1 == spool->segment_count || s[1].base > from)
			(*bases)[n++] = s->base;
	}
	return n;
}

static void
note_synced(struct dq_spool *spool, uint64_t end)
{
	for (size_t i = 0; i < spool->segment_count; i++)
		if (spool->segments[i].base <= end)
			spool->segments[i].on_disk = true;
	if (end > spool->synced)
		spool->synced = end;
}

bool
dq_spool_sync(struct dq_spool *spool, struct dq_err *err)
{
	struct dq_buf path = {0};
	bool fresh = false, good = true;
	uint64_t *bases, end;
	size_t count;

	pthread_mutex_lock(&spool->lock);
	end = spool->end.position;
	count = unsynced(spool, spool->synced, &bases, &fresh);
	if (end == spool->synced && !fresh)
		count = 0;
	pthread_mutex_unlock(&spool->lock);
	for (size_t i = 0; i < count && good; i++)
		good = sync_file(
		    dq_segment_path(&path, spool->directory, bases[i]), err);
	if (good && fresh)
		good = sync_file(spool->directory, err);
	pthread_mutex_lock(&spool->lock);
	if (good)
		note_synced(spool, end);
	else {
		spool->failed = true;
		spool->err = *err;
	}
	pthread_mutex_unlock(&spool->lock);
	dq_buf_release(&path);
	free(bases);
	return good;
}

static void *
keep(void *argument)
{
	struct dq_spool *spool = argument;
	struct dq_err err;

	pthread_mutex_lock(&spool->lock);
	while (!spool->closing && !spool->failed) {
		dq_spool_wait(spool, &spool->work, SYNC_EVERY);
		if (spool->end.position == spool->synced)
			continue;
		pthread_mutex_unlock(&spool->lock);
		dq_spool_sync(spool, &err);
		pthread_mutex_lock(&spool->lock);
	}
	pthread_mutex_unlock(&spool->lock);
	return NULL;
}

static bool
take_lock(struct dq_spool *spool, struct dq_err *err)
{
	struct dq_buf name = {0};

	if (mkdir(spool->directory, 0700) < 0 && errno != EEXIST)
		return dq_err_code(err, DQ_EXIT_USAGE, "%s: cannot make it: %m",
		    spool->directory);
	dq_buf_printf(&name, "%s/lock", spool->directory);
	spool->lock_file =
	    open(dq_buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	dq_buf_release(&name);
	if (spool->lock_file < 0)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "%s: cannot write there: %m", spool->directory);
	return dq_lock_file(spool->lock_file) ||
	       dq_err_code(err, DQ_EXIT_USAGE,
		   "%s: in use by another process; give each its own directory",
		   spool->directory);
}

static void
release(struct dq_spool *spool)
{
	dq_segment_unmap(&spool->writing);
	dq_segment_unmap(&spool->reading);
	if (spool->lock_file >= 0)
		close(spool->lock_file);
	free(spool->segments);
	free(spool->directory);
	free(spool->to);
	free(spool);
}

struct dq_spool *
dq_spool_open(
    const char *directory, const char *to, int64_t limit, struct dq_err *err)
{
	struct dq_spool *spool = dq_calloc(1, sizeof(*spool));
	pthread_condattr_t steady;

	*spool = (struct dq_spool){.directory = dq_strdup(directory),
	    .to = dq_strdup(to),
	    .limit = limit,
	    .lock_file = -1};
	if (!take_lock(spool, err) || !dq_spool_recover(spool, err)) {
		release(spool);
		return NULL;
	}
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_mutex_init(&spool->lock, NULL);
	pthread_cond_init(&spool->room, &steady);
	pthread_cond_init(&spool->more, &steady);
	pthread_cond_init(&spool->work, &steady);
	pthread_condattr_destroy(&steady);
	spool->keeper = dq_thread_start("--spool", keep, spool);
	return spool;
}

bool
dq_spool_close(struct dq_spool *spool, struct dq_err *err)
{
	bool good;

	pthread_mutex_lock(&spool->lock);
	spool->closing = true;
	pthread_cond_signal(&spool->work);
	pthread_mutex_unlock(&spool->lock);
	pthread_join(spool->keeper, NULL);
	dq_spool_rewind(spool);
	good = dq_spool_sync(spool, err) && dq_spool_deliver(spool, true, err);
	pthread_mutex_destroy(&spool->lock);
	pthread_cond_destroy(&spool->room);
	pthread_cond_destroy(&spool->more);
	pthread_cond_destroy(&spool->work);
	release(spool);
	return good;
}
