#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "port/kafka_source.h"

#define ASK 5000 /* ms */

static bool
read_time(const char *text, int64_t *milliseconds)
{
	struct dq_slice slice = DQ_SLICE(text);
	int64_t time;

	if (dq_num_int(slice, milliseconds))
		return *milliseconds >= 0;
	if (!dq_time_parse(slice, &time))
		return false;
	*milliseconds = time / 1000;
	return true;
}

static bool
read_start(struct dq_kafka_range *range, const char *text)
{
	static const struct {
		const char *word;
		enum dq_kafka_start start;
	} words[] = {{"stored", DQ_KAFKA_STORED},
	    {"beginning", DQ_KAFKA_BEGINNING}, {"end", DQ_KAFKA_END}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(text, words[i].word)) {
			range->start = words[i].start;
			return true;
		}
	range->start = *text == '-' ? DQ_KAFKA_LAST : DQ_KAFKA_AT;
	return dq_num_int((struct dq_slice){text + (*text == '-'),
			      strlen(text) - (*text == '-')},
	    &range->value);
}

bool
dq_kafka_range_read(struct dq_kafka_range *range,
    const struct dq_opt_list *list, struct dq_err *err)
{
	*range = (struct dq_kafka_range){.stop_time = -1};
	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i];
		bool good;

		if (!strncmp(text, "e@", 2)) {
			good = read_time(text + 2, &range->stop_time);
		} else if (!strncmp(text, "s@", 2)) {
			good = read_time(text + 2, &range->value);
			range->start = DQ_KAFKA_TIME;
		} else {
			good = read_start(range, text);
		}
		if (!good)
			return dq_err_code(err, DQ_EXIT_USAGE,
			    "-o: \"%s\" is not beginning, end, stored, N, "
			    "-N, s@TIME or e@TIME",
			    text);
	}
	return true;
}

/* The first offset at or after a time; the high watermark when there is none.
 */
static rd_kafka_resp_err_t
offset_at(struct dq_kafka_source *k, const struct dq_kafka_part *part,
    int64_t milliseconds, int64_t high, int64_t *to)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t code;

	rd_kafka_topic_partition_list_add(list, part->topic, part->partition)
	    ->offset = milliseconds;
	code = rd_kafka_offsets_for_times(k->client.rk, list, ASK);
	if (!code)
		code = list->elems[0].err;
	*to = list->elems[0].offset >= 0 ? list->elems[0].offset : high;
	rd_kafka_topic_partition_list_destroy(list);
	return code;
}

static rd_kafka_resp_err_t
start_of(struct dq_kafka_source *k, const struct dq_kafka_part *part,
    int64_t low, int64_t high, int64_t *to)
{
	int64_t value = k->range.value;

	*to = low;
	switch (k->range.start) {
	case DQ_KAFKA_STORED:
	case DQ_KAFKA_BEGINNING:
		break;
	case DQ_KAFKA_END:
		*to = high;
		break;
	case DQ_KAFKA_AT:
		*to = value > low ? value : low;
		break;
	case DQ_KAFKA_LAST:
		*to = high - value > low ? high - value : low;
		break;
	case DQ_KAFKA_TIME:
		return offset_at(k, part, value, high, to);
	}
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Asks until a broker answers. */
static bool
watermarks(struct dq_kafka_source *k, const struct dq_kafka_part *part,
    int64_t *low, int64_t *high)
{
	int64_t end = dq_clock_steady() + k->options->timeout;
	rd_kafka_resp_err_t code;

	do {
		code = rd_kafka_query_watermark_offsets(
		    k->client.rk, part->topic, part->partition, low, high, ASK);
		if (!code)
			return true;
	} while (
	    dq_clock_steady() < end && !(k->source.stop && *k->source.stop));
	return dq_kafka_fail(k, DQ_EXIT_RETRY, "%s[%d]: %s", part->topic,
	    part->partition, rd_kafka_err2str(code));
}

bool
dq_kafka_first_offset(
    struct dq_kafka_source *k, const struct dq_kafka_part *part, int64_t *to)
{
	rd_kafka_resp_err_t code;
	int64_t low, high;

	if (!watermarks(k, part, &low, &high))
		return false;
	code = start_of(k, part, low, high, to);
	return !code ||
	       dq_kafka_fail(k, DQ_EXIT_RETRY, "%s[%d]: %s", part->topic,
		   part->partition, rd_kafka_err2str(code));
}

static bool
find_stop(struct dq_kafka_source *k, struct dq_kafka_part *part)
{
	rd_kafka_resp_err_t code;
	int64_t low, high;

	part->stop = INT64_MAX;
	if (k->range.stop_time < 0)
		return true;
	if (!watermarks(k, part, &low, &high))
		return false;
	code = offset_at(k, part, k->range.stop_time, high, &part->stop);
	part->at_end = part->next >= part->stop;
	return !code ||
	       dq_kafka_fail(k, DQ_EXIT_RETRY, "%s[%d]: %s", part->topic,
		   part->partition, rd_kafka_err2str(code));
}

bool
dq_kafka_at_end(struct dq_kafka_source *k, struct dq_kafka_part *part)
{
	static const struct dq_kafka_setting settings[] = {
	    {"isolation.level", "read_uncommitted", false},
	    {NULL, NULL, false},
	};
	int64_t low, high;

	if (part->end >= 0)
		return part->next >= part->end;
	if (!k->looker.rk &&
	    !dq_kafka_client_open(&k->looker, RD_KAFKA_CONSUMER, k->options,
		rd_kafka_conf_new(), settings, &k->source.err)) {
		k->failed = true;
		return false;
	}
	for (int tries = 3; part->end < 0 && tries; tries--)
		if (rd_kafka_query_watermark_offsets(k->looker.rk, part->topic,
			part->partition, &low, &high, ASK) == 0)
			part->end = high;
	if (part->end < 0)
		return dq_kafka_fail(k, DQ_EXIT_RETRY,
		    "%s[%d]: its end is not to be had", part->topic,
		    part->partition);
	return part->next >= part->end;
}

static bool
add_topic(struct dq_kafka_source *k, const char *topic)
{
	struct dq_err err;
	int32_t count = dq_kafka_partitions(&k->client, topic, &err);

	if (count < 0)
		return dq_kafka_fail(k, err.code, "%s", err.text);
	k->parts = dq_realloc_array(
	    k->parts, k->part_count + (size_t)count, sizeof(*k->parts));
	for (int32_t p = 0; p < count; p++) {
		struct dq_kafka_part *part = &k->parts[k->part_count++];

		*part = (struct dq_kafka_part){
		    .topic = topic, .partition = p, .covered = -1, .end = -1};
		if (!dq_kafka_first_offset(k, part, &part->next) ||
		    !find_stop(k, part))
			return false;
	}
	return true;
}

bool
dq_kafka_assign_all(struct dq_kafka_source *k)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code;

	for (size_t t = 0; t < k->topic_count; t++)
		if (!add_topic(k, k->topics[t]))
			return false;
	list = dq_kafka_list(k);
	code = rd_kafka_assign(k->client.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	k->joined = true;
	return !code ||
	       dq_kafka_fail(k, DQ_EXIT_RETRY, "%s", rd_kafka_err2str(code));
}
