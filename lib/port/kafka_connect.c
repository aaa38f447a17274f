/* How a consumer begins: its settings, its queue, its group or partitions. */
#include "port/kafka_source.h"

#include <sys/eventfd.h>

static bool
open_client(struct dq_kafka_source *k, struct dq_err *err)
{
	const struct dq_kafka_setting settings[] = {
	    {"group.id", k->group ? k->group : k->options->tool, false},
	    {"group.instance.id", k->group ? k->options->instance : NULL,
		false},
	    {"enable.auto.commit", "false", false},
	    {"enable.auto.offset.store", "false", false},
	    {"isolation.level", "read_committed", false},
	    {"partition.assignment.strategy", "range", false},
	    {"enable.partition.eof", "true", false},
	    {"auto.offset.reset", "error", false},
	    {"session.timeout.ms", "10000", true},
	    {"heartbeat.interval.ms", "1000", true},
	    /* A partition at its end must not hold up the others for long. */
	    {"fetch.wait.max.ms", "20", true},
	    /* Behind, many of one partition in a row: its customers come again
	     * and again before their state is saved, once for all of it. */
	    {"fetch.message.max.bytes", "16777216", true},
	    {DQ_KAFKA_BACKOFF, dq_kafka_has_backoff() ? "10" : NULL, true},
	    {NULL, NULL, false},
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set_rebalance_cb(conf, dq_kafka_rebalance);
	if (!dq_kafka_client_open(
		&k->client, RD_KAFKA_CONSUMER, k->options, conf, settings, err))
		return false;
	if (k->options->wait / 1000 <
	    dq_kafka_client_number(&k->client, "max.poll.interval.ms"))
		return true;
	return dq_err_code(err, DQ_EXIT_USAGE,
	    "max.poll.interval.ms must be longer than --wait");
}

static bool
subscribe(struct dq_kafka_source *k, struct dq_err *err)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code;

	list = rd_kafka_topic_partition_list_new((int)k->topic_count);
	for (size_t i = 0; i < k->topic_count; i++)
		rd_kafka_topic_partition_list_add(
		    list, k->topics[i], RD_KAFKA_PARTITION_UA);
	code = rd_kafka_subscribe(k->client.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return !code ||
	       dq_err_code(err, DQ_EXIT_RETRY, "%s", rd_kafka_err2str(code));
}

bool
dq_kafka_connect(struct dq_kafka_source *k, struct dq_err *err)
{
	static const uint64_t one = 1;

	if (!dq_kafka_range_read(&k->range, &k->options->offset, err))
		return false;
	if (k->group &&
	    (k->range.start == DQ_KAFKA_AT || k->range.start == DQ_KAFKA_LAST ||
		k->range.stop_time >= 0))
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "-o: a group goes on where it is: stored, or beginning, "
		    "end or s@TIME for the first time");
	if (!open_client(k, err) || !dq_kafka_client_reach(&k->client, err))
		return false;
	rd_kafka_poll_set_consumer(k->client.rk);
	k->queue = rd_kafka_queue_get_consumer(k->client.rk);
	k->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rd_kafka_queue_io_event_enable(k->queue, k->wake, &one, sizeof(one));
	dq_kafka_refill_start(&k->refill, k->client.rk);
	for (size_t t = 0; t < k->topic_count; t++)
		if (dq_kafka_partitions(&k->client, k->topics[t], err) < 0)
			return false;
	if (k->group) {
		dq_kafka_begin(k);
		return subscribe(k, err);
	}
	if (dq_kafka_assign_all(k))
		return true;
	*err = k->source.err;
	return false;
}
