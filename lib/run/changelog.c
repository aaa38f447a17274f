#include "base/mem.h"
#include "base/num.h"
#include "run/changelog_inside.h"
#include "run/endpoint.h"

#include <stdlib.h>

/* Bytes of values kept from before they changed; of keys beyond it the value
 * is written whole. */
#define BEFORE_LIMIT ((size_t)64 << 20)

const char *
dq_changelog_values(const struct dq_changelog *log)
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
	dq_buf_printf(&log->version, "%s; rows %d", dq_changelog_values(log),
	    DQ_STATEROW_FORMAT);
	if (!local)
		return log;
	log->names = (struct dq_statelog_names){tool->name,
	    dq_buf_text(&log->version), dq_endpoint_topic(c->from),
	    c->kafka.group ? c->kafka.group : c->kafka.own_group};
	log->local = dq_statelog_open(c->state, &log->names);
	return log;
}

void
dq_changelog_drop_values(struct dq_changelog *log)
{
	for (size_t i = 0; i < log->value_count; i++)
		dq_buf_release(&log->values[i].bytes);
	free(log->values);
	log->values = NULL;
	log->value_count = 0;
}

void
dq_changelog_forget(struct dq_changelog *log)
{
	dq_changelog_drop_values(log);
	dq_map_release(&log->keys);
	free(log->rows);
	log->rows = NULL;
	log->row_cap = log->dirty_count = log->place_count = 0;
	log->before.len = 0;
	if (log->local)
		dq_statelog_forget(log->local);
}

void
dq_changelog_free(struct dq_changelog *log)
{
	if (!log)
		return;
	dq_changelog_forget(log);
	dq_statelog_close(log->local);
	dq_buf_release(&log->version);
	dq_buf_release(&log->before);
	free(log->dirty);
	free(log->places);
	free(log);
}

uint32_t
dq_changelog_number(
    struct dq_changelog *log, struct dq_slice key, int32_t partition)
{
	uint32_t count = log->keys.count;
	uint32_t number = dq_map_put(&log->keys, key);

	if (number >= log->row_cap) {
		log->row_cap = log->row_cap ? log->row_cap * 2 : 1024;
		log->rows = dq_realloc_array(
		    log->rows, log->row_cap, sizeof(*log->rows));
	}
	if (number == count)
		log->rows[number] =
		    (struct dq_changelog_row){.partition = partition};
	return number;
}

static struct dq_changelog_dirty *
mark_dirty(struct dq_changelog *log, uint32_t number)
{
	struct dq_changelog_dirty *dirty;

	log->rows[number].dirty = true;
	if (log->dirty_count == log->dirty_cap) {
		log->dirty_cap = log->dirty_cap ? log->dirty_cap * 2 : 1024;
		log->dirty = dq_realloc_array(
		    log->dirty, log->dirty_cap, sizeof(*log->dirty));
	}
	dirty = &log->dirty[log->dirty_count++];
	*dirty = (struct dq_changelog_dirty){.number = number};
	return dirty;
}

/* The value as it is written, to tell afterwards what changed. */
static void
keep_before(struct dq_changelog *log, struct dq_changelog_dirty *dirty)
{
	size_t begin = log->before.len, size;

	if (!log->rows[dirty->number].kept.written || begin > BEFORE_LIMIT ||
	    !log->filter->get(log->filter->state,
		dq_map_key(&log->keys, dirty->number), &log->before))
		return;
	size = log->before.len - begin;
	dirty->begin = begin;
	dirty->size = size <= DQ_STATEROW_LIMIT ? (uint32_t)size : 0;
}

void
dq_changelog_touch(
    struct dq_changelog *log, struct dq_slice key, int32_t partition)
{
	uint32_t number;

	log->partition = partition;
	if (!key.len || partition < 0)
		return;
	number = dq_changelog_number(log, key, partition);
	if (!log->rows[number].dirty)
		keep_before(log, mark_dirty(log, number));
}

void
dq_changelog_changed(void *context, struct dq_slice key)
{
	struct dq_changelog *log = context;
	uint32_t number = dq_map_get(&log->keys, key);

	if (number == DQ_MAP_NONE && key.len && *key.data == '@' &&
	    log->partition >= 0)
		number = dq_changelog_number(log, key, log->partition);
	if (number != DQ_MAP_NONE && !log->rows[number].dirty)
		mark_dirty(log, number);
}

void
dq_changelog_touch_all(struct dq_changelog *log, int32_t partition)
{
	for (uint32_t i = 0; i < log->keys.count; i++)
		if (log->rows[i].partition == partition && !log->rows[i].dirty)
			mark_dirty(log, i);
}

struct dq_changelog_place *
dq_changelog_place(const struct dq_changelog *log, int32_t partition)
{
	for (size_t i = 0; i < log->place_count; i++)
		if (log->places[i].partition == partition)
			return &log->places[i];
	return NULL;
}

/* What a save works with. */
struct saving {
	struct dq_changelog *log;
	dq_changelog_put *put;
	void *context;
	int32_t partition; /* of the row in hand */
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
put_part(void *context, struct dq_slice key, struct dq_slice value,
    struct dq_err *err)
{
	struct saving *s = context;

	return put_row(s, s->partition, key, value, err);
}

static bool
save_row(struct saving *s, const struct dq_changelog_dirty *dirty,
    struct dq_err *err)
{
	struct dq_changelog *log = s->log;
	struct dq_changelog_row *row = &log->rows[dirty->number];
	struct dq_slice key = dq_map_key(&log->keys, dirty->number);
	struct dq_slice before = {NULL, 0}, now = {NULL, 0};

	s->value.len = 0;
	s->partition = row->partition;
	if (dirty->size)
		before = (struct dq_slice){
		    log->before.data + dirty->begin, dirty->size};
	if (log->filter->get(log->filter->state, key, &s->value))
		now = dq_buf_view(&s->value);
	row->dirty = false;
	return dq_staterow_save(&row->kept, key, before, now, put_part, s, err);
}

static bool
save_offset(
    struct saving *s, const struct dq_control_offset *at, struct dq_err *err)
{
	struct dq_changelog_place *place =
	    dq_changelog_place(s->log, at->partition);

	if (!place || place->offset == at->offset)
		return true;
	if (!place->versioned &&
	    !put_row(s, at->partition, DQ_SLICE(DQ_VERSION_KEY),
		dq_buf_view(&s->log->version), err))
		return false;
	place->versioned = true;
	place->offset = at->offset;
	s->value.len = 0;
	dq_buf_int(&s->value, at->offset);
	return put_row(s, at->partition, DQ_SLICE(DQ_OFFSET_KEY),
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
		good = save_row(&s, &log->dirty[i], err);
	log->dirty_count = log->before.len = 0;
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
renew(struct dq_changelog *log, struct dq_changelog_place *place,
    struct dq_err *err)
{
	struct saving s = {.log = log};
	const struct dq_control_offset at = {
	    .partition = place->partition, .offset = place->offset};
	bool good = dq_statelog_renew(log->local, place->partition, err);

	for (uint32_t i = 0; good && i < log->keys.count; i++) {
		if (log->rows[i].partition != place->partition)
			continue;
		log->rows[i].kept = (struct dq_staterow){0};
		good = save_row(
		    &s, &(struct dq_changelog_dirty){.number = i}, err);
	}
	place->versioned = false;
	place->offset = -1;
	good = good && save_offset(&s, &at, err);
	dq_buf_release(&s.value);
	return good;
}

bool
dq_changelog_grown(const struct dq_changelog *log)
{
	for (size_t i = 0; log->local && i < log->place_count; i++)
		if (dq_statelog_large(log->local, log->places[i].partition))
			return true;
	return false;
}

bool
dq_changelog_renew(struct dq_changelog *log, struct dq_err *err)
{
	for (size_t i = 0; i < log->place_count; i++) {
		struct dq_changelog_place *place = &log->places[i];

		if (dq_statelog_large(log->local, place->partition) &&
		    !renew(log, place, err))
			return false;
	}
	return true;
}
