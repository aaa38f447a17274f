/* loop SERVERS FROM TO GROUP MS [BYTES|plain]: what dq-features is measured
 * against: every message of a topic to another one, exactly once, by librdkafka
 * alone. As fast as we know how; `plain` is the loop of librdkafka's own
 * example of transactions: one message a poll, and its default settings.
 * One transaction every MS milliseconds; with 0, at least once: no
 * transactions, offsets committed now and then. With BYTES each message goes
 * out at this size, as often its value behind itself as it takes: as many bytes
 * as a filter writes whose records are larger than those that it reads. Ends by
 * a signal. */
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/time.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096
#define LIMIT 10000 /* ms for a step of a commit */

struct setting {
	const char *name, *value;
};

struct loop {
	rd_kafka_t *consumer, *producer;
	rd_kafka_queue_t *queue;
	rd_kafka_topic_t *to;
	rd_kafka_topic_partition_list_t *offsets; /* next to be read */
	int64_t interval;			  /* microseconds */
	int64_t size; /* of what goes out, 0: as in */
	bool plain;
	struct dq_buf value;
	bool moved, open;
};

static void
check(const char *what, rd_kafka_error_t *error)
{
	if (error)
		dq_die(DQ_EXIT_RETRY, what, "%s", rd_kafka_error_string(error));
}

static rd_kafka_t *
open_handle(rd_kafka_type_t type, const struct setting *settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[256];
	rd_kafka_t *rk;

	for (; settings->name; settings++)
		if (settings->value &&
		    rd_kafka_conf_set(conf, settings->name, settings->value,
			text, sizeof(text)) != RD_KAFKA_CONF_OK)
			dq_die(DQ_EXIT_USAGE, "loop", "%s", text);
	rk = rd_kafka_new(type, conf, text, sizeof(text));
	if (!rk)
		dq_die(DQ_EXIT_USAGE, "loop", "%s", text);
	return rk;
}

static void
open_all(struct loop *loop, char **argv)
{
	bool tuned = !loop->plain; /* without, a list ends at its NULL */
	const struct setting reads[] = {{"bootstrap.servers", argv[1]},
	    {"group.id", argv[4]}, {"isolation.level", "read_committed"},
	    {"enable.auto.commit", "false"}, {"auto.offset.reset", "earliest"},
	    {"partition.assignment.strategy", "range"},
	    /* Before librdkafka 2.2 a queue that was full is looked at once
	     * a second: it must not be full. */
	    {tuned ? "queued.min.messages" : NULL, "1000000"},
	    {"queued.max.messages.kbytes", "1048576"}, {NULL, NULL}};
	const struct setting writes[] = {{"bootstrap.servers", argv[1]},
	    {"transactional.id", loop->interval ? argv[4] : NULL},
	    {"enable.idempotence", "true"}, {"partitioner", "murmur2_random"},
	    {tuned ? "linger.ms" : NULL, loop->interval ? "100" : "5"},
	    {"batch.num.messages", "10000"},
	    {"queue.buffering.max.messages", "500000"},
	    {"queue.buffering.max.kbytes", "262144"}, {NULL, NULL}};
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);

	loop->producer = open_handle(RD_KAFKA_PRODUCER, writes);
	if (loop->interval)
		check(
		    "init", rd_kafka_init_transactions(loop->producer, LIMIT));
	loop->to = rd_kafka_topic_new(loop->producer, argv[3], NULL);
	loop->consumer = open_handle(RD_KAFKA_CONSUMER, reads);
	loop->offsets = rd_kafka_topic_partition_list_new(8);
	rd_kafka_poll_set_consumer(loop->consumer);
	loop->queue = rd_kafka_queue_get_consumer(loop->consumer);
	rd_kafka_topic_partition_list_add(list, argv[2], RD_KAFKA_PARTITION_UA);
	if (rd_kafka_subscribe(loop->consumer, list))
		dq_die(DQ_EXIT_RETRY, argv[2], "cannot subscribe");
	rd_kafka_topic_partition_list_destroy(list);
}

static void
note_offset(struct loop *loop, const rd_kafka_message_t *m)
{
	rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_find(
	    loop->offsets, rd_kafka_topic_name(m->rkt), m->partition);

	if (!at)
		at = rd_kafka_topic_partition_list_add(
		    loop->offsets, rd_kafka_topic_name(m->rkt), m->partition);
	at->offset = m->offset + 1;
	loop->moved = true;
}

static struct dq_slice
value_of(struct loop *loop, const rd_kafka_message_t *m)
{
	size_t left = (size_t)loop->size;

	if (!loop->size || !m->len)
		return (struct dq_slice){m->payload, m->len};
	for (loop->value.len = 0; left; left -= left < m->len ? left : m->len)
		dq_buf_add(
		    &loop->value, m->payload, left < m->len ? left : m->len);
	return dq_buf_view(&loop->value);
}

static void
forward(struct loop *loop, const rd_kafka_message_t *m)
{
	struct dq_slice value = value_of(loop, m);

	if (loop->interval && !loop->open)
		check("begin", rd_kafka_begin_transaction(loop->producer));
	loop->open = true;
	while (rd_kafka_produce(loop->to, RD_KAFKA_PARTITION_UA,
		   RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)value.data,
		   value.len, m->key, m->key_len, NULL) < 0) {
		if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			dq_die(DQ_EXIT_RETRY, "produce", "%s",
			    rd_kafka_err2str(rd_kafka_last_error()));
		rd_kafka_poll(loop->producer, 10);
	}
}

static void
commit(struct loop *loop)
{
	rd_kafka_consumer_group_metadata_t *group;

	if (!loop->interval) {
		rd_kafka_flush(loop->producer, LIMIT);
		rd_kafka_commit(loop->consumer, loop->offsets, true);
		return;
	}
	group = rd_kafka_consumer_group_metadata(loop->consumer);
	check("offsets", rd_kafka_send_offsets_to_transaction(
			     loop->producer, loop->offsets, group, LIMIT));
	check("commit", rd_kafka_commit_transaction(loop->producer, LIMIT));
	rd_kafka_consumer_group_metadata_destroy(group);
	loop->open = false;
}

/* Messages that have come, at most BATCH. */
static ssize_t
fetch(struct loop *loop, rd_kafka_message_t **batch)
{
	if (!loop->plain)
		return rd_kafka_consume_batch_queue(
		    loop->queue, 5, batch, BATCH);
	batch[0] = rd_kafka_consumer_poll(loop->consumer, 100);
	return batch[0] != NULL;
}

static void
run(struct loop *loop)
{
	int64_t every = loop->interval ? loop->interval : DQ_SECOND;
	int64_t due = dq_clock_steady() + every;
	rd_kafka_message_t *batch[BATCH];

	for (;;) {
		ssize_t n = fetch(loop, batch);

		for (ssize_t i = 0; i < n; i++) {
			if (!batch[i]->err) {
				note_offset(loop, batch[i]);
				forward(loop, batch[i]);
			}
			rd_kafka_message_destroy(batch[i]);
		}
		rd_kafka_poll(loop->producer, 0);
		if (loop->moved && dq_clock_steady() >= due) {
			commit(loop);
			loop->moved = false;
			due = dq_clock_steady() + every;
		}
	}
}

int
main(int argc, char **argv)
{
	struct loop loop = {.plain = argc == 7 && !strcmp(argv[6], "plain")};

	if (argc < 6 || argc > 7 ||
	    !dq_num_int(DQ_SLICE(argv[5]), &loop.interval) ||
	    (argc == 7 && !loop.plain &&
		!dq_num_int(DQ_SLICE(argv[6]), &loop.size)))
		dq_die(DQ_EXIT_USAGE, "usage",
		    "loop SERVERS FROM TO GROUP MILLISECONDS [BYTES|plain]");
	loop.interval *= 1000;
	open_all(&loop, argv);
	run(&loop);
	return 0;
}
