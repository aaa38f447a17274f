#include "run/changelog.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "run/endpoint.h"
#include "run/statelog.h"

#include <stdlib.h>

#define OFFSET_KEY "@offset"
#define VERSION_KEY "@version"

struct row {
	uint64_t written; /* hash of the value in the topic, 0: none there */
	int32_t partition;
	bool dirty;
};

struct place {
	int32_t partition;
	int64_t offset; /* in the topic; -1: none */
	bool versioned; /* the topic says what its rows are made by */
};

struct dq_changelog {
	const struct dq_tool *tool;
	const struct dq_filter *filter;
	const char *topic; /* or the directory */
	struct dq_statelog *local;
	struct dq_statelog_names names;
	struct dq_map keys;
	struct row *rows; /* by number in keys */
	size_t row_cap;
	uint32_t *dirty; /* numbers, in the order they became so */
	size_t dirty_count, dirty_cap;
	struct place *places;
	size_t place_count;
	struct dq_buf *values; /* while loading: by number in keys */
	size_t value_count;
	bool (*waiting)(void *context, struct dq_err *err);
	void *context;
};

static const char *
version(const struct dq_changelog *log)
{
	return log->filter->state_version ? log->filter->state_version : "1";
}

struct dq_changelog *
dq_changelog_new(const struct dq_tool *tool, const struct dq_filter *filter)
{
	const struct dq_common *c = &tool->common;
	const char *topic = dq_endpoint_topic(c->state);
	bool local = c->state && !topic && dq_endpoint_topic(c->from);
	struct dq_changelog *log;

	if (!topic && !local)
		return NULL;
	if (!tool->kafka || !filter->clear || !filter->get)
		dq_die(DQ_EXIT_USAGE, "--state",
		    "this tool keeps its state in a directory only");
	if (strchr(tool->common.from, ','))
		dq_die(DQ_EXIT_USAGE, "--state",
		    "a state topic goes with one input topic: its partitions "
		    "are the input's");
	log = dq_calloc(1, sizeof(*log));
	log->tool = tool;
	log->filter = filter;
	log->topic = local ? c->state : topic;
	if (!local)
		return log;
	log->names = (struct dq_statelog_names){tool->name, version(log),
	    dq_endpoint_topic(c->from),
	    c->kafka.group ? c->kafka.group : c->kafka.own_group};
	log->local = dq_statelog_open(c->state, &log->names);
	return log;
}

static void
drop_values(struct dq_changelog *log)
{
	for (size_t i = 0; i < log->value_count; i++)
		dq_buf_release(&log->values[i]);
	free(log->values);
	log->values = NULL;
	log->value_count = 0;
}

static void
forget(struct dq_changelog *log)
{
	drop_values(log);
	dq_map_release(&log->keys);
	free(log->rows);
	log->rows = NULL;
	log->row_cap = log->dirty_count = log->place_count = 0;
	if (log->local)
		dq_statelog_forget(log->local);
}

void
dq_changelog_free(struct dq_changelog *log)
{
	if (!log)
		return;
	forget(log);
	dq_statelog_close(log->local);
	free(log->dirty);
	free(log->places);
	free(log);
}

static uint32_t
number_of(struct dq_changelog *log, struct dq_slice key, int32_t partition)
{
	uint32_t count = log->keys.count;
	uint32_t number = dq_map_put(&log->keys, key);

	if (number >= log->row_cap) {
		log->row_cap = log->row_cap ? log->row_cap * 2 : 1024;
		log->rows = dq_realloc_array(
		    log->rows, log->row_cap, sizeof(*log->rows));
	}
	if (number == count)
		log->rows[number] = (struct row){.partition = partition};
	return number;
}

static void
mark_dirty(struct dq_changelog *log, uint32_t number)
{
	if (log->rows[number].dirty)
		return;
	log->rows[number].dirty = true;
	if (log->dirty_count == log->dirty_cap) {
		log->dirty_cap = log->dirty_cap ? log->dirty_cap * 2 : 1024;
		log->dirty = dq_realloc_array(
		    log->dirty, log->dirty_cap, sizeof(*log->dirty));
	}
	log->dirty[log->dirty_count++] = number;
}

void
dq_changelog_touch(
    struct dq_changelog *log, struct dq_slice key, int32_t partition)
{
	if (key.len && partition >= 0)
		mark_dirty(log, number_of(log, key, partition));
}

void
dq_changelog_changed(void *context, struct dq_slice key)
{
	struct dq_changelog *log = context;
	uint32_t number = dq_map_get(&log->keys, key);

	if (number != DQ_MAP_NONE)
		mark_dirty(log, number);
}

void
dq_changelog_touch_all(struct dq_changelog *log, int32_t partition)
{
	for (uint32_t i = 0; i < log->keys.count; i++)
		if (log->rows[i].partition == partition)
			mark_dirty(log, i);
}

static struct place *
place_of(struct dq_changelog *log, int32_t partition)
{
	for (size_t i = 0; i < log->place_count; i++)
		if (log->places[i].partition == partition)
			return &log->places[i];
	return NULL;
}

static uint64_t
hash_of(struct dq_slice value)
{
	return dq_hash(value, 0) | 1;
}

static bool
check_version(
    const struct dq_changelog *log, struct dq_slice value, struct dq_err *err)
{
	return dq_slice_is(value, version(log)) ||
	       dq_err_code(err, DQ_EXIT_USAGE,
		   "%s: made with \"%.*s\", now it is \"%s\": use the same "
		   "options, or replay the input into a new topic",
		   log->topic, (int)value.len, value.data, version(log));
}

/* One row of the topic. The newest of a key counts; it is loaded when all
 * have been read. */
static bool
take_row(void *context, int32_t partition, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct dq_changelog *log = context;
	struct place *place = place_of(log, partition);
	uint32_t number;

	if (dq_slice_is(key, OFFSET_KEY))
		return (place && dq_num_int(value, &place->offset)) ||
		       dq_err_code(err, DQ_EXIT_BROKEN,
			   "%s[%d]: an unreadable offset", log->topic,
			   partition);
	if (dq_slice_is(key, VERSION_KEY) && place) {
		place->versioned = true;
		return check_version(log, value, err);
	}
	number = number_of(log, key, partition);
	if (number >= log->value_count) {
		size_t count = log->value_count ? log->value_count * 2 : 1024;

		log->values =
		    dq_realloc_array(log->values, count, sizeof(*log->values));
		memset(log->values + log->value_count, 0,
		    (count - log->value_count) * sizeof(*log->values));
		log->value_count = count;
	}
	log->values[number].len = 0;
	dq_buf_slice(&log->values[number], value);
	return true;
}

static bool
waiting(void *context, struct dq_err *err)
{
	struct dq_changelog *log = context;

	return !log->waiting || log->waiting(log->context, err);
}

static bool
read_topic(struct dq_changelog *log, const struct dq_control *assign,
    struct dq_err *err)
{
	struct dq_json_iter topics =
	    dq_json_iter(dq_json_get(assign->body, "partitions"));
	struct dq_json_iter row;
	int32_t *numbers = dq_calloc(log->place_count + 1, sizeof(*numbers));
	struct dq_kafka_restore restore = {.topic = log->topic,
	    .partitions = numbers,
	    .count = log->place_count,
	    .row = take_row,
	    .waiting = waiting,
	    .context = log};
	int64_t total = -1;
	bool good;

	if (dq_json_next(&topics)) {
		row = dq_json_iter(topics.value);
		if (dq_json_next(&row) && dq_json_next(&row))
			dq_json_int(row.value, &total);
	}
	restore.total = (int32_t)total;
	for (size_t i = 0; i < log->place_count; i++)
		numbers[i] = log->places[i].partition;
	good =
	    log->tool->kafka->restore(&log->tool->common.kafka, &restore, err);
	free(numbers);
	return good;
}

static bool
read_files(struct dq_changelog *log, const struct dq_control *assign,
    struct dq_err *err)
{
	struct dq_json_iter iter = dq_control_offsets(assign);
	struct dq_control_offset start;

	while (dq_control_offset(&iter, &start))
		if (!dq_statelog_load(log->local, start.partition,
			start.committed ? start.offset : -1, take_row, log,
			err))
			return false;
	return true;
}

/* Rule 10: state and input must be of one moment. */
static bool
check_offsets(struct dq_changelog *log, const struct dq_control *assign,
    struct dq_err *err)
{
	struct dq_json_iter iter = dq_control_offsets(assign);
	struct dq_control_offset start;

	while (dq_control_offset(&iter, &start)) {
		struct place *place = place_of(log, start.partition);
		int64_t want = start.committed ? start.offset : -1;

		if (place->offset == want)
			continue;
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "%s[%d] is of offset %lld, the group begins at %lld: if "
		    "this does not pass, reset both",
		    log->topic, start.partition, (long long)place->offset,
		    (long long)want);
	}
	return true;
}

static bool
load_rows(struct dq_changelog *log, struct dq_err *err)
{
	const struct dq_filter *filter = log->filter;

	for (uint32_t i = 0; i < log->keys.count; i++) {
		struct dq_slice value = dq_buf_view(&log->values[i]);

		if (!value.len)
			continue;
		log->rows[i].written = hash_of(value);
		if (!filter->load(
			filter->state, dq_map_key(&log->keys, i), value, err))
			return dq_err_code(err, DQ_EXIT_BROKEN, "%s: %s",
			    log->topic, err->text);
	}
	drop_values(log);
	return true;
}

bool
dq_changelog_load(struct dq_changelog *log, const struct dq_control *assign,
    bool (*wait)(void *context, struct dq_err *err), void *context,
    struct dq_err *err)
{
	struct dq_json_iter iter = dq_control_offsets(assign);
	struct dq_control_offset start;

	forget(log);
	log->filter->clear(log->filter->state);
	log->waiting = wait;
	log->context = context;
	while (dq_control_offset(&iter, &start)) {
		log->places = dq_realloc_array(
		    log->places, log->place_count + 1, sizeof(*log->places));
		log->places[log->place_count++] =
		    (struct place){start.partition, -1, false};
	}
	if (!log->place_count)
		return true;
	return (log->local ? read_files(log, assign, err)
			   : read_topic(log, assign, err)) &&
	       check_offsets(log, assign, err) && load_rows(log, err);
}

/* What a save works with. */
struct saving {
	struct dq_changelog *log;
	dq_changelog_put *put;
	void *context;
	struct dq_buf value;
};

/* A value of NULL: the key is to be forgotten. */
static bool
put_row(struct saving *s, int32_t partition, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct dq_control_state row = {
	    .tool = DQ_SLICE(s->log->tool->name),
	    .topic = DQ_SLICE(s->log->topic),
	    .key = key,
	    .partition = partition,
	    .value = value,
	};

	if (s->log->local)
		return dq_statelog_put(
		    s->log->local, partition, key, value, err);
	return s->put(s->context, &row, err);
}

static bool
save_row(struct saving *s, uint32_t number, struct dq_err *err)
{
	struct dq_changelog *log = s->log;
	struct row *row = &log->rows[number];
	struct dq_slice key = dq_map_key(&log->keys, number);
	uint64_t hash = 0;

	s->value.len = 0;
	if (log->filter->get(log->filter->state, key, &s->value))
		hash = hash_of(dq_buf_view(&s->value));
	row->dirty = false;
	if (hash == row->written)
		return true;
	row->written = hash;
	return put_row(s, row->partition, key,
	    hash ? dq_buf_view(&s->value) : (struct dq_slice){NULL, 0}, err);
}

static bool
save_offset(
    struct saving *s, const struct dq_control_offset *at, struct dq_err *err)
{
	struct place *place = place_of(s->log, at->partition);

	if (!place || place->offset == at->offset)
		return true;
	if (!place->versioned &&
	    !put_row(s, at->partition, DQ_SLICE(VERSION_KEY),
		DQ_SLICE(version(s->log)), err))
		return false;
	place->versioned = true;
	place->offset = at->offset;
	s->value.len = 0;
	dq_buf_int(&s->value, at->offset);
	return put_row(s, at->partition, DQ_SLICE(OFFSET_KEY),
	    dq_buf_view(&s->value), err);
}

/* A filter's own row of a partition may change with any of its records. */
static void
touch_clocks(struct dq_changelog *log)
{
	struct dq_buf key = {0};

	for (size_t i = 0; i < log->place_count; i++) {
		key.len = 0;
		dq_buf_printf(&key, "@clock %d", log->places[i].partition);
		dq_changelog_touch(
		    log, dq_buf_view(&key), log->places[i].partition);
	}
	dq_buf_release(&key);
}

bool
dq_changelog_save(struct dq_changelog *log, const struct dq_control *checkpoint,
    dq_changelog_put *put, void *context, struct dq_err *err)
{
	struct saving s = {.log = log, .put = put, .context = context};
	struct dq_json_iter iter = dq_control_offsets(checkpoint);
	struct dq_control_offset at;
	bool good = true;

	touch_clocks(log);
	for (size_t i = 0; good && i < log->dirty_count; i++)
		good = save_row(&s, log->dirty[i], err);
	log->dirty_count = 0;
	while (good && dq_control_offset(&iter, &at))
		good = save_offset(&s, &at, err);
	dq_buf_release(&s.value);
	return good;
}

bool
dq_changelog_local(const struct dq_changelog *log)
{
	return log->local;
}

/* All rows of a partition, as they were saved last. */
static bool
renew(struct dq_changelog *log, struct place *place, struct dq_err *err)
{
	struct saving s = {.log = log};
	const struct dq_control_offset at = {
	    .partition = place->partition, .offset = place->offset};
	bool good = dq_statelog_renew(log->local, place->partition, err);

	for (uint32_t i = 0; good && i < log->keys.count; i++) {
		if (log->rows[i].partition != place->partition)
			continue;
		log->rows[i].written = 0;
		good = save_row(&s, i, err);
	}
	place->versioned = false;
	place->offset = -1;
	good = good && save_offset(&s, &at, err);
	dq_buf_release(&s.value);
	return good;
}

bool
dq_changelog_committed(struct dq_changelog *log, struct dq_err *err)
{
	for (size_t i = 0; log->local && i < log->place_count; i++) {
		struct place *place = &log->places[i];

		if (dq_statelog_large(log->local, place->partition) &&
		    !renew(log, place, err))
			return false;
	}
	return true;
}
