#include "port/kafka_source.h"

#include <string.h>

static struct dq_kafka_part *
part_of(struct dq_kafka_source *k, const rd_kafka_message_t *message)
{
	const char *topic = rd_kafka_topic_name(message->rkt);

	for (size_t i = 0; i < k->part_count; i++) {
		size_t at = (k->last_part + i) % k->part_count;
		struct dq_kafka_part *part = &k->parts[at];

		if (part->partition == message->partition &&
		    !strcmp(part->topic, topic)) {
			k->last_part = at;
			return part;
		}
	}
	return NULL;
}

static void
envelope(struct dq_kafka_source *k, const rd_kafka_message_t *m,
    struct dq_slice *line)
{
	struct dq_buf *buf = &k->envelope;
	rd_kafka_timestamp_type_t type;
	int64_t time = rd_kafka_message_timestamp(m, &type);
	rd_kafka_headers_t *headers;
	const char *name;
	const void *value;
	size_t size;

	buf->len = 0;
	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "topic", rd_kafka_topic_name(m->rkt));
	dq_buf_member_int(buf, "partition", m->partition);
	dq_buf_member_int(buf, "offset", m->offset);
	dq_buf_member_str(buf, "tstype",
	    type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? "logappend"
						       : "create");
	dq_buf_member_int(buf, "ts", time);
	dq_buf_key(buf, "headers");
	dq_buf_byte(buf, '[');
	if (!rd_kafka_message_headers(m, &headers))
		for (size_t i = 0;
		     !rd_kafka_header_get_all(headers, i, &name, &value, &size);
		     i++) {
			dq_buf_comma(buf);
			dq_buf_json_str(buf, name);
			dq_buf_comma(buf);
			dq_buf_json_text(
			    buf, (struct dq_slice){value ? value : "", size});
		}
	dq_buf_byte(buf, ']');
	if (m->key)
		dq_buf_member_text(
		    buf, "key", (struct dq_slice){m->key, m->key_len});
	else
		dq_buf_member_null(buf, "key");
	if (m->payload)
		dq_buf_member_text(
		    buf, "payload", (struct dq_slice){m->payload, m->len});
	else
		dq_buf_member_null(buf, "payload");
	dq_buf_byte(buf, '}');
	*line = dq_buf_view(buf);
}

/* Could these bytes be one line of records? */
static enum dq_got
judge(struct dq_kafka_source *k, struct dq_slice line)
{
	if (line.len > DQ_LINE_LIMIT)
		return DQ_GOT_LONG;
	if (dq_is_control(line))
		dq_err_code(&k->source.err, DQ_EXIT_DATA,
		    "a record may not begin with {\"@");
	else if (memchr(line.data, '\n', line.len))
		dq_err_code(&k->source.err, DQ_EXIT_DATA,
		    "a newline inside: one record is one line");
	else
		return DQ_GOT_LINE;
	return DQ_GOT_BAD;
}

bool
dq_kafka_take_message(
    struct dq_kafka_source *k, struct dq_slice *line, enum dq_got *got)
{
	rd_kafka_message_t *m = k->batch[k->at++];
	struct dq_kafka_part *part = part_of(k, m);

	if (k->given)
		rd_kafka_message_destroy(k->given);
	k->given = m;
	/* What was fetched before a rebalance may still be in the batch. */
	if (!part || m->offset < part->next)
		return false;
	if (m->offset >= part->stop) {
		part->at_end = true;
		return false;
	}
	part->next = m->offset + 1;
	part->at_end = part->next >= part->stop;
	k->dirty = true;
	if (!m->payload && !k->options->envelope)
		return false; /* forgets its key: nothing to read in it */
	k->records++;
	k->source.place.source = part->topic;
	k->source.place.partition = part->partition;
	k->source.place.topic = true;
	k->source.place.line = k->source.place.offset = m->offset;
	k->source.place.key = (struct dq_slice){m->key, m->key_len};
	*line = (struct dq_slice){m->payload ? m->payload : "", m->len};
	*got = DQ_GOT_LINE;
	if (k->options->envelope)
		envelope(k, m, line);
	else
		*got = judge(k, *line);
	return true;
}

void
dq_kafka_take_event(struct dq_kafka_source *k, const rd_kafka_message_t *m)
{
	struct dq_kafka_part *part = m->rkt ? part_of(k, m) : NULL;

	switch (m->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		/* Behind the last message may stand marks of transactions. */
		if (part && m->offset > part->next) {
			part->next = m->offset;
			k->dirty = true;
		}
		if (part)
			part->at_end = !k->options->exit_at_end ||
				       dq_kafka_at_end(k, part);
		return;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
		dq_kafka_fail(
		    k, DQ_EXIT_USAGE, "%s", rd_kafka_message_errstr(m));
		return;
	/* The next start finds out whether it is gone for good. */
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		/* librdkafka wants the name of a group even without one. */
		if (k->group)
			dq_kafka_fail(
			    k, DQ_EXIT_RETRY, "%s", rd_kafka_message_errstr(m));
		return;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
	case RD_KAFKA_RESP_ERR__FATAL:
		dq_kafka_fail(
		    k, DQ_EXIT_RETRY, "%s", rd_kafka_message_errstr(m));
		return;
	default:
		return; /* librdkafka tries again */
	}
}
