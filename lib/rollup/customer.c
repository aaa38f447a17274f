#include "rollup/customer.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>

/* Years that a time can have, and a little more. */
#define TIME_MAX (INT64_C(400000) * 10 * DQ_DAY)

void
dq_stands_release(struct dq_stands *stands)
{
	free(stands->older);
	*stands = (struct dq_stands){.shard = stands->shard};
}

int64_t
dq_window_start(int64_t time, int64_t length)
{
	int64_t into = time % length;

	return time - (into < 0 ? into + length : into);
}

static struct dq_stand *
at(struct dq_stands *stands, uint32_t i)
{
	return i + 1 < stands->count ? &stands->older[i] : &stands->newest;
}

static void
insert(struct dq_stands *stands, uint32_t i, const struct dq_stand *stand)
{
	uint32_t older = stands->count;

	if (older)
		stands->older = dq_realloc_array(
		    stands->older, older, sizeof(*stands->older));
	stands->count++;
	if (older)
		stands->older[older - 1] = stands->newest;
	if (i == older) {
		stands->newest = *stand;
		return;
	}
	memmove(stands->older + i + 1, stands->older + i,
	    (older - 1 - i) * sizeof(*stands->older));
	stands->older[i] = *stand;
}

static void
prune(struct dq_stands *stands, int64_t final)
{
	uint32_t n = 0;

	while (n + 1 < stands->count && at(stands, n + 1)->time < final)
		n++;
	if (!n)
		return;
	stands->count -= n;
	memmove(stands->older, stands->older + n,
	    (stands->count - 1) * sizeof(*stands->older));
	if (stands->count > 1)
		return;
	free(stands->older);
	stands->older = NULL;
}

bool
dq_stands_add(struct dq_stands *stands, const struct dq_stand *stand,
    int64_t length, int64_t final, struct dq_stands_change *change)
{
	int64_t start = dq_window_start(stand->time, length);
	uint32_t i, next;

	prune(stands, final);
	i = stands->count;
	while (i && at(stands, i - 1)->time >= start)
		i--;
	change->old.time = DQ_TIME_NONE;
	change->until = INT64_MAX;
	next = i;
	if (i < stands->count && at(stands, i)->time < start + length) {
		if (stand->time < at(stands, i)->time)
			return false;
		change->old = *at(stands, i);
		*at(stands, i) = *stand;
		next++;
	} else if (i) {
		change->old = *at(stands, i - 1);
	}
	if (next < stands->count)
		change->until = dq_window_start(at(stands, next)->time, length);
	if (next == i)
		insert(stands, i, stand);
	return true;
}

void
dq_stands_save(const struct dq_stands *stands, struct dq_buf *out)
{
	for (uint32_t i = 0; i < stands->count; i++) {
		const struct dq_stand *stand =
		    i + 1 < stands->count ? &stands->older[i] : &stands->newest;

		dq_buf_comma(out);
		dq_buf_byte(out, '[');
		dq_buf_int(out, stand->time);
		dq_buf_byte(out, ',');
		dq_buf_int(out, stand->score);
		dq_buf_byte(out, ',');
		dq_buf_int(out, stand->level);
		dq_buf_byte(out, ']');
	}
}

static bool
load_stand(struct yyjson_val *row, struct dq_stand *stand)
{
	struct dq_json_iter iter = dq_json_iter(row);
	int64_t numbers[3];

	if (!yyjson_is_arr(row) || dq_json_size(row) != 3)
		return false;
	for (int i = 0; i < 3; i++)
		if (!dq_json_next(&iter) ||
		    !dq_json_int(iter.value, &numbers[i]))
			return false;
	*stand = (struct dq_stand){
	    numbers[0], (int32_t)numbers[1], (int32_t)numbers[2]};
	return numbers[0] > -TIME_MAX && numbers[0] < TIME_MAX &&
	       numbers[1] >= 0 && numbers[1] <= DQ_SCORE_UNITS &&
	       numbers[2] >= 0 && numbers[2] < DQ_LEVELS;
}

bool
dq_stands_load(struct dq_stands *stands, struct dq_json_iter *rows)
{
	struct dq_stand stand;

	while (dq_json_next(rows)) {
		if (!load_stand(rows->value, &stand) ||
		    (stands->count && stand.time < stands->newest.time)) {
			dq_stands_release(stands);
			return false;
		}
		insert(stands, stands->count, &stand);
	}
	return true;
}
