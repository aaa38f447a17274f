#include "rollup/rollup.h"

#include "base/mem.h"
#include "rollup/shard.h"

#include <math.h>
#include <stdlib.h>

struct dq_rollup *
dq_rollup_new(const struct dq_rollup_options *options)
{
	struct dq_rollup *rollup = dq_calloc(1, sizeof(*rollup));

	rollup->options = *options;
	return rollup;
}

void
dq_rollup_free(struct dq_rollup *rollup)
{
	if (!rollup)
		return;
	for (uint32_t i = 0; i < rollup->ids.count; i++)
		dq_stands_release(&rollup->customers[i]);
	for (uint32_t i = 0; i < rollup->shards_count; i++)
		dq_shard_release(&rollup->shards[i]);
	free(rollup->customers);
	free(rollup->shards);
	dq_map_release(&rollup->ids);
	free(rollup);
}

void
dq_rollup_watch(struct dq_rollup *rollup,
    void (*changed)(void *context, struct dq_slice key), void *context)
{
	rollup->changed = changed;
	rollup->context = context;
}

uint32_t
dq_rollup_shard(
    struct dq_rollup *rollup, int32_t partition, struct dq_slice topic)
{
	uint32_t i = 0;

	for (; i < rollup->shards_count; i++) {
		struct dq_slice own = dq_buf_view(&rollup->shards[i].topic);

		if (rollup->shards[i].partition == partition &&
		    (!topic.len || dq_slice_equal(own, topic)))
			return i;
	}
	rollup->shards = dq_realloc_array(
	    rollup->shards, rollup->shards_count + 1, sizeof(*rollup->shards));
	rollup->shards[i] =
	    (struct dq_shard){.partition = partition, .clock = DQ_TIME_NONE};
	dq_buf_slice(&rollup->shards[i].topic, topic);
	return rollup->shards_count++;
}

struct dq_stands *
dq_rollup_customer(struct dq_rollup *rollup, struct dq_slice id)
{
	uint32_t known = rollup->ids.count;
	uint32_t number = dq_map_put(&rollup->ids, id);

	if (number < known)
		return &rollup->customers[number];
	if (number == rollup->customers_cap) {
		rollup->customers_cap =
		    rollup->customers_cap ? rollup->customers_cap * 2 : 64;
		rollup->customers = dq_realloc_array(rollup->customers,
		    rollup->customers_cap, sizeof(*rollup->customers));
	}
	rollup->customers[number] = (struct dq_stands){0};
	return &rollup->customers[number];
}

static struct dq_stand
stand_of(const struct dq_record *prediction)
{
	struct dq_slice level = dq_record_text(prediction, DQ_RISK_LEVEL);
	double score = dq_record_real(prediction, DQ_RISK_SCORE);
	struct dq_stand stand = {.time = prediction->time};

	while (stand.level < DQ_LEVELS - 1 &&
	       !dq_slice_is(level, dq_level_names[stand.level]))
		stand.level++;
	stand.score = (int32_t)lround(fmin(fmax(score, 0), 1) * DQ_SCORE_UNITS);
	return stand;
}

static void
count_stand(
    struct dq_standing *standing, const struct dq_stand *stand, int sign)
{
	standing->customers[stand->level] += sign;
	standing->score_sum += sign * (int64_t)stand->score;
}

/* The customer stands otherwise from this window on. */
static void
restand(struct dq_rollup *rollup, struct dq_shard *shard, int64_t start,
    const struct dq_stand *stand, const struct dq_stands_change *change)
{
	for (size_t i = shard->count; i--;) {
		struct dq_window *window = &shard->windows[i];

		if (window->start < start)
			break;
		if (window->start >= change->until)
			continue;
		if (change->old.time != DQ_TIME_NONE)
			count_stand(&window->standing, &change->old, -1);
		count_stand(&window->standing, stand, 1);
		window->changed = true;
		dq_shard_changed(rollup, shard, window);
	}
}

/* Raised, as it came, to a level that wants somebody's eye. */
static bool
is_alert(const struct dq_stands *stands, const struct dq_stand *stand)
{
	if (stand->level < DQ_LEVEL_HIGH)
		return false;
	return !stands->count || (stand->time >= stands->newest.time &&
				     stand->level > stands->newest.level);
}

static void
add_prediction(struct dq_rollup *rollup, uint32_t number,
    struct dq_window *window, const struct dq_record *record)
{
	struct dq_shard *shard = &rollup->shards[number];
	struct dq_slice id = record->customer_id;
	struct dq_stand stand = stand_of(record);
	struct dq_stands_change change;
	struct dq_stands *stands;

	if (id.len && *id.data == '@') /* as the state's own keys do */
		return;
	stands = dq_rollup_customer(rollup, id);
	if (stands->shard != number) {
		dq_stands_release(stands);
		stands->shard = number;
	}
	if (is_alert(stands, &stand))
		window->alerts[stand.level]++;
	if (dq_stands_add(stands, &stand, rollup->options.window,
		dq_shard_final(rollup, shard), &change))
		restand(rollup, shard, window->start, &stand, &change);
}

bool
dq_rollup_record(struct dq_rollup *rollup, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	struct dq_slice topic = {"", 0};
	struct dq_window *window;
	struct dq_shard *shard;
	uint32_t number;
	int64_t start;

	if (record->time == DQ_TIME_NONE)
		return dq_err_set(err, "no \"event_time\"");
	if (record->place.topic)
		topic = DQ_SLICE(record->place.source);
	number = dq_rollup_shard(rollup, record->place.partition, topic);
	shard = &rollup->shards[number];
	dq_shard_advance(rollup, shard, record->time, out);
	start = dq_window_start(record->time, rollup->options.window);
	if (start < dq_shard_final(rollup, shard)) {
		shard->late++;
		return true;
	}
	window = dq_shard_window(shard, start);
	dq_window_add(window, record);
	if (record->kind == DQ_KIND_PREDICTION)
		add_prediction(rollup, number, window, record);
	dq_shard_changed(rollup, shard, window);
	return true;
}

void
dq_rollup_tick(struct dq_rollup *rollup, int64_t time, int32_t partition,
    struct dq_out *out)
{
	for (uint32_t i = 0; i < rollup->shards_count; i++)
		if (partition < 0 || rollup->shards[i].partition == partition)
			dq_shard_advance(rollup, &rollup->shards[i], time, out);
}

void
dq_rollup_end(struct dq_rollup *rollup, struct dq_out *out)
{
	for (uint32_t i = 0; i < rollup->shards_count; i++)
		dq_shard_write(
		    rollup, &rollup->shards[i], rollup->shards[i].clock, out);
}

int64_t
dq_rollup_late(const struct dq_rollup *rollup)
{
	int64_t late = 0;

	for (uint32_t i = 0; i < rollup->shards_count; i++)
		late += rollup->shards[i].late;
	return late;
}
