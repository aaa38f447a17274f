/* A rollup as rows of the state: its partitions, their windows, its
 * customers. JSON, times in microseconds. */
#include "base/num.h"
#include "rollup/shard.h"

/* Years that a time can have, and a little more. */
#define TIME_MAX (INT64_C(4000000) * DQ_DAY)

static void
save_clock(const struct dq_shard *shard, struct dq_buf *value)
{
	dq_buf_byte(value, '{');
	if (shard->topic.len)
		dq_buf_member_text(value, "topic", dq_buf_view(&shard->topic));
	if (shard->clock != DQ_TIME_NONE)
		dq_buf_member_int(value, "clock", shard->clock);
	dq_buf_member_int(value, "late", shard->late);
	dq_standing_save(&shard->before, "standing", value);
	dq_buf_byte(value, '}');
}

static void
save_customer(const struct dq_rollup *rollup, const struct dq_stands *stands,
    struct dq_buf *value)
{
	dq_buf_byte(value, '[');
	dq_buf_int(value, rollup->shards[stands->shard].partition);
	dq_stands_save(stands, value);
	dq_buf_byte(value, ']');
}

/* Own keys first: a customer of such a name is not remembered. */
static bool
get_own(const struct dq_rollup *rollup, const struct dq_shard *shard,
    struct dq_slice key, struct dq_buf *value)
{
	char name[DQ_SHARD_KEY];

	dq_shard_key(name, shard);
	if (dq_slice_is(key, name)) {
		save_clock(shard, value);
		return true;
	}
	for (size_t i = 0; i < shard->count; i++) {
		dq_shard_window_key(
		    name, rollup, shard, shard->windows[i].start);
		if (!dq_slice_is(key, name))
			continue;
		dq_window_save(&shard->windows[i], value);
		return true;
	}
	return false;
}

bool
dq_rollup_get(
    struct dq_rollup *rollup, struct dq_slice key, struct dq_buf *value)
{
	uint32_t number;

	if (key.len && *key.data == '@') {
		for (uint32_t i = 0; i < rollup->shards_count; i++)
			if (get_own(rollup, &rollup->shards[i], key, value))
				return true;
		return false;
	}
	number = dq_map_get(&rollup->ids, key);
	if (number == DQ_MAP_NONE || !rollup->customers[number].count)
		return false;
	save_customer(rollup, &rollup->customers[number], value);
	return true;
}

size_t
dq_rollup_rows(struct dq_rollup *rollup)
{
	size_t rows = rollup->ids.count;

	for (uint32_t i = 0; i < rollup->shards_count; i++)
		rows += 1 + rollup->shards[i].count;
	return rows;
}

void
dq_rollup_save(struct dq_rollup *rollup, size_t row, struct dq_buf *key,
    struct dq_buf *value)
{
	char name[DQ_SHARD_KEY];

	for (uint32_t i = 0; i < rollup->shards_count; i++) {
		const struct dq_shard *shard = &rollup->shards[i];

		if (row <= shard->count) {
			if (row)
				dq_shard_window_key(name, rollup, shard,
				    shard->windows[row - 1].start);
			else
				dq_shard_key(name, shard);
			dq_buf_str(key, name);
			if (row)
				dq_window_save(&shard->windows[row - 1], value);
			else
				save_clock(shard, value);
			return;
		}
		row -= 1 + shard->count;
	}
	dq_buf_slice(key, dq_map_key(&rollup->ids, (uint32_t)row));
	save_customer(rollup, &rollup->customers[row], value);
}

static bool
load_clock(struct dq_rollup *rollup, int32_t partition, struct yyjson_val *root,
    struct dq_err *err)
{
	struct yyjson_val *clock = dq_json_get(root, "clock");
	struct dq_slice topic = dq_json_text(dq_json_get(root, "topic"));
	uint32_t number =
	    dq_rollup_shard(rollup, partition, (struct dq_slice){"", 0});
	struct dq_shard *shard = &rollup->shards[number];

	if ((clock &&
		(!dq_json_int(clock, &shard->clock) ||
		    shard->clock <= -TIME_MAX || shard->clock >= TIME_MAX)) ||
	    !dq_json_int(dq_json_get(root, "late"), &shard->late) ||
	    !dq_standing_load(&shard->before, dq_json_get(root, "standing")))
		return dq_err_set(err, "no clock of dq-rollup");
	shard->topic.len = 0;
	dq_buf_slice(&shard->topic, topic);
	return true;
}

static bool
load_window(struct dq_rollup *rollup, int32_t partition, struct dq_slice value,
    struct dq_err *err)
{
	struct dq_window window, *place;
	struct dq_shard *shard;
	uint32_t number;

	if (!dq_window_load(&window, value, err))
		return false;
	if (window.start <= -TIME_MAX || window.start >= TIME_MAX ||
	    window.start % rollup->options.window) {
		dq_window_release(&window);
		return dq_err_set(err, "no window of this length");
	}
	number = dq_rollup_shard(rollup, partition, (struct dq_slice){"", 0});
	shard = &rollup->shards[number];
	place = dq_shard_window(shard, window.start);
	dq_window_release(place);
	*place = window;
	return true;
}

static bool
load_customer(struct dq_rollup *rollup, struct dq_slice id,
    struct yyjson_val *root, struct dq_err *err)
{
	struct dq_json_iter iter = dq_json_iter(root);
	struct dq_stands *stands;
	int64_t partition;

	if (!yyjson_is_arr(root) || !dq_json_next(&iter) ||
	    !dq_json_int(iter.value, &partition) || partition < -1 ||
	    partition > INT32_MAX)
		return dq_err_set(err, "no customer of dq-rollup");
	stands = dq_rollup_customer(rollup, id);
	dq_stands_release(stands);
	stands->shard = dq_rollup_shard(
	    rollup, (int32_t)partition, (struct dq_slice){"", 0});
	return dq_stands_load(stands, &iter) ||
	       dq_err_set(err, "no customer of dq-rollup");
}

/* The number behind the word, in "@clock N" and "@window N M". */
static bool
partition_of(struct dq_slice key, const char *word, int64_t *partition)
{
	const char *blank;

	if (!dq_slice_take(&key, word))
		return false;
	blank = memchr(key.data, ' ', key.len);
	if (blank)
		key.len = (size_t)(blank - key.data);
	return dq_num_int(key, partition) && *partition >= -1 &&
	       *partition <= INT32_MAX;
}

bool
dq_rollup_load(struct dq_rollup *rollup, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct yyjson_doc *doc;
	int64_t partition;
	bool good;

	if (partition_of(key, "@window ", &partition))
		return load_window(rollup, (int32_t)partition, value, err);
	doc = dq_json_parse(value, err);
	if (!doc)
		return false;
	if (partition_of(key, "@clock ", &partition))
		good = load_clock(
		    rollup, (int32_t)partition, dq_json_root(doc), err);
	else
		good = load_customer(rollup, key, dq_json_root(doc), err);
	dq_json_free(doc);
	return good;
}
