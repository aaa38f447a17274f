#include "port/spool_inside.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTE_EVERY (DQ_SECOND / 5)

enum dq_spool_put
dq_spool_roll(struct dq_spool *spool, size_t needed, struct dq_err *err)
{
	uint64_t size = (uint64_t)spool->limit / 4 & ~UINT64_C(4095);
	struct dq_segment segment;
	enum dq_spool_put put;

	if (size > DQ_SEGMENT_SIZE)
		size = DQ_SEGMENT_SIZE;
	if (size < needed + DQ_SEGMENT_HEAD)
		size = needed + DQ_SEGMENT_HEAD;
	put = dq_segment_create(
	    &segment, spool->directory, spool->end.position, size, err);
	if (put != DQ_SPOOL_OK)
		return put;
	dq_segment_unmap(&spool->writing);
	spool->writing = segment;
	spool->segments = dq_realloc_array(spool->segments,
	    spool->segment_count + 1, sizeof(*spool->segments));
	spool->segments[spool->segment_count++] =
	    (struct dq_spool_segment){spool->end.position, false};
	return DQ_SPOOL_OK;
}

/* A segment that nothing was put into has the name that a new one would get:
 * it gives way. */
static enum dq_spool_put
make_room(struct dq_spool *spool, size_t needed, struct dq_err *err)
{
	const struct dq_segment *s = &spool->writing;

	if (spool->end.position - s->base + DQ_SEGMENT_HEAD + needed <= s->size)
		return DQ_SPOOL_OK;
	if (spool->end.position == s->base) {
		dq_segment_unmap(&spool->writing);
		spool->segment_count--;
	}
	return dq_spool_roll(spool, needed, err);
}

static enum dq_spool_put
full(struct dq_spool *spool, const char *why)
{
	if (!spool->told_full)
		dq_warn("--spool",
		    "%s: full with %lld records, %lld bytes (%s): what comes "
		    "now waits until Kafka takes some",
		    spool->directory,
		    (long long)(spool->end.number - spool->delivered.number),
		    (long long)(spool->end.position -
				spool->delivered.position),
		    why);
	spool->told_full = true;
	return DQ_SPOOL_FULL;
}

static enum dq_spool_put
put_all(struct dq_spool *spool, const struct dq_spool_entry *entries,
    size_t count, bool must, struct dq_err *err)
{
	uint64_t waiting = spool->end.position - spool->delivered.position;
	enum dq_spool_put put;
	size_t needed = 0;

	if (spool->failed) {
		*err = spool->err;
		return DQ_SPOOL_FAILED;
	}
	for (size_t i = 0; i < count; i++)
		needed += dq_segment_entry_size(&entries[i]);
	if (!must && waiting && waiting + needed > (uint64_t)spool->limit)
		return full(spool, "--spool-limit");
	put = make_room(spool, needed, err);
	if (put == DQ_SPOOL_FULL)
		return full(spool, err->text);
	for (size_t i = 0; i < count && put == DQ_SPOOL_OK; i++) {
		dq_segment_write(
		    &spool->writing, spool->end.position, &entries[i]);
		spool->end.position += dq_segment_entry_size(&entries[i]);
		spool->end.number++;
	}
	return put;
}

enum dq_spool_put
dq_spool_put(struct dq_spool *spool, const struct dq_spool_entry *entries,
    size_t count, bool must, struct dq_err *err)
{
	enum dq_spool_put put;

	pthread_mutex_lock(&spool->lock);
	put = put_all(spool, entries, count, must, err);
	pthread_cond_signal(&spool->more);
	pthread_mutex_unlock(&spool->lock);
	return put;
}

void
dq_spool_wait_room(struct dq_spool *spool, int ms)
{
	pthread_mutex_lock(&spool->lock);
	dq_spool_wait(spool, &spool->room, ms);
	pthread_mutex_unlock(&spool->lock);
}

void
dq_spool_wait_entry(struct dq_spool *spool, int ms)
{
	pthread_mutex_lock(&spool->lock);
	if (spool->end.position == spool->taken.position)
		dq_spool_wait(spool, &spool->more, ms);
	pthread_mutex_unlock(&spool->lock);
}

/* The base of the segment that holds a position; false at the end of all. */
static bool
base_of(struct dq_spool *spool, uint64_t position, uint64_t *base)
{
	bool more;

	pthread_mutex_lock(&spool->lock);
	more = position < spool->end.position;
	for (size_t i = 0; i < spool->segment_count && more; i++)
		if (spool->segments[i].base <= position)
			*base = spool->segments[i].base;
	pthread_mutex_unlock(&spool->lock);
	return more;
}

bool
dq_spool_take(
    struct dq_spool *spool, struct dq_spool_entry *entry, struct dq_err *err)
{
	struct dq_segment *reading = &spool->reading;
	uint64_t base = 0;
	size_t n;

	err->text[0] = 0;
	if (!base_of(spool, spool->taken.position, &base))
		return false;
	if (!reading->bytes || reading->base != base) {
		dq_segment_unmap(reading);
		if (!dq_segment_map(reading, spool->directory, base, err))
			return false;
	}
	n = dq_segment_read(reading, spool->taken.position, entry);
	if (!n)
		return dq_err_code(err, DQ_EXIT_IO,
		    "%s: damaged at byte %llu by somebody else",
		    spool->directory,
		    (unsigned long long)spool->taken.position);
	spool->taken.position += n;
	spool->taken.number++;
	return true;
}

void
dq_spool_rewind(struct dq_spool *spool)
{
	spool->taken = spool->delivered;
}

/* The oldest segment when nobody will read it again, which is not before
 * "position" says so. */
static bool
next_to_drop(struct dq_spool *spool, uint64_t *base)
{
	bool found;

	pthread_mutex_lock(&spool->lock);
	found =
	    spool->segment_count > 1 && spool->segments[1].base <= spool->noted;
	if (found) {
		*base = spool->segments[0].base;
		spool->segment_count--;
		memmove(spool->segments, spool->segments + 1,
		    spool->segment_count * sizeof(*spool->segments));
	}
	pthread_mutex_unlock(&spool->lock);
	return found;
}

static void
drop(struct dq_spool *spool)
{
	struct dq_buf path = {0};
	uint64_t base;

	while (next_to_drop(spool, &base))
		unlink(dq_segment_path(&path, spool->directory, base));
	dq_buf_release(&path);
}

bool
dq_spool_deliver(struct dq_spool *spool, bool now, struct dq_err *err)
{
	int64_t clock = dq_clock_steady();

	pthread_mutex_lock(&spool->lock);
	spool->delivered = spool->taken;
	if (spool->delivered.position == spool->end.position)
		spool->told_full = false;
	pthread_cond_signal(&spool->room);
	pthread_mutex_unlock(&spool->lock);
	if (spool->noted == spool->delivered.position ||
	    (!now && clock - spool->noted_at < NOTE_EVERY))
		return true;
	spool->noted_at = clock;
	if (!dq_spool_note(spool, err))
		return false;
	drop(spool);
	return true;
}

struct dq_spool_figures
dq_spool_figures(struct dq_spool *spool)
{
	struct dq_spool_figures figures;

	pthread_mutex_lock(&spool->lock);
	figures = (struct dq_spool_figures){
	    .records = spool->end.number - spool->delivered.number,
	    .bytes = (int64_t)(spool->end.position - spool->delivered.position),
	    .limit = spool->limit};
	pthread_mutex_unlock(&spool->lock);
	return figures;
}

const char *
dq_spool_directory(const struct dq_spool *spool)
{
	return spool->directory;
}
