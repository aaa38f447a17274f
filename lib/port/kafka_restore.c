#include "port/kafka_restore.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/kafka_client.h"
#include "port/kafka_refill.h"

#include <stdlib.h>

/* Longer than a dead sink's transaction may stand in the way. */
#define QUIET_LIMIT (80 * DQ_SECOND)
#define TELL_EVERY (5 * DQ_SECOND)
#define BATCH 4096

struct dq_kafka_table {
	struct dq_kafka_restore restore;
	bool follow;	     /* when the end is reached, that is not all */
	int32_t *partitions; /* of the restore, where they are all */
	struct dq_kafka_client client;
	rd_kafka_queue_t *queue;
	rd_kafka_message_t *batch[BATCH];
	struct dq_kafka_refill refill;
	int64_t *high;	  /* watermarks, open transactions included */
	int64_t *reached; /* offsets passed */
	size_t left;
	int64_t rows, begun, told, heard;
};

static bool
open_handle(struct dq_kafka_client *client,
    const struct dq_kafka_options *options, const char *isolation,
    struct dq_err *err)
{
	const struct dq_kafka_setting settings[] = {
	    {"group.id", options->tool, false},
	    {"enable.auto.commit", "false", false},
	    {"enable.partition.eof", "true", false},
	    {"auto.offset.reset", "earliest", false},
	    {"isolation.level", isolation, false},
	    {"fetch.wait.max.ms", "100", true},
	    {DQ_KAFKA_BACKOFF, dq_kafka_has_backoff() ? "10" : NULL, true},
	    {NULL, NULL, false},
	};

	return dq_kafka_client_open(client, RD_KAFKA_CONSUMER, options,
	    rd_kafka_conf_new(), settings, err);
}

static bool
watermark(struct dq_kafka_client *client, struct dq_kafka_table *r, size_t i,
    struct dq_err *err)
{
	int64_t end = dq_clock_steady() + client->options->timeout, low;
	rd_kafka_resp_err_t code;

	do {
		code = rd_kafka_query_watermark_offsets(client->rk,
		    r->restore.topic, r->restore.partitions[i], &low,
		    &r->high[i], 2000);
		if (!code) {
			r->reached[i] = low;
			return true;
		}
		if (!r->restore.waiting(r->restore.context, err))
			return false;
	} while (dq_clock_steady() < end && dq_kafka_client_alive(client, err));
	return dq_err_code(err, DQ_EXIT_RETRY, "%s[%d]: %s", r->restore.topic,
	    r->restore.partitions[i], rd_kafka_err2str(code));
}

static void
take_all(struct dq_kafka_table *r, int32_t count)
{
	r->partitions = dq_calloc((size_t)count + 1, sizeof(*r->partitions));
	for (int32_t i = 0; i < count; i++)
		r->partitions[i] = i;
	r->restore.partitions = r->partitions;
	r->restore.count = (size_t)count;
	r->restore.total = count;
}

/* A read_committed handle would name the last *stable* offset: everything of a
 * transaction whose marker has not come yet would be missed. */
static bool
watermarks(struct dq_kafka_table *r, const struct dq_kafka_options *options,
    struct dq_err *err)
{
	struct dq_kafka_client client;
	int32_t count;
	bool good;

	if (!open_handle(&client, options, "read_uncommitted", err))
		return false;
	count = dq_kafka_partitions(&client, r->restore.topic, err);
	good = count >= 0;
	if (good && !r->restore.partitions)
		take_all(r, count);
	if (good && count != r->restore.total)
		good = dq_err_code(err, DQ_EXIT_USAGE,
		    "%s has %d partitions, the input has %d: they must be as "
		    "many",
		    r->restore.topic, count, r->restore.total);
	r->high = dq_calloc(r->restore.count + 1, sizeof(*r->high));
	r->reached = dq_calloc(r->restore.count + 1, sizeof(*r->reached));
	for (size_t i = 0; good && i < r->restore.count; i++)
		good = watermark(&client, r, i, err);
	rd_kafka_destroy(client.rk);
	return good;
}

static bool
take(struct dq_kafka_table *r, const rd_kafka_message_t *m, struct dq_err *err)
{
	const struct dq_kafka_restore *restore = &r->restore;
	size_t i = 0;

	if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return true; /* tried again; silence has its limit */
	while (i < restore->count && restore->partitions[i] != m->partition)
		i++;
	if (i == restore->count)
		return true;
	r->heard = dq_clock_steady();
	if (r->reached[i] < r->high[i]) {
		int64_t next = m->err ? m->offset : m->offset + 1;

		if (next > r->reached[i])
			r->reached[i] = next;
		if (r->reached[i] >= r->high[i])
			r->left--;
	}
	if (m->err)
		return true;
	r->rows++;
	return restore->row(restore->context, m->partition,
	    (struct dq_slice){m->key ? m->key : "", m->key_len},
	    (struct dq_slice){m->payload ? m->payload : "", m->len}, err);
}

static void
tell(struct dq_kafka_table *r, bool last)
{
	int64_t now = dq_clock_steady();

	if (!last && now - r->told < TELL_EVERY)
		return;
	if (last && now - r->begun < DQ_SECOND)
		return;
	r->told = now;
	dq_warn(r->restore.topic, "%lld rows read in %.1f s%s",
	    (long long)r->rows, (double)(now - r->begun) / 1e6,
	    last ? "" : ", more to come");
}

static bool
take_batch(struct dq_kafka_table *r, int wait, struct dq_err *err)
{
	ssize_t n =
	    rd_kafka_consume_batch_queue(r->queue, wait, r->batch, BATCH);
	bool good = true;

	for (ssize_t i = 0; i < n; i++) {
		good = good && take(r, r->batch[i], err);
		rd_kafka_message_destroy(r->batch[i]);
	}
	return good;
}

static bool
read_rows(struct dq_kafka_table *r, struct dq_err *err)
{
	bool good = true;

	while (good && r->left) {
		good = take_batch(r, 20, err);
		if (rd_kafka_queue_length(r->queue) < DQ_KAFKA_LOW)
			dq_kafka_refill_ask(&r->refill);
		tell(r, false);
		good = good && r->restore.waiting(r->restore.context, err) &&
		       dq_kafka_client_alive(&r->client, err);
		if (good && dq_clock_steady() - r->heard > QUIET_LIMIT)
			good = dq_err_code(err, DQ_EXIT_RETRY,
			    "%s: its end is not to be had: a transaction "
			    "stands open",
			    r->restore.topic);
	}
	return good;
}

static bool
assign(struct dq_kafka_table *r, struct dq_err *err)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)r->restore.count);
	rd_kafka_resp_err_t code;

	for (size_t i = 0; i < r->restore.count; i++) {
		bool more = r->reached[i] < r->high[i];

		if (!more && !r->follow)
			continue;
		rd_kafka_topic_partition_list_add(
		    list, r->restore.topic, r->restore.partitions[i])
		    ->offset = r->reached[i];
		r->left += more;
	}
	code = rd_kafka_assign(r->client.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return !code ||
	       dq_err_code(err, DQ_EXIT_RETRY, "%s", rd_kafka_err2str(code));
}

static bool
consume(struct dq_kafka_table *r, const struct dq_kafka_options *options,
    struct dq_err *err)
{
	if (!open_handle(&r->client, options, "read_committed", err))
		return false;
	rd_kafka_poll_set_consumer(r->client.rk);
	r->queue = rd_kafka_queue_get_consumer(r->client.rk);
	dq_kafka_refill_start(&r->refill, r->client.rk);
	return assign(r, err) && read_rows(r, err);
}

void
dq_kafka_table_close(struct dq_kafka_table *r)
{
	if (!r)
		return;
	if (r->queue) {
		dq_kafka_refill_stop(&r->refill);
		rd_kafka_queue_destroy(r->queue);
		rd_kafka_consumer_close(r->client.rk);
	}
	if (r->client.rk)
		rd_kafka_destroy(r->client.rk);
	free(r->high);
	free(r->reached);
	free(r->partitions);
	free(r);
}

static struct dq_kafka_table *
open_table(const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, bool follow, struct dq_err *err)
{
	struct dq_kafka_table *r = dq_calloc(1, sizeof(*r));

	r->restore = *restore;
	r->follow = follow;
	r->begun = r->told = r->heard = dq_clock_steady();
	if (watermarks(r, options, err) && consume(r, options, err)) {
		tell(r, true);
		return r;
	}
	dq_kafka_table_close(r);
	return NULL;
}

struct dq_kafka_table *
dq_kafka_table_open(const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, struct dq_err *err)
{
	return open_table(options, restore, true, err);
}

bool
dq_kafka_table_more(struct dq_kafka_table *table, struct dq_err *err)
{
	return take_batch(table, 0, err) &&
	       dq_kafka_client_alive(&table->client, err);
}

bool
dq_kafka_restore(const struct dq_kafka_options *options,
    const struct dq_kafka_restore *restore, struct dq_err *err)
{
	struct dq_kafka_table *r = open_table(options, restore, false, err);
	bool good = r != NULL;

	dq_kafka_table_close(r);
	return good;
}
