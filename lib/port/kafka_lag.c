#include "port/kafka_lag.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/kafka_unread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASK 5000 /* ms for the end of one partition */

struct dq_kafka_lags {
	struct dq_kafka_client committed, all; /* isolation.level */
	struct dq_kafka_client asker;	       /* of groups */
	rd_kafka_queue_t *queue;
	rd_kafka_AdminOptions_t *options;
};

/* One group's rows while they are put together. */
struct look {
	struct dq_kafka_lags *lags;
	const char *group;
	struct dq_kafka_lag *rows;
	size_t count;
	bool dividing; /* the group, among its members */
	bool hidden;   /* its members, by a protocol that is not ours */
};

/* It has a group, which it never joins: without one librdkafka crashes when
 * a coordinator says that it is none (its issue 5040). */
static bool
open_asker(struct dq_kafka_client *client,
    const struct dq_kafka_options *options, struct dq_err *err)
{
	const struct dq_kafka_setting settings[] = {
	    {"group.id", options->tool, false},
	    {"enable.auto.commit", "false", false},
	    {NULL, NULL, false},
	};

	return dq_kafka_client_open(client, RD_KAFKA_CONSUMER, options,
	    rd_kafka_conf_new(), settings, err);
}

struct dq_kafka_lags *
dq_kafka_lags_open(const struct dq_kafka_options *options, struct dq_err *err)
{
	struct dq_kafka_lags *lags = dq_calloc(1, sizeof(*lags));
	char text[256];

	if (dq_kafka_unread_open(
		&lags->committed, options, "read_committed", err) &&
	    dq_kafka_unread_open(
		&lags->all, options, "read_uncommitted", err) &&
	    open_asker(&lags->asker, options, err) &&
	    dq_kafka_client_reach(&lags->asker, err)) {
		lags->queue = rd_kafka_queue_new(lags->asker.rk);
		lags->options = rd_kafka_AdminOptions_new(
		    lags->asker.rk, RD_KAFKA_ADMIN_OP_ANY);
		rd_kafka_AdminOptions_set_request_timeout(
		    lags->options, DQ_KAFKA_EVENT_LIMIT, text, sizeof(text));
		return lags;
	}
	dq_kafka_lags_close(lags);
	return NULL;
}

void
dq_kafka_lags_close(struct dq_kafka_lags *lags)
{
	if (!lags)
		return;
	if (lags->options)
		rd_kafka_AdminOptions_destroy(lags->options);
	if (lags->queue)
		rd_kafka_queue_destroy(lags->queue);
	if (lags->asker.rk)
		rd_kafka_destroy(lags->asker.rk);
	if (lags->all.rk)
		rd_kafka_destroy(lags->all.rk);
	if (lags->committed.rk)
		rd_kafka_destroy(lags->committed.rk);
	free(lags);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
dq_kafka_lags_groups(struct dq_kafka_lags *lags, char ***groups, size_t *count,
    struct dq_err *err)
{
	const rd_kafka_ConsumerGroupListing_t **got;
	const rd_kafka_error_t **errors;
	const rd_kafka_ListConsumerGroups_result_t *result;
	rd_kafka_event_t *event;
	size_t failed;

	*groups = NULL;
	*count = 0;
	rd_kafka_ListConsumerGroups(lags->asker.rk, lags->options, lags->queue);
	event = dq_kafka_client_event(&lags->asker, lags->queue, NULL, err);
	if (!event)
		return false;
	result = rd_kafka_event_ListConsumerGroups_result(event);
	errors = rd_kafka_ListConsumerGroups_result_errors(result, &failed);
	if (failed)
		dq_err_code(err, DQ_EXIT_RETRY, "%s: %s",
		    lags->asker.options->servers,
		    rd_kafka_error_string(errors[0]));
	got = rd_kafka_ListConsumerGroups_result_valid(result, count);
	*groups = dq_calloc(*count + 1, sizeof(**groups));
	for (size_t i = 0; i < *count; i++)
		(*groups)[i] =
		    dq_strdup(rd_kafka_ConsumerGroupListing_group_id(got[i]));
	qsort(*groups, *count, sizeof(**groups), by_text);
	rd_kafka_event_destroy(event);
	return !failed;
}

static struct dq_kafka_lag *
row_of(struct look *look, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < look->count; i++)
		if (look->rows[i].partition == partition &&
		    !strcmp(look->rows[i].topic, topic))
			return &look->rows[i];
	look->rows =
	    dq_realloc_array(look->rows, look->count + 1, sizeof(*look->rows));
	look->rows[look->count] = (struct dq_kafka_lag){.group = look->group,
	    .topic = dq_strdup(topic),
	    .partition = partition,
	    .committed = -1,
	    .end = -1,
	    .messages = -1,
	    .pending = -1,
	    .time = DQ_TIME_NONE};
	return &look->rows[look->count++];
}

static rd_kafka_resp_err_t
refused(struct look *look, const rd_kafka_error_t *error, struct dq_err *err)
{
	dq_err_code(err, DQ_EXIT_RETRY, "group %s: %s", look->group,
	    rd_kafka_error_string(error));
	return rd_kafka_error_code(error);
}

/* What is committed now: an open transaction may be about to move it. */
static bool
find_committed(struct look *look, rd_kafka_resp_err_t *code, struct dq_err *err)
{
	struct dq_kafka_lags *lags = look->lags;
	rd_kafka_ListConsumerGroupOffsets_t *asked =
	    rd_kafka_ListConsumerGroupOffsets_new(look->group, NULL);
	const rd_kafka_topic_partition_list_t *list;
	const rd_kafka_group_result_t **results;
	rd_kafka_event_t *event;
	const rd_kafka_error_t *error;
	size_t n;

	rd_kafka_ListConsumerGroupOffsets(
	    lags->asker.rk, &asked, 1, lags->options, lags->queue);
	rd_kafka_ListConsumerGroupOffsets_destroy(asked);
	event = dq_kafka_client_event(&lags->asker, lags->queue, code, err);
	if (!event)
		return dq_err_at(err, "group %s", look->group);
	results = rd_kafka_ListConsumerGroupOffsets_result_groups(
	    rd_kafka_event_ListConsumerGroupOffsets_result(event), &n);
	error = n ? rd_kafka_group_result_error(results[0]) : NULL;
	if (error)
		*code = refused(look, error, err);
	list =
	    n && !error ? rd_kafka_group_result_partitions(results[0]) : NULL;
	for (int i = 0; list && i < list->cnt; i++)
		if (list->elems[i].offset >= 0)
			row_of(look, list->elems[i].topic,
			    list->elems[i].partition)
			    ->committed = list->elems[i].offset;
	rd_kafka_event_destroy(event);
	return !error;
}

static void
take_members(
    struct look *look, const rd_kafka_ConsumerGroupDescription_t *group)
{
	rd_kafka_consumer_group_state_t state =
	    rd_kafka_ConsumerGroupDescription_state(group);
	size_t n = rd_kafka_ConsumerGroupDescription_member_count(group);

	/* A group that has offsets is not dead: its protocol is the newer one
	 * (KIP-848), which this request does not show. */
	look->hidden = state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
	look->dividing =
	    state == RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE ||
	    state == RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE;
	for (size_t m = 0; m < n; m++) {
		const rd_kafka_MemberAssignment_t *has =
		    rd_kafka_MemberDescription_assignment(
			rd_kafka_ConsumerGroupDescription_member(group, m));
		const rd_kafka_topic_partition_list_t *list =
		    rd_kafka_MemberAssignment_partitions(has);

		for (int i = 0; list && i < list->cnt; i++)
			row_of(look, list->elems[i].topic,
			    list->elems[i].partition)
			    ->reader = true;
	}
}

static bool
find_members(struct look *look, rd_kafka_resp_err_t *code, struct dq_err *err)
{
	struct dq_kafka_lags *lags = look->lags;
	const rd_kafka_ConsumerGroupDescription_t **groups;
	const rd_kafka_error_t *error;
	const char *name = look->group;
	rd_kafka_event_t *event;
	size_t n;

	rd_kafka_DescribeConsumerGroups(
	    lags->asker.rk, &name, 1, lags->options, lags->queue);
	event = dq_kafka_client_event(&lags->asker, lags->queue, code, err);
	if (!event)
		return dq_err_at(err, "group %s", look->group);
	groups = rd_kafka_DescribeConsumerGroups_result_groups(
	    rd_kafka_event_DescribeConsumerGroups_result(event), &n);
	error = n ? rd_kafka_ConsumerGroupDescription_error(groups[0]) : NULL;
	/* The same, as newer brokers tell newer clients. */
	if (error && rd_kafka_error_code(error) ==
			 RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
		look->hidden = true;
		error = NULL;
		n = 0;
	}
	if (error)
		*code = refused(look, error, err);
	else if (n)
		take_members(look, groups[0]);
	rd_kafka_event_destroy(event);
	return !error;
}

/* A topic that the group reads has partitions that it never committed. */
static bool
find_partitions(struct look *look, struct dq_err *err)
{
	size_t known = look->count;

	for (size_t i = 0; i < known; i++) {
		const char *topic = look->rows[i].topic;
		size_t first = 0;
		int32_t n;

		while (strcmp(look->rows[first].topic, topic) != 0)
			first++;
		if (first < i)
			continue;
		n = dq_kafka_partitions(&look->lags->all, topic, err);
		if (n < 0 && err->code != DQ_EXIT_USAGE)
			return false;
		for (int32_t p = 0; p < n; p++)
			row_of(look, topic, p);
	}
	return true;
}

static rd_kafka_resp_err_t
find_ends(struct dq_kafka_lags *lags, struct dq_kafka_lag *row, int64_t *low)
{
	rd_kafka_resp_err_t code;
	int64_t high, ignored;

	code = rd_kafka_query_watermark_offsets(lags->committed.rk, row->topic,
	    row->partition, &ignored, &row->end, ASK);
	if (!code)
		code = rd_kafka_query_watermark_offsets(
		    lags->all.rk, row->topic, row->partition, low, &high, ASK);
	row->end = code ? -1 : row->end;
	row->pending = code ? -1 : high - row->end;
	return code;
}

/* Sets what follows from the offsets alone; `from` is where reading is to
 * begin, -1: no need or no use. */
static void
compare(struct dq_kafka_lag *row, int64_t low, int64_t *from)
{
	const int64_t high = row->end + row->pending;

	*from = -1;
	if (row->committed < 0 && low == high) {
		row->messages = 0; /* wherever the group is going to begin */
	} else if (row->committed < 0) {
		snprintf(row->why, sizeof(row->why), "nothing committed yet");
	} else if (row->committed > high) {
		snprintf(row->why, sizeof(row->why),
		    "committed beyond the end: is this the same topic?");
	} else {
		*from = row->committed > low ? row->committed : low;
		if (row->committed < low)
			snprintf(row->why, sizeof(row->why),
			    "%lld offsets were deleted before they were read",
			    (long long)(low - row->committed));
	}
}

static bool
find_offsets(struct look *look, int64_t *from, struct dq_err *err)
{
	for (size_t i = 0; i < look->count; i++) {
		struct dq_kafka_lag *row = &look->rows[i];
		int64_t low;
		rd_kafka_resp_err_t code = find_ends(look->lags, row, &low);

		from[i] = -1;
		if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
			return dq_err_code(err, DQ_EXIT_RETRY, "%s: %s",
			    row->topic, rd_kafka_err2str(code));
		if (code)
			snprintf(row->why, sizeof(row->why), "%s",
			    rd_kafka_err2str(code));
		else
			compare(row, low, &from[i]);
		row->reader = row->reader || look->dividing || look->hidden;
	}
	return true;
}

/* Reads from `from` to the ends: what a read_committed reader has before it,
 * or with `pending` the first record that it cannot have yet. */
static bool
read_rows(
    struct look *look, const int64_t *from, bool pending, struct dq_err *err)
{
	struct dq_kafka_lags *lags = look->lags;
	struct dq_kafka_unread *parts = dq_calloc(look->count, sizeof(*parts));
	size_t *of = dq_calloc(look->count, sizeof(*of)), n = 0;
	bool good;

	for (size_t i = 0; i < look->count; i++) {
		const struct dq_kafka_lag *row = &look->rows[i];
		int64_t begin = from[i], end = row->end;

		if (begin < 0 || (pending && row->messages != 0))
			continue;
		if (pending) {
			begin = begin > row->end ? begin : row->end;
			end = row->end + row->pending;
		}
		if (begin >= end) {
			look->rows[i].messages = 0;
			continue;
		}
		of[n] = i;
		parts[n++] = (struct dq_kafka_unread){.topic = row->topic,
		    .partition = row->partition,
		    .from = begin,
		    .to = end};
	}
	good =
	    !n || dq_kafka_unread_read(
		      pending ? &lags->all : &lags->committed, parts, n, err);
	for (size_t i = 0; good && i < n; i++) {
		look->rows[of[i]].time = parts[i].time;
		if (!pending)
			look->rows[of[i]].messages = parts[i].records;
	}
	free(parts);
	free(of);
	return good;
}

static bool
find_unread(struct look *look, struct dq_err *err)
{
	int64_t *from = dq_calloc(look->count + 1, sizeof(*from));
	bool good = find_offsets(look, from, err) &&
		    read_rows(look, from, false, err) &&
		    read_rows(look, from, true, err);

	free(from);
	return good;
}

static int
by_place(const void *left, const void *right)
{
	const struct dq_kafka_lag *a = left, *b = right;
	int order = strcmp(a->topic, b->topic);

	return order ? order : a->partition - b->partition;
}

/* A coordinator that has just started, or moved, is waited for. */
static bool
patiently(struct look *look,
    bool (*find)(
	struct look *look, rd_kafka_resp_err_t *code, struct dq_err *err),
    struct dq_err *err)
{
	const struct dq_kafka_options *options = look->lags->asker.options;
	int64_t end = dq_clock_steady() + options->timeout;

	for (;;) {
		rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

		if (find(look, &code, err))
			return true;
		if ((code != RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS &&
			code != RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE &&
			code != RD_KAFKA_RESP_ERR_NOT_COORDINATOR) ||
		    dq_clock_steady() > end ||
		    (options->stop && *options->stop))
			return false;
		usleep(100000);
	}
}

bool
dq_kafka_lags_look(struct dq_kafka_lags *lags, const char *group,
    struct dq_kafka_lag **rows, size_t *count, struct dq_err *err)
{
	struct look look = {.lags = lags, .group = group};
	bool good = patiently(&look, find_committed, err) &&
		    patiently(&look, find_members, err) &&
		    find_partitions(&look, err);

	if (good && look.count) {
		qsort(look.rows, look.count, sizeof(*look.rows), by_place);
		good = find_unread(&look, err);
	} else if (good) {
		row_of(&look, "", -1);
		free(look.rows->topic);
		look.rows->topic = NULL;
		snprintf(look.rows->why, sizeof(look.rows->why),
		    "has no member and no offsets that we can see");
	}
	*rows = dq_realloc_array(*rows, *count + look.count, sizeof(**rows));
	memcpy(*rows + *count, look.rows, look.count * sizeof(**rows));
	*count += look.count;
	free(look.rows);
	return good;
}

void
dq_kafka_lags_free(struct dq_kafka_lag *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].topic);
	free(rows);
}
