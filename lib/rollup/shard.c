#include "rollup/shard.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS 1024 /* more than the windows that can be open */

void
dq_shard_release(struct dq_shard *shard)
{
	for (size_t i = 0; i < shard->count; i++)
		dq_window_release(&shard->windows[i]);
	free(shard->windows);
	dq_buf_release(&shard->topic);
}

void
dq_shard_key(char key[DQ_SHARD_KEY], const struct dq_shard *shard)
{
	snprintf(key, DQ_SHARD_KEY, "@clock %d", (int)shard->partition);
}

void
dq_shard_window_key(char key[DQ_SHARD_KEY], const struct dq_rollup *rollup,
    const struct dq_shard *shard, int64_t start)
{
	int64_t slot = start / rollup->options.window % SLOTS;

	snprintf(key, DQ_SHARD_KEY, "@window %d %d", (int)shard->partition,
	    (int)(slot < 0 ? slot + SLOTS : slot));
}

void
dq_shard_changed(struct dq_rollup *rollup, const struct dq_shard *shard,
    const struct dq_window *window)
{
	char key[DQ_SHARD_KEY];

	if (!rollup->changed)
		return;
	dq_shard_window_key(key, rollup, shard, window->start);
	rollup->changed(rollup->context, DQ_SLICE(key));
}

int64_t
dq_shard_final(const struct dq_rollup *rollup, const struct dq_shard *shard)
{
	return dq_window_start(
	    shard->clock - rollup->options.lateness, rollup->options.window);
}

struct dq_window *
dq_shard_window(struct dq_shard *shard, int64_t start)
{
	size_t i = shard->count;

	while (i && shard->windows[i - 1].start > start)
		i--;
	if (i && shard->windows[i - 1].start == start)
		return &shard->windows[i - 1];
	if (shard->count == shard->cap) {
		shard->cap = shard->cap ? shard->cap * 2 : 4;
		shard->windows = dq_realloc_array(
		    shard->windows, shard->cap, sizeof(*shard->windows));
	}
	memmove(shard->windows + i + 1, shard->windows + i,
	    (shard->count - i) * sizeof(*shard->windows));
	shard->count++;
	shard->windows[i] = (struct dq_window){.start = start,
	    .standing = i ? shard->windows[i - 1].standing : shard->before};
	return &shard->windows[i];
}

static void
write_window(struct dq_rollup *rollup, const struct dq_shard *shard,
    struct dq_window *window, int64_t event_time, struct dq_out *out)
{
	const struct dq_window_place place = {
	    .event_time = event_time,
	    .length = rollup->options.window,
	    .topic = dq_buf_view(&shard->topic),
	    .partition = shard->partition,
	    .late = shard->late,
	    .top = rollup->options.top,
	};
	struct dq_buf key = {0};

	/* Corrections of a window stay behind it, however many partitions. */
	dq_buf_time(&key, window->start);
	dq_window_write(window, &place, dq_out_begin(out));
	dq_out_end(out, dq_buf_view(&key));
	window->revision++;
	window->changed = false;
	dq_shard_changed(rollup, shard, window);
	dq_buf_release(&key);
}

void
dq_shard_write(struct dq_rollup *rollup, struct dq_shard *shard,
    int64_t event_time, struct dq_out *out)
{
	for (size_t i = 0; i < shard->count; i++)
		if (shard->windows[i].changed)
			write_window(
			    rollup, shard, &shard->windows[i], event_time, out);
}

/* When the first window becomes final; INT64_MAX when there is none. */
static int64_t
next_final(const struct dq_rollup *rollup, const struct dq_shard *shard)
{
	return shard->count ? shard->windows[0].start + rollup->options.window +
				  rollup->options.lateness
			    : INT64_MAX;
}

static void
drop_first(struct dq_rollup *rollup, struct dq_shard *shard)
{
	struct dq_window window = shard->windows[0];

	shard->before = window.standing;
	shard->count--;
	memmove(shard->windows, shard->windows + 1,
	    shard->count * sizeof(*shard->windows));
	dq_shard_changed(rollup, shard, &window);
	dq_window_release(&window);
}

/* In the order of time, whatever its steps: what is final, then what is due. */
static void
pass_time(struct dq_rollup *rollup, struct dq_shard *shard, int64_t time,
    struct dq_out *out)
{
	int64_t every = rollup->options.every;
	int64_t due = dq_window_start(shard->clock, every) + every;

	for (;;) {
		int64_t final = next_final(rollup, shard);

		if (final <= due && final <= time) {
			if (shard->windows[0].changed)
				write_window(rollup, shard, &shard->windows[0],
				    final, out);
			drop_first(rollup, shard);
		} else if (due <= time) {
			dq_shard_write(rollup, shard, due, out);
			due = INT64_MAX; /* nothing changes in between */
		} else {
			break;
		}
	}
}

void
dq_shard_advance(struct dq_rollup *rollup, struct dq_shard *shard, int64_t time,
    struct dq_out *out)
{
	if (time <= shard->clock)
		return;
	if (shard->clock != DQ_TIME_NONE)
		pass_time(rollup, shard, time, out);
	shard->clock = time;
}
