#include "port/kafka_unread.h"

#include "base/time.h"

#include <stdlib.h>

#define QUIET 10000 /* ms without an answer about any partition */
#define BATCH 256

bool
dq_kafka_unread_open(struct dq_kafka_client *client,
    const struct dq_kafka_options *options, const char *isolation,
    struct dq_err *err)
{
	/* No group: nobody needs to be allowed one for looking. */
	const struct dq_kafka_setting settings[] = {
	    {"isolation.level", isolation, false},
	    {"enable.partition.eof", "true", false},
	    {"auto.offset.reset", "error", false},
	    {"fetch.wait.max.ms", "10", true},
	    {"fetch.message.max.bytes", "65536", true},
	    {"queued.min.messages", "1", true},
	    {NULL, NULL, false},
	};

	return dq_kafka_client_open(client, RD_KAFKA_CONSUMER, options,
	    rd_kafka_conf_new(), settings, err);
}

static bool
start(struct dq_kafka_client *client, rd_kafka_queue_t *queue,
    struct dq_kafka_unread *part, struct dq_err *err)
{
	part->records = -1;
	part->time = DQ_TIME_NONE;
	part->done = false;
	part->handle = rd_kafka_topic_new(client->rk, part->topic, NULL);
	return rd_kafka_consume_start_queue(
		   part->handle, part->partition, part->from, queue) == 0 ||
	       dq_err_code(err, DQ_EXIT_RETRY, "%s[%d]: %s", part->topic,
		   part->partition, rd_kafka_err2str(rd_kafka_last_error()));
}

static void
stop(struct dq_kafka_unread *part)
{
	if (!part->handle)
		return;
	rd_kafka_consume_stop(part->handle, part->partition);
	rd_kafka_topic_destroy(part->handle);
	part->handle = NULL;
}

static void
take_record(struct dq_kafka_unread *part, const rd_kafka_message_t *m)
{
	rd_kafka_timestamp_type_t type;
	int64_t time = rd_kafka_message_timestamp(m, &type);

	if (part->records < 0)
		part->records = 0;
	if (m->offset < part->from)
		return;
	if (m->offset >= part->to) {
		part->done = true;
		return;
	}
	if (!part->records++ && time >= 0)
		part->time = time * 1000;
	if (part->to - part->from > DQ_KAFKA_UNREAD_COUNT) {
		part->records = part->to - m->offset;
		part->done = true;
	}
	part->done = part->done || m->offset + 1 >= part->to;
}

static bool
take(struct dq_kafka_unread *part, const rd_kafka_message_t *m,
    struct dq_err *err)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		take_record(part, m);
		return true;
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		if (part->records < 0)
			part->records = 0;
		part->done = true;
		return true;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return dq_err_code(err, DQ_EXIT_RETRY, "%s: %s", part->topic,
		    rd_kafka_err2str(m->err));
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: /* deleted meanwhile */
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		part->records = -1;
		part->done = true;
		return true;
	default:
		return true; /* librdkafka tries again */
	}
}

static struct dq_kafka_unread *
part_of(
    struct dq_kafka_unread *parts, size_t count, const rd_kafka_message_t *m)
{
	for (size_t i = 0; i < count; i++)
		if (!parts[i].done && m->rkt &&
		    parts[i].partition == m->partition &&
		    !strcmp(parts[i].topic, rd_kafka_topic_name(m->rkt)))
			return &parts[i];
	return NULL;
}

static bool
all_done(const struct dq_kafka_unread *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!parts[i].done)
			return false;
	return true;
}

static bool
read_all(struct dq_kafka_client *client, rd_kafka_queue_t *queue,
    struct dq_kafka_unread *parts, size_t count, struct dq_err *err)
{
	int64_t heard = dq_clock_steady();
	rd_kafka_message_t *batch[BATCH];
	bool good = true;

	while (good && !all_done(parts, count)) {
		ssize_t n =
		    rd_kafka_consume_batch_queue(queue, 20, batch, BATCH);

		for (ssize_t i = 0; i < n; i++) {
			struct dq_kafka_unread *part =
			    part_of(parts, count, batch[i]);

			if (part && good)
				good = take(part, batch[i], err);
			rd_kafka_message_destroy(batch[i]);
		}
		if (n > 0)
			heard = dq_clock_steady();
		rd_kafka_poll(client->rk, 0);
		good = good && dq_kafka_client_alive(client, err);
		if (dq_clock_steady() - heard > QUIET * INT64_C(1000))
			break; /* what is not done stays unknown */
	}
	for (size_t i = 0; i < count; i++)
		if (!parts[i].done)
			parts[i].records = -1;
	return good;
}

bool
dq_kafka_unread_read(struct dq_kafka_client *client,
    struct dq_kafka_unread *parts, size_t count, struct dq_err *err)
{
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client->rk);
	bool good = true;

	for (size_t i = 0; good && i < count; i++)
		good = start(client, queue, &parts[i], err);
	good = good && read_all(client, queue, parts, count, err);
	for (size_t i = 0; i < count; i++)
		stop(&parts[i]);
	rd_kafka_queue_destroy(queue);
	return good;
}
