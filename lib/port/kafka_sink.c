#include "port/kafka_sink.h"

#include "base/mem.h"
#include "port/bundle.h"
#include "port/kafka_producer.h"
#include "port/kafka_target.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (256u << 10)
#define HELD_LIMIT (16u << 20) /* while the worker is busy */

struct kafka_sink {
	struct dq_sink sink;
	struct dq_kafka_producer *producer;
	bool owner;	     /* of the producer */
	unsigned generation; /* of the producer's handle, when targets opened */
	struct dq_kafka_targets targets;
	struct dq_bundle lines;
	struct given {
		struct dq_bundle lines;
		struct dq_buf bytes;
		bool failed;
		struct dq_err err;
	} given;		  /* to the worker */
	int32_t input_partitions; /* of the pipeline's input, -1: unknown */
	struct dq_kafka_targets changelogs; /* of @state lines */
	struct dq_buf row;		    /* the value of one */
};

static struct kafka_sink *
inside(struct dq_sink *sink)
{
	return (struct kafka_sink *)sink;
}

static void
finished(struct dq_out *out, struct dq_slice key)
{
	struct kafka_sink *k = out->port;

	dq_bundle_add(&k->lines, out, key,
	    dq_kafka_targets_named(&k->targets, out->topic));
}

static enum dq_kind
kind_of(struct dq_slice line)
{
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(line, &err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	enum dq_kind kind =
	    dq_kind_find(dq_json_text(dq_json_get(root, "event_type")));

	dq_json_free(doc);
	return kind;
}

/* A tick belongs to a partition: it goes to the same one of an output with as
 * many, from outside a topic to each, and ends elsewhere. */
static bool
put_tick(struct kafka_sink *k, const struct dq_kafka_target *target,
    int32_t partition, struct dq_slice line, struct dq_err *err)
{
	const struct dq_slice none = {NULL, 0};

	if (partition >= 0)
		return k->input_partitions != target->partitions ||
		       dq_kafka_produce(k->producer, target->handle, partition,
			   none, line, err);
	for (int32_t p = 0; p < target->partitions; p++)
		if (!dq_kafka_produce(
			k->producer, target->handle, p, none, line, err))
			return false;
	return true;
}

/* What is of no customer but of a partition, as the head of its chain of seals
 * is, stays there where it can. */
static int32_t
home(const struct kafka_sink *k, const struct dq_kafka_target *target,
    const struct dq_bundle_line *line)
{
	return !line->key.len && line->partition >= 0 &&
		       k->input_partitions == target->partitions
		   ? line->partition
		   : RD_KAFKA_PARTITION_UA;
}

static bool
put(struct kafka_sink *k, const struct dq_bundle_line *line, struct dq_err *err)
{
	struct dq_kafka_target *target = &k->targets.items[0];
	struct dq_slice key = line->key;
	enum dq_kind kind;

	if (line->target >= 0) {
		target = &k->targets.items[line->target];
	} else if (!key.len || k->targets.count > 1) {
		kind = kind_of(line->bytes);
		target = dq_kafka_targets_of(&k->targets, kind);
		if (kind == DQ_KIND_TICK)
			return put_tick(
			    k, target, line->partition, line->bytes, err);
	}
	if (!key.len)
		key.data = NULL; /* any partition */
	return dq_kafka_produce(k->producer, target->handle,
	    home(k, target, line), key, line->bytes, err);
}

static bool
open_targets(struct kafka_sink *k, struct dq_err *err)
{
	if (k->generation == k->producer->generation)
		return true;
	k->generation = k->producer->generation;
	return dq_kafka_targets_open(&k->targets, &k->producer->client, err);
}

static void
close_targets(struct kafka_sink *k)
{
	dq_kafka_targets_close(&k->targets);
	dq_kafka_targets_close(&k->changelogs);
}

static bool
put_lines(struct kafka_sink *k, struct dq_bundle *lines, struct dq_buf *bytes,
    struct dq_err *err)
{
	struct dq_bundle_line line;
	bool good = true;

	while (good && dq_bundle_next(lines, bytes, &line))
		good = put(k, &line, err);
	dq_bundle_clear(lines, bytes);
	return good;
}

/* The worker has nothing in hand, and what it had went well; if not, err says
 * it once. */
static bool
settle(struct kafka_sink *k, struct dq_err *err)
{
	bool failed;

	if (!dq_kafka_producer_settle(k->producer, err))
		return false;
	failed = k->given.failed;
	k->given.failed = false;
	if (failed)
		*err = k->given.err;
	return !failed;
}

static bool
put_all(struct kafka_sink *k, struct dq_err *err)
{
	struct dq_buf *bytes = &k->sink.out.buf;
	bool good = settle(k, err) && (!bytes->len || open_targets(k, err));

	if (!good)
		dq_bundle_clear(&k->lines, bytes);
	return good && put_lines(k, &k->lines, bytes, err);
}

static void
put_given(void *context)
{
	struct kafka_sink *k = context;
	struct given *given = &k->given;

	given->err = (struct dq_err){.code = DQ_EXIT_RETRY};
	given->failed =
	    !put_lines(k, &given->lines, &given->bytes, &given->err);
}

/* To the worker; the filter writes on meanwhile. */
static bool
give_all(struct kafka_sink *k, struct dq_err *err)
{
	struct dq_buf bytes;
	struct dq_bundle lines;

	if (!settle(k, err) || !open_targets(k, err))
		return false;
	bytes = k->sink.out.buf;
	k->sink.out.buf = k->given.bytes;
	k->given.bytes = bytes;
	lines = k->lines;
	k->lines = k->given.lines;
	k->given.lines = lines;
	k->producer->committing = false;
	dq_kafka_producer_begin(k->producer, put_given, k);
	return true;
}

/* What comes while the worker is busy waits. Behind a commit it is of the next
 * transaction, and the checkpoint of that one takes it along. */
static bool
write_lines(struct dq_sink *sink, bool all, struct dq_err *err)
{
	struct kafka_sink *k = inside(sink);
	bool busy = dq_kafka_producer_busy(k->producer);

	if (sink->out.buf.len < BLOCK_SIZE && !all)
		return true;
	if (sink->out.buf.len < HELD_LIMIT && busy &&
	    (!all || k->producer->committing))
		return true;
	if (!all)
		return give_all(k, err);
	return put_all(k, err) && dq_kafka_producer_pulse(k->producer, err);
}

static bool
sync_lines(struct dq_sink *sink, struct dq_err *err)
{
	struct kafka_sink *k = inside(sink);

	/* What a transaction holds is durable when it is committed. */
	return put_all(k, err) &&
	       (k->producer->transactional || dq_kafka_flush(k->producer, err));
}

static bool
alive(struct dq_sink *sink, struct dq_err *err)
{
	struct kafka_sink *k = inside(sink);

	return dq_kafka_producer_busy(k->producer) || settle(k, err);
}

static bool
put_state(struct kafka_sink *k, const struct dq_control_state *row,
    struct dq_err *err)
{
	struct dq_kafka_target *log = dq_kafka_targets_at(
	    &k->changelogs, row->topic, &k->producer->client, err);

	return log && dq_kafka_produce(k->producer, log->handle, row->partition,
			  row->key, row->value, err);
}

static bool
state(struct dq_sink *sink, const struct dq_control *control,
    const struct dq_control_state *row, struct dq_err *err)
{
	(void)control;
	return put_all(inside(sink), err) && put_state(inside(sink), row, err);
}

static bool
take_state(struct kafka_sink *k, struct dq_slice line, struct dq_err *err)
{
	struct dq_control_state row;
	struct yyjson_doc *doc;
	bool good = dq_control_state_read(line, &row, &doc, &k->row, err) &&
		    put_state(k, &row, err);

	dq_json_free(doc);
	return good;
}

/* The first of the input's topics decides. */
static bool
take_assign(
    struct kafka_sink *k, const struct dq_control *control, struct dq_err *err)
{
	struct dq_json_iter topics =
	    dq_json_iter(dq_json_get(control->body, "partitions"));
	struct dq_json_iter row;
	int64_t count = -1;

	if (!put_all(k, err))
		return false;
	if (dq_json_next(&topics)) {
		row = dq_json_iter(topics.value);
		if (dq_json_next(&row) && dq_json_next(&row))
			dq_json_int(row.value, &count);
	}
	k->input_partitions = (int32_t)count;
	dq_kafka_transaction_forget(k->producer);
	return true;
}

static bool
begin(
    struct kafka_sink *k, const struct dq_control *control, struct dq_err *err)
{
	if (!k->producer->transactional)
		close_targets(k);
	return dq_kafka_producer_upgrade(k->producer, err) &&
	       dq_kafka_transaction_limits(k->producer, control, err) &&
	       open_targets(k, err);
}

/* A source that ends well has a checkpoint behind its last line. */
static bool
end(struct kafka_sink *k, struct dq_err *err)
{
	return put_all(k, err) &&
	       (!k->producer->transactional || !k->producer->open ||
		   dq_err_code(err, DQ_EXIT_RETRY,
		       "@end with lines that no @checkpoint covers"));
}

static bool
mark(struct dq_sink *sink, const struct dq_control *control,
    struct dq_slice line, struct dq_err *err)
{
	struct kafka_sink *k = inside(sink);

	switch (control->mark) {
	case DQ_MARK_BEGIN:
		return k->producer->options->plain || begin(k, control, err);
	case DQ_MARK_ASSIGN:
		return take_assign(k, control, err);
	case DQ_MARK_STATE:
		return put_all(k, err) && take_state(k, line, err);
	case DQ_MARK_CHECKPOINT:
		return put_all(k, err) && (!k->producer->transactional ||
					      dq_kafka_transaction_commit(
						  k->producer, control, err));
	case DQ_MARK_END:
		return end(k, err);
	default:
		return true;
	}
}

static bool
close_sink(struct dq_sink *sink, bool good, struct dq_err *err)
{
	struct kafka_sink *k = inside(sink);
	bool sent = !good || put_all(k, err);

	dq_kafka_producer_abandon(k->producer); /* it has our lines */
	close_targets(k);
	if (k->owner) {
		sent = dq_kafka_producer_close(k->producer, good, err) && sent;
		free(k->producer);
	}
	dq_kafka_targets_release(&k->targets);
	dq_kafka_targets_release(&k->changelogs);
	dq_bundle_release(&k->lines);
	dq_bundle_release(&k->given.lines);
	dq_buf_release(&k->given.bytes);
	dq_buf_release(&k->row);
	dq_buf_release(&sink->out.buf);
	free(k);
	return sent;
}

static const struct dq_sink_kind kind = {
    write_lines, sync_lines, mark, state, close_sink, alive};

static struct kafka_sink *
new_sink(struct dq_kafka_producer *producer, const char *topics)
{
	struct kafka_sink *k = dq_calloc(1, sizeof(*k));

	k->sink.kind = &kind;
	k->sink.out.partition = -1;
	k->sink.out.finished = finished;
	k->sink.out.port = k;
	k->producer = producer;
	k->input_partitions = -1;
	dq_kafka_targets_init(&k->targets, topics);
	return k;
}

struct dq_sink *
dq_kafka_sink_open(const char *topics, bool transactional,
    const struct dq_kafka_options *options, struct dq_err *err)
{
	struct dq_kafka_producer *producer = dq_calloc(1, sizeof(*producer));
	struct kafka_sink *k = new_sink(producer, topics);

	k->owner = true;
	if (!k->targets.count)
		dq_err_code(err, DQ_EXIT_USAGE, "kafka: without a topic");
	else if (dq_kafka_producer_open(
		     producer, options, transactional, err) &&
		 open_targets(k, err)) {
		producer->sink = &k->sink;
		return &k->sink;
	}
	close_sink(&k->sink, false, &(struct dq_err){0});
	return NULL;
}

struct dq_sink *
dq_kafka_sink_beside(
    struct dq_sink *sink, const char *topic, struct dq_err *err)
{
	struct kafka_sink *k = new_sink(inside(sink)->producer, topic);

	if (sink->kind == &kind && open_targets(k, err))
		return &k->sink;
	return NULL;
}

bool
dq_kafka_is_sink(const struct dq_sink *sink)
{
	return sink->kind == &kind;
}

bool
dq_kafka_sink_reachable(struct dq_sink *sink)
{
	struct dq_kafka_producer *producer = inside(sink)->producer;

	if (!dq_kafka_producer_busy(producer))
		rd_kafka_poll(producer->client.rk, 0);
	return dq_kafka_client_answers(&producer->client);
}
