#include "base/mem.h"
#include "base/time.h"
#include "port/kafka_producer.h"
#include "port/kafka_source.h"

#include <stdlib.h>
#include <string.h>

/* Rule 16, with what the source says in its @begin: drain of the pipe is given
 * a third of its --wait, each of the two steps of a commit an eighth. A last
 * commit may have to wait for the one before it. */
bool
dq_kafka_transaction_limits(struct dq_kafka_producer *p,
    const struct dq_control *control, struct dq_err *err)
{
	int64_t interval = 0, wait = 0, timeout;

	if (!dq_json_int(dq_json_get(control->body, "interval"), &interval) ||
	    !dq_json_int(dq_json_get(control->body, "wait"), &wait))
		return dq_err_code(err, DQ_EXIT_RETRY, "@begin without limits");
	timeout = dq_kafka_client_number(&p->client, "transaction.timeout.ms");
	p->limit = (int)(wait / DQ_KAFKA_STEPS);
	if (timeout > 60000)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "transaction.timeout.ms must not exceed 60000: a source "
		    "waits no longer for a dead transaction");
	return interval + wait * 2 / 3 < timeout ||
	       dq_err_code(err, DQ_EXIT_USAGE,
		   "checkpoint interval %lld ms and two thirds of --wait %lld "
		   "ms must be shorter than transaction.timeout.ms %lld",
		   (long long)interval, (long long)wait, (long long)timeout);
}

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static bool
unhex(struct dq_slice text, struct dq_buf *bytes)
{
	for (size_t i = 0; i + 1 < text.len; i += 2) {
		int high = digit(text.data[i]), low = digit(text.data[i + 1]);

		if (high < 0 || low < 0)
			return false;
		dq_buf_byte(bytes, (char)(high << 4 | low));
	}
	return text.len && text.len % 2 == 0;
}

static rd_kafka_consumer_group_metadata_t *
read_metadata(const struct dq_control *control, struct dq_err *err)
{
	struct dq_slice text =
	    dq_json_text(dq_json_get(control->body, "metadata"));
	rd_kafka_consumer_group_metadata_t *metadata = NULL;
	struct dq_buf bytes = {0};

	if (!unhex(text, &bytes))
		dq_err_code(err, DQ_EXIT_RETRY, "@checkpoint without metadata");
	else if (dq_kafka_generation(dq_buf_view(&bytes)) < 0)
		dq_err_code(err, DQ_EXIT_RETRY,
		    "@checkpoint of a source that is no member of its group");
	else
		rd_kafka_error_destroy(rd_kafka_consumer_group_metadata_read(
		    &metadata, bytes.data, bytes.len));
	if (!metadata && text.len &&
	    dq_kafka_generation(dq_buf_view(&bytes)) >= 0)
		dq_err_code(
		    err, DQ_EXIT_RETRY, "@checkpoint with unreadable metadata");
	dq_buf_release(&bytes);
	return metadata;
}

static struct dq_kafka_place *
place_of(struct dq_kafka_producer *p, const struct dq_control_offset *offset)
{
	struct dq_kafka_place *place;

	for (size_t i = 0; i < p->place_count; i++)
		if (p->places[i].partition == offset->partition &&
		    dq_slice_is(offset->topic, p->places[i].topic))
			return &p->places[i];
	p->places =
	    dq_realloc_array(p->places, p->place_count + 1, sizeof(*p->places));
	place = &p->places[p->place_count++];
	*place = (struct dq_kafka_place){
	    .topic = dq_strndup(offset->topic.data, offset->topic.len),
	    .partition = offset->partition,
	    .offset = -1,
	};
	return place;
}

void
dq_kafka_transaction_forget(struct dq_kafka_producer *p)
{
	for (size_t i = 0; i < p->place_count; i++)
		free(p->places[i].topic);
	free(p->places);
	p->places = NULL;
	p->place_count = 0;
}

/* The offsets that moved since the last commit. */
static rd_kafka_topic_partition_list_t *
moved(struct dq_kafka_producer *p, const struct dq_control *control)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(8);
	struct dq_json_iter iter = dq_control_offsets(control);
	struct dq_control_offset offset;

	while (dq_control_offset(&iter, &offset)) {
		struct dq_kafka_place *place = place_of(p, &offset);

		if (place->offset == offset.offset)
			continue;
		place->offset = offset.offset;
		rd_kafka_topic_partition_list_add(
		    list, place->topic, place->partition)
		    ->offset = offset.offset;
	}
	return list;
}

bool
dq_kafka_transaction_fenced(const struct dq_kafka_producer *p,
    rd_kafka_resp_err_t code, struct dq_err *err)
{
	if (code != RD_KAFKA_RESP_ERR__FENCED &&
	    code != RD_KAFKA_RESP_ERR_PRODUCER_FENCED &&
	    code != RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
		return false;
	dq_err_code(err, DQ_EXIT_RETRY,
	    "transactional id %s: another process has taken it: give each its "
	    "own --instance",
	    p->id.data);
	return true;
}

/* Whatever went wrong: abort if that is possible, and never try again with
 * anything else (rule 15). */
static bool
give_up(struct dq_kafka_producer *p, const char *step, rd_kafka_error_t *error,
    struct dq_err *err)
{
	if (!dq_kafka_transaction_fenced(p, rd_kafka_error_code(error), err))
		dq_err_code(err, DQ_EXIT_RETRY, "%s: %s: %s", p->id.data, step,
		    rd_kafka_error_string(error));
	if (!rd_kafka_error_is_fatal(error))
		rd_kafka_error_destroy(
		    rd_kafka_abort_transaction(p->client.rk, p->limit));
	rd_kafka_error_destroy(error);
	p->open = false;
	return false;
}

/* All is acknowledged. */
static bool
flush(struct dq_kafka_producer *p, struct dq_err *err)
{
	while (
	    rd_kafka_flush(p->client.rk, 100) != 0 && !p->failed && !p->give_up)
		if (!dq_kafka_client_alive(&p->client, err))
			return false;
	return !p->failed && !p->give_up;
}

static bool
commit(struct dq_kafka_producer *p, struct dq_err *err)
{
	rd_kafka_error_t *error = NULL;

	if (!p->open) {
		error = rd_kafka_begin_transaction(p->client.rk);
		if (error)
			return give_up(p, "begin", error, err);
		p->open = true;
	}
	if (!flush(p, err))
		return false;
	error = rd_kafka_send_offsets_to_transaction(
	    p->client.rk, p->offsets, p->metadata, p->limit);
	if (error)
		return give_up(p, "offsets", error, err);
	error = rd_kafka_commit_transaction(p->client.rk, p->limit);
	if (error)
		return give_up(p, "commit", error, err);
	p->open = false;
	dq_kafka_client_heard(&p->client);
	return true;
}

static void
make_commit(void *context)
{
	struct dq_kafka_producer *p = context;
	struct dq_err err = {.code = DQ_EXIT_RETRY}; /* given up: no words */

	if (!commit(p, &err) && !p->failed) {
		p->failed = true;
		p->err = err;
	}
	rd_kafka_topic_partition_list_destroy(p->offsets);
	rd_kafka_consumer_group_metadata_destroy(p->metadata);
}

static void
begin_commit(struct dq_kafka_producer *p,
    rd_kafka_topic_partition_list_t *offsets,
    rd_kafka_consumer_group_metadata_t *metadata)
{
	p->offsets = offsets;
	p->metadata = metadata;
	p->committing = true;
	dq_kafka_producer_begin(p, make_commit, p);
}

bool
dq_kafka_transaction_commit(struct dq_kafka_producer *p,
    const struct dq_control *control, struct dq_err *err)
{
	rd_kafka_consumer_group_metadata_t *metadata = NULL;
	rd_kafka_topic_partition_list_t *offsets;
	bool good = true;

	if (!dq_kafka_producer_settle(p, err))
		return false;
	offsets = moved(p, control);
	/* Lines without offsets would be committed by nobody's leave. */
	if (!offsets->cnt && p->open)
		good = dq_err_code(err, DQ_EXIT_RETRY,
		    "records before a @checkpoint whose offsets stand still");
	if (good && offsets->cnt) {
		metadata = read_metadata(control, err);
		good = metadata;
	}
	if (metadata)
		begin_commit(p, offsets, metadata);
	else
		rd_kafka_topic_partition_list_destroy(offsets);
	return good;
}
