#include "port/kafka_source.h"

#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRESH 64	/* messages taken while the output is blocked */
#define LOOK_AROUND 200 /* ms: the longest sleep */
#define PROBE                                                                  \
	(5 * DQ_SECOND) /* between two questions whether a broker is back */

static struct dq_kafka_source *
inside(struct dq_source *source)
{
	return (struct dq_kafka_source *)source;
}

bool
dq_kafka_fail(
    struct dq_kafka_source *k, enum dq_exit code, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!k->failed)
		dq_err_code(&k->source.err, code, "%s", text);
	k->failed = true;
	return false;
}

void
dq_kafka_drop_batch(struct dq_kafka_source *k)
{
	for (; k->at < k->count; k->at++)
		rd_kafka_message_destroy(k->batch[k->at]);
	k->at = k->count = 0;
}

/* Events leave the batch here, messages stay in their order. An event about a
 * partition stands behind its messages: those are given out before. */
static bool
next_is_message(struct dq_kafka_source *k)
{
	while (k->at < k->count) {
		rd_kafka_message_t *m = k->batch[k->at];

		if (!m->err)
			return true;
		k->at++;
		dq_kafka_take_event(k, m);
		rd_kafka_message_destroy(m);
		if (k->failed)
			return false;
	}
	return false;
}

static void
refill(struct dq_kafka_source *k)
{
	if (!k->refill.rk || rd_kafka_queue_length(k->queue) >= DQ_KAFKA_LOW)
		return;
	for (size_t i = 0; i < k->part_count; i++)
		if (!k->parts[i].at_end) {
			dq_kafka_refill_ask(&k->refill);
			return;
		}
}

static bool
fetch(struct dq_kafka_source *k)
{
	ssize_t n =
	    rd_kafka_consume_batch_queue(k->queue, 0, k->batch, DQ_KAFKA_BATCH);

	k->at = 0;
	k->count = n > 0 ? (size_t)n : 0;
	if (k->phase != DQ_KAFKA_RUNNING)
		dq_kafka_drop_batch(k);
	refill(k);
	if (n <= 0)
		return false;
	dq_kafka_client_heard(&k->client);
	k->waited = false;
	return true;
}

/* Without a broker nothing comes, not even bad news: ask now and then. */
static bool
alive(struct dq_kafka_source *k)
{
	const struct rd_kafka_metadata *data;
	int64_t now = dq_clock_steady();
	struct dq_err err;

	if (k->client.down_since && now - k->asked > PROBE) {
		k->asked = now;
		if (!rd_kafka_metadata(k->client.rk, 0, NULL, &data, 1000)) {
			rd_kafka_metadata_destroy(data);
			dq_kafka_client_heard(&k->client);
		}
	}
	return dq_kafka_client_alive(&k->client, &err) ||
	       dq_kafka_fail(k, err.code, "%s", err.text);
}

static enum dq_got
wait_for_message(struct dq_kafka_source *k)
{
	struct pollfd wait = {.fd = k->wake, .events = POLLIN};
	int64_t left = LOOK_AROUND;
	bool woken = false;
	uint64_t count;

	if (!k->waited) {
		k->waited = true;
		return DQ_GOT_IDLE;
	}
	if (k->dirty && k->group)
		left = (k->next_checkpoint - dq_clock_steady()) / 1000 + 1;
	if (left > LOOK_AROUND)
		left = LOOK_AROUND;
	if (left > 0)
		woken = poll(&wait, 1, (int)left) > 0;
	if (woken)
		(void)!read(k->wake, &count, sizeof(count));
	if (dq_source_reader_gone(&k->source)) {
		k->failed = true;
		return DQ_GOT_FAIL;
	}
	if (!alive(k))
		return DQ_GOT_FAIL;
	return woken ? DQ_GOT_LINE : DQ_GOT_IDLE;
}

static bool
all_at_end(const struct dq_kafka_source *k)
{
	if (!k->joined || k->at < k->count)
		return false;
	for (size_t i = 0; i < k->part_count; i++)
		if (!k->parts[i].at_end)
			return false;
	return true;
}

static bool
should_end(struct dq_kafka_source *k)
{
	bool finite = k->options->exit_at_end || k->range.stop_time >= 0;

	return (k->source.stop && *k->source.stop) ||
	       (k->options->count && k->records >= k->options->count) ||
	       (finite && all_at_end(k));
}

static bool
take_mark(struct dq_kafka_source *k, struct dq_slice *line)
{
	const char *begin = k->marks.data + k->marks_at, *end;

	if (k->marks_at == k->marks.len) {
		k->marks.len = k->marks_at = 0;
		return false;
	}
	end = memchr(begin, '\n', k->marks.len - k->marks_at);
	/* A copy: while it is on its way others may come in behind it. */
	k->mark.len = 0;
	dq_buf_add(&k->mark, begin, (size_t)(end - begin));
	k->marks_at += k->mark.len + 1;
	*line = dq_buf_view(&k->mark);
	return true;
}

static bool
checkpoint_due(struct dq_kafka_source *k)
{
	if (!k->group || !k->dirty)
		return false;
	if (k->at < k->count && ++k->calls % 64 != 0)
		return false;
	return dq_clock_steady() >= k->next_checkpoint;
}

/* One step: something to give out, or LINE to be called again. */
static enum dq_got
step(struct dq_kafka_source *k, struct dq_slice *line, bool *given)
{
	enum dq_got got = DQ_GOT_LINE;

	if (k->phase == DQ_KAFKA_ENDED) {
		*given = true;
		return DQ_GOT_END;
	}
	if (k->phase != DQ_KAFKA_RUNNING) {
		if (!k->flushed) {
			k->flushed = *given = true;
			return DQ_GOT_IDLE;
		}
		dq_kafka_settle(k);
	} else if (should_end(k)) {
		dq_kafka_finish(k);
	} else if (checkpoint_due(k)) {
		dq_kafka_checkpoint(k);
	} else if (next_is_message(k)) {
		*given = dq_kafka_take_message(k, line, &got);
	} else if (!k->failed && !fetch(k) && k->phase == DQ_KAFKA_RUNNING &&
		   k->marks_at == k->marks.len) {
		got = wait_for_message(k);
		*given = got != DQ_GOT_LINE;
	}
	return got;
}

void
dq_kafka_pause(struct dq_kafka_source *k, bool pause)
{
	rd_kafka_topic_partition_list_t *list = dq_kafka_list(k);

	if (pause)
		rd_kafka_pause_partitions(k->client.rk, list);
	else
		rd_kafka_resume_partitions(k->client.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	k->paused = pause;
}

/* A message that was on its way when its partition was paused may never come:
 * librdkafka drops it and counts it as given (seen with 2.8). Where to go on is
 * ours to say. */
static void
go_on(struct dq_kafka_source *k)
{
	rd_kafka_topic_partition_list_t *list = dq_kafka_list(k);

	dq_kafka_drop_batch(k);
	for (size_t i = 0; i < k->part_count; i++)
		list->elems[i].offset = k->parts[i].next;
	rd_kafka_error_destroy(rd_kafka_seek_partitions(k->client.rk, list, 0));
	rd_kafka_topic_partition_list_destroy(list);
	dq_kafka_pause(k, false);
}

static enum dq_got
next(struct dq_source *source, struct dq_slice *line)
{
	struct dq_kafka_source *k = inside(source);

	if (k->paused && k->phase == DQ_KAFKA_RUNNING)
		go_on(k);
	for (;;) {
		bool given = false;
		enum dq_got got;

		if (k->failed)
			return DQ_GOT_FAIL;
		if (take_mark(k, line))
			return DQ_GOT_MARK;
		got = step(k, line, &given);
		if (given)
			return got;
	}
}

/* Paused partitions may have a few messages on their way. Without any room
 * the group would not be served either. */
static size_t
room(struct dq_kafka_source *k)
{
	size_t left;

	memmove(
	    k->batch, k->batch + k->at, (k->count - k->at) * sizeof(*k->batch));
	k->count -= k->at;
	k->at = 0;
	left = DQ_KAFKA_BATCH + DQ_KAFKA_SPARE - k->count;
	return left < FRESH ? left : FRESH;
}

/* The output is blocked. The group must be served all the same, so that a
 * long restore behind us does not look like our death. */
static bool
pulse(struct dq_source *source)
{
	struct dq_kafka_source *k = inside(source);
	rd_kafka_message_t *fresh[FRESH];
	ssize_t n;

	if (k->failed)
		return false;
	if (k->phase != DQ_KAFKA_RUNNING)
		return dq_kafka_in_time(k);
	if (!k->paused)
		dq_kafka_pause(k, true);
	n = rd_kafka_consume_batch_queue(k->queue, 0, fresh, room(k));
	for (ssize_t i = 0; i < n; i++)
		k->batch[k->count++] = fresh[i];
	if (k->phase != DQ_KAFKA_RUNNING)
		dq_kafka_drop_batch(k); /* of what is given up */
	return !k->failed;
}

static bool
commit(struct dq_source *source)
{
	return dq_kafka_commit(inside(source));
}

/* What the broker said with the last records it sent. */
static int64_t
lag(const struct dq_source *source)
{
	const struct dq_kafka_source *k =
	    (const struct dq_kafka_source *)source;
	int64_t sum = 0, low, high;

	for (size_t i = 0; i < k->part_count; i++) {
		const struct dq_kafka_part *part = &k->parts[i];

		if (part->at_end)
			continue;
		if (rd_kafka_get_watermark_offsets(k->client.rk, part->topic,
			part->partition, &low, &high) ||
		    high < 0)
			return -1;
		sum += high > part->next ? high - part->next : 0;
	}
	return k->joined || !k->group ? sum : -1;
}

static void
close_source(struct dq_source *source)
{
	struct dq_kafka_source *k = inside(source);

	dq_kafka_drop_batch(k);
	if (k->given)
		rd_kafka_message_destroy(k->given);
	/* Closing would hand the partitions over as if all were well, and may
	 * wait for ever on a group that we were thrown out of. */
	if (k->failed || k->phase != DQ_KAFKA_ENDED)
		return;
	dq_kafka_refill_stop(&k->refill);
	rd_kafka_queue_destroy(k->queue);
	rd_kafka_consumer_close(k->client.rk);
	rd_kafka_destroy(k->client.rk);
	if (k->looker.rk)
		rd_kafka_destroy(k->looker.rk);
	close(k->wake);
	dq_kafka_topics_free(k->topics, k->topic_count);
	dq_control_release(&k->control);
	dq_buf_release(&k->envelope);
	dq_buf_release(&k->marks);
	dq_buf_release(&k->mark);
	dq_buf_release(&k->metadata);
	free(k->parts);
	free(k);
}

static const struct dq_source_kind kind = {
    next, close_source, pulse, commit, lag};

struct dq_source *
dq_kafka_source_open(const char *topics, const struct dq_kafka_options *options,
    struct dq_err *err)
{
	struct dq_kafka_source *k = dq_calloc(1, sizeof(*k));

	k->source.kind = &kind;
	k->source.watch = -1;
	k->source.stop = options->stop;
	k->options = options;
	k->group = options->group ? options->group : options->own_group;
	k->topic_count = dq_kafka_topics(topics, &k->topics);
	k->source.place = (struct dq_place){
	    .source = k->topics ? k->topics[0] : "", .partition = -1};
	if (!k->topic_count)
		dq_err_code(err, DQ_EXIT_USAGE, "kafka: without a topic");
	else if (dq_kafka_connect(k, err))
		return &k->source;
	return NULL; /* the program ends */
}
