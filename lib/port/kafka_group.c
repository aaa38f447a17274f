#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "port/kafka_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A dead sink's transaction may hold the committed offsets back for as long
 * as its broker lets it: 60 s and the broker's own rhythm. */
#define STABLE_LIMIT (80 * DQ_SECOND)
#define ASK 2000 /* ms */

static void
put_mark(
    struct dq_kafka_source *k, enum dq_mark mark, const struct dq_buf *body)
{
	dq_control_write(&k->control, mark, dq_buf_view(body), &k->marks);
	dq_buf_byte(&k->marks, '\n');
}

static void
put_offset(const struct dq_kafka_part *part, int64_t offset, struct dq_buf *out)
{
	dq_buf_comma(out);
	dq_buf_byte(out, '[');
	dq_buf_json_str(out, part->topic);
	dq_buf_printf(out, ",%d,%lld", part->partition, (long long)offset);
}

void
dq_kafka_begin(struct dq_kafka_source *k)
{
	struct dq_buf body = {0};
	uint64_t random = (uint64_t)dq_clock_wall() ^ (uint64_t)getpid() << 48;

	(void)!getrandom(&random, sizeof(random), 0);
	snprintf(k->control.run, sizeof(k->control.run), "%016llx",
	    (unsigned long long)random);
	dq_buf_byte(&body, '{');
	dq_buf_member_int(&body, "version", DQ_CONTROL_VERSION);
	dq_buf_member_str(&body, "tool", k->options->tool);
	dq_buf_member_str(&body, "group", k->group);
	dq_buf_member_int(&body, "interval", k->options->interval / 1000);
	dq_buf_member_int(&body, "wait", k->options->wait / 1000);
	dq_buf_byte(&body, '}');
	put_mark(k, DQ_MARK_BEGIN, &body);
	dq_buf_release(&body);
}

rd_kafka_topic_partition_list_t *
dq_kafka_list(const struct dq_kafka_source *k)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)k->part_count);

	for (size_t i = 0; i < k->part_count; i++)
		rd_kafka_topic_partition_list_add(
		    list, k->parts[i].topic, k->parts[i].partition)
		    ->offset = k->parts[i].next;
	return list;
}

void
dq_kafka_checkpoint(struct dq_kafka_source *k)
{
	struct dq_buf body = {0};

	dq_buf_byte(&body, '{');
	dq_buf_member_text(&body, "metadata", dq_buf_view(&k->metadata));
	dq_buf_key(&body, "offsets");
	dq_buf_byte(&body, '[');
	for (size_t i = 0; i < k->part_count; i++) {
		struct dq_kafka_part *part = &k->parts[i];

		put_offset(part, part->next, &body);
		dq_buf_byte(&body, ']');
		part->covered = part->next;
	}
	dq_buf_str(&body, "]}");
	put_mark(k, DQ_MARK_CHECKPOINT, &body);
	dq_buf_release(&body);
	k->dirty = false;
	k->next_checkpoint = dq_clock_steady() + k->options->interval;
}

static bool
lost(struct dq_kafka_source *k)
{
	return rd_kafka_assignment_lost(k->client.rk) &&
	       !dq_kafka_fail(k, DQ_EXIT_RETRY,
		   "%s: the group gave our partitions to others", k->group);
}

int32_t
dq_kafka_generation(struct dq_slice metadata)
{
	static const char head[] = "CGMDv2:";
	int32_t generation;

	if (metadata.len < sizeof(head) - 1 + sizeof(generation) ||
	    memcmp(metadata.data, head, sizeof(head) - 1) != 0)
		return -1;
	memcpy(
	    &generation, metadata.data + sizeof(head) - 1, sizeof(generation));
	return generation;
}

/* Rule 2: what names no member of this generation protects nothing. */
static bool
take_metadata(struct dq_kafka_source *k)
{
	rd_kafka_consumer_group_metadata_t *metadata =
	    rd_kafka_consumer_group_metadata(k->client.rk);
	char *member = rd_kafka_memberid(k->client.rk);
	rd_kafka_error_t *error = NULL;
	void *bytes = NULL;
	size_t size = 0;
	bool good = metadata && member && *member;

	if (good)
		error = rd_kafka_consumer_group_metadata_write(
		    metadata, &bytes, &size);
	good = good && !error &&
	       dq_kafka_generation((struct dq_slice){bytes, size}) >= 0;
	k->metadata.len = 0;
	for (size_t i = 0; good && i < size; i++)
		dq_buf_printf(
		    &k->metadata, "%02x", ((const unsigned char *)bytes)[i]);
	if (metadata)
		rd_kafka_consumer_group_metadata_destroy(metadata);
	rd_kafka_error_destroy(error);
	free(bytes);
	if (member)
		rd_kafka_mem_free(k->client.rk, member);
	return good || dq_kafka_fail(k, DQ_EXIT_RETRY,
			   "%s: no longer a member of the group", k->group);
}

/* Stable offsets only: a transaction that is still open may move them. */
static bool
committed(struct dq_kafka_source *k, rd_kafka_topic_partition_list_t *list)
{
	int64_t end = dq_clock_steady() + STABLE_LIMIT;
	rd_kafka_resp_err_t code;
	struct dq_err err;

	for (;;) {
		code = rd_kafka_committed(k->client.rk, list, ASK);
		for (int i = 0; !code && i < list->cnt; i++)
			code = list->elems[i].err;
		if (!code) {
			dq_kafka_client_heard(&k->client);
			return true;
		}
		if (lost(k))
			return false;
		if (dq_source_reader_gone(&k->source)) {
			k->failed = true;
			return false;
		}
		if (!dq_kafka_client_alive(&k->client, &err))
			return dq_kafka_fail(k, err.code, "%s", err.text);
		if (k->source.stop && *k->source.stop)
			return false; /* nothing was begun: no failure */
		if (dq_clock_steady() > end)
			return dq_kafka_fail(k, DQ_EXIT_RETRY,
			    "%s: the committed offsets are not to be had: %s",
			    k->group, rd_kafka_err2str(code));
		usleep(20000);
	}
}

/* The same where the offsets are kept with the records. */
static bool
stored(struct dq_kafka_source *k, rd_kafka_topic_partition_list_t *list)
{
	struct dq_kafka_stored *places =
	    dq_calloc((size_t)list->cnt, sizeof(*places));
	struct dq_err err;
	bool good;

	for (int i = 0; i < list->cnt; i++)
		places[i] = (struct dq_kafka_stored){
		    list->elems[i].topic, list->elems[i].partition, -1};
	good = k->options->stored(k->options->stored_context, k->group, places,
	    (size_t)list->cnt, &err);
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = places[i].next;
	free(places);
	return good || dq_kafka_fail(k, err.code, "%s", err.text);
}

static bool
start_offsets(struct dq_kafka_source *k, rd_kafka_topic_partition_list_t *list)
{
	if (!list->cnt)
		return true;
	return k->options->stored ? stored(k, list) : committed(k, list);
}

static const char *
own_name(const struct dq_kafka_source *k, const char *topic)
{
	for (size_t i = 0; i < k->topic_count; i++)
		if (!strcmp(k->topics[i], topic))
			return k->topics[i];
	return "";
}

static bool
take_parts(struct dq_kafka_source *k, rd_kafka_topic_partition_list_t *list,
    struct dq_buf *body)
{
	k->part_count = k->last_part = 0;
	k->dirty = false;
	k->parts = dq_realloc_array(
	    k->parts, (size_t)list->cnt + 1, sizeof(*k->parts));
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *from = &list->elems[i];
		struct dq_kafka_part *part = &k->parts[k->part_count];
		bool known = from->offset >= 0;

		*part = (struct dq_kafka_part){
		    .topic = own_name(k, from->topic),
		    .partition = from->partition,
		    .next = from->offset,
		    .covered = -1,
		    .stop = INT64_MAX,
		    .end = -1,
		};
		if (!known && !dq_kafka_first_offset(k, part, &part->next))
			return false;
		/* A checkpoint where the group stands already would be told to
		 * a sink that we do not wait for: it might find us gone. */
		k->dirty = k->dirty || !known;
		from->offset = part->next;
		put_offset(part, part->next, body);
		dq_buf_str(body, known ? ",true]" : ",false]");
		k->part_count++;
	}
	return true;
}

/* So many partitions has each topic: the state's topic must have as many. */
static bool
put_counts(struct dq_kafka_source *k, struct dq_buf *body)
{
	struct dq_err err;

	dq_buf_key(body, "partitions");
	dq_buf_byte(body, '[');
	for (size_t t = 0; t < k->topic_count; t++) {
		int32_t count =
		    dq_kafka_partitions(&k->client, k->topics[t], &err);

		if (count < 0)
			return dq_kafka_fail(k, err.code, "%s", err.text);
		dq_buf_comma(body);
		dq_buf_byte(body, '[');
		dq_buf_json_str(body, k->topics[t]);
		dq_buf_printf(body, ",%d]", count);
	}
	dq_buf_byte(body, ']');
	return true;
}

/* Rule 3: the start is a number, known and told before anything is read. */
static void
assigned(struct dq_kafka_source *k, rd_kafka_topic_partition_list_t *list)
{
	struct dq_buf body = {0};

	dq_buf_str(&body, "{\"offsets\":[");
	if (take_metadata(k) && start_offsets(k, list) &&
	    take_parts(k, list, &body)) {
		dq_buf_byte(&body, ']');
		if (put_counts(k, &body)) {
			dq_buf_byte(&body, '}');
			put_mark(k, DQ_MARK_ASSIGN, &body);
			k->next_checkpoint =
			    dq_clock_steady() + k->options->interval;
			k->joined = true;
			rd_kafka_assign(k->client.rk, list);
			/* librdkafka would remember a pause. */
			dq_kafka_pause(k, false);
		}
	}
	dq_buf_release(&body);
}

static void
leave(struct dq_kafka_source *k, enum dq_kafka_phase phase)
{
	dq_kafka_drop_batch(k);
	k->phase = phase;
	k->flushed = false;
	k->deadline = dq_clock_steady() + k->options->wait;
	if (k->dirty && k->part_count)
		dq_kafka_checkpoint(k);
}

/* A revoke is not acknowledged here: first all lines of these partitions must
 * be covered by a checkpoint that the other end has committed (rules 4, 5).
 * librdkafka waits for rd_kafka_assign, wherever it is called. */
void
dq_kafka_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct dq_kafka_client *client = opaque;
	struct dq_kafka_source *k =
	    (struct dq_kafka_source *)((char *)client -
				       offsetof(
					   struct dq_kafka_source, client));

	if (k->phase == DQ_KAFKA_ENDED)
		rd_kafka_assign(rk, NULL);
	else if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		assigned(k, list);
	else if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
		dq_kafka_fail(k, DQ_EXIT_RETRY, "%s: %s", k->group,
		    rd_kafka_err2str(code));
	else if (!lost(k) && k->phase == DQ_KAFKA_RUNNING)
		leave(k, DQ_KAFKA_REVOKING);
}

void
dq_kafka_finish(struct dq_kafka_source *k)
{
	if (k->group) {
		leave(k, DQ_KAFKA_LEAVING);
		return;
	}
	dq_kafka_drop_batch(k);
	k->phase = DQ_KAFKA_ENDED;
}

bool
dq_kafka_in_time(struct dq_kafka_source *k)
{
	if (lost(k))
		return false;
	if (dq_source_reader_gone(&k->source)) {
		k->failed = true;
		return false;
	}
	return dq_clock_steady() < k->deadline ||
	       dq_kafka_fail(k, DQ_EXIT_RETRY,
		   "%s: nobody committed the last lines within %lld s; a pipe "
		   "from a topic ends in a tool with --to kafka:, or its first "
		   "tool runs with --plain",
		   k->group, (long long)(k->options->wait / DQ_SECOND));
}

static bool
all_committed(struct dq_kafka_source *k)
{
	rd_kafka_topic_partition_list_t *list = dq_kafka_list(k);
	bool all = rd_kafka_committed(k->client.rk, list, 500) == 0;

	for (size_t i = 0; all && i < k->part_count; i++)
		all = !list->elems[i].err &&
		      list->elems[i].offset >= k->parts[i].covered;
	rd_kafka_topic_partition_list_destroy(list);
	return all;
}

static void
give_up_parts(struct dq_kafka_source *k)
{
	struct dq_buf body = {0};

	dq_buf_str(&body, "{\"offsets\":[");
	for (size_t i = 0; i < k->part_count; i++) {
		put_offset(&k->parts[i], k->parts[i].next, &body);
		dq_buf_byte(&body, ']');
	}
	dq_buf_str(&body, "]}");
	put_mark(k, DQ_MARK_REVOKE, &body);
	dq_buf_release(&body);
	k->part_count = 0;
	k->joined = false;
	rd_kafka_assign(k->client.rk, NULL);
}

bool
dq_kafka_settle(struct dq_kafka_source *k)
{
	static const struct dq_buf nothing = {.data = "{}", .len = 2};

	while (k->part_count && !all_committed(k)) {
		if (!dq_kafka_in_time(k))
			return false;
		usleep(5000);
	}
	if (lost(k))
		return false;
	if (k->phase == DQ_KAFKA_REVOKING) {
		give_up_parts(k);
		k->phase = DQ_KAFKA_RUNNING;
	} else {
		put_mark(k, DQ_MARK_END, &nothing);
		k->phase = DQ_KAFKA_ENDED;
	}
	return true;
}

bool
dq_kafka_commit(struct dq_kafka_source *k)
{
	rd_kafka_topic_partition_list_t *list = dq_kafka_list(k);
	bool wait = k->options->waits || k->phase != DQ_KAFKA_RUNNING;
	rd_kafka_resp_err_t code;

	for (size_t i = 0; i < k->part_count; i++)
		list->elems[i].offset = k->parts[i].covered;
	code = list->cnt ? rd_kafka_commit(k->client.rk, list, !wait)
			 : RD_KAFKA_RESP_ERR_NO_ERROR;
	rd_kafka_topic_partition_list_destroy(list);
	return !code || dq_kafka_fail(k, DQ_EXIT_RETRY, "%s: cannot commit: %s",
			    k->group, rd_kafka_err2str(code));
}
