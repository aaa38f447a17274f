#include "base/mem.h"
#include "base/num.h"
#include "run/changelog_inside.h"

#include <stdlib.h>

/* Rows all whole, as they once were, are read too. */
static bool
check_version(struct dq_changelog *log, struct dq_changelog_place *place,
    struct dq_slice value, struct dq_err *err)
{
	const char *now = dq_buf_text(&log->version);

	place->versioned = dq_slice_is(value, now);
	return place->versioned ||
	       dq_slice_is(value, dq_changelog_values(log)) ||
	       dq_err_code(err, DQ_EXIT_USAGE,
		   "%s: made with \"%.*s\", now it is \"%s\": use the same "
		   "options, or replay the input into a new topic",
		   log->topic, (int)value.len, value.data, now);
}

static struct dq_staterow_value *
value_of(struct dq_changelog *log, uint32_t number)
{
	if (number >= log->value_count) {
		size_t count = log->value_count ? log->value_count * 2 : 1024;

		log->values =
		    dq_realloc_array(log->values, count, sizeof(*log->values));
		memset(log->values + log->value_count, 0,
		    (count - log->value_count) * sizeof(*log->values));
		log->value_count = count;
	}
	return &log->values[number];
}

/* One row of the topic. A value is loaded when all have been read. */
static bool
take_row(void *context, int32_t partition, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct dq_changelog *log = context;
	struct dq_changelog_place *place = dq_changelog_place(log, partition);
	unsigned change;
	uint32_t number;

	if (dq_slice_is(key, DQ_OFFSET_KEY))
		return (place && dq_num_int(value, &place->offset)) ||
		       dq_err_code(err, DQ_EXIT_BROKEN,
			   "%s[%d]: an unreadable offset", log->topic,
			   partition);
	if (dq_slice_is(key, DQ_VERSION_KEY) && place)
		return check_version(log, place, value, err);
	change = dq_staterow_key(key, &key);
	number = dq_changelog_number(log, key, partition);
	dq_staterow_take(
	    &log->rows[number].kept, value_of(log, number), change, value);
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
		struct dq_changelog_place *place =
		    dq_changelog_place(log, start.partition);
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
		struct dq_slice key = dq_map_key(&log->keys, i);
		struct dq_slice value = dq_buf_view(&log->values[i].bytes);

		if (log->values[i].broken)
			return dq_err_code(err, DQ_EXIT_BROKEN,
			    "%s: rows of \"%.*s\" are missing or damaged: "
			    "replay the input into a new topic or directory",
			    log->topic, (int)key.len, key.data);
		if (value.len && !filter->load(filter->state, key, value, err))
			return dq_err_code(err, DQ_EXIT_BROKEN, "%s: %s",
			    log->topic, err->text);
	}
	dq_changelog_drop_values(log);
	return true;
}

bool
dq_changelog_load(struct dq_changelog *log, const struct dq_control *assign,
    bool (*wait)(void *context, struct dq_err *err), void *context,
    struct dq_err *err)
{
	struct dq_json_iter iter = dq_control_offsets(assign);
	struct dq_control_offset start;

	dq_changelog_forget(log);
	log->filter->clear(log->filter->state);
	log->waiting = wait;
	log->context = context;
	while (dq_control_offset(&iter, &start)) {
		log->places = dq_realloc_array(
		    log->places, log->place_count + 1, sizeof(*log->places));
		log->places[log->place_count++] =
		    (struct dq_changelog_place){start.partition, -1, false};
	}
	if (!log->place_count)
		return true;
	return (log->local ? read_files(log, assign, err)
			   : read_topic(log, assign, err)) &&
	       check_offsets(log, assign, err) && load_rows(log, err);
}
