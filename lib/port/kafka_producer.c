#include "port/kafka_producer.h"

#include "base/lock.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INIT_SLICE 2000	 /* ms for one try to begin */
#define SETTLE_SLICE 100 /* ms of waiting before the source is served */

static void
delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
	struct dq_kafka_client *client = opaque;
	struct dq_kafka_producer *p =
	    (struct dq_kafka_producer *)((char *)client -
					 offsetof(
					     struct dq_kafka_producer, client));

	if (!message->err) {
		dq_kafka_client_heard(client);
		return;
	}
	/* Messages are purged when the handle failed: that is the reason. */
	if (!p->failed && !dq_kafka_transaction_fenced(
			      p, rd_kafka_fatal_error(rk, NULL, 0), &p->err))
		dq_err_code(&p->err,
		    message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
			? DQ_EXIT_DATA
			: DQ_EXIT_RETRY,
		    "%s[%d]: not delivered: %s",
		    rd_kafka_topic_name(message->rkt), message->partition,
		    rd_kafka_err2str(message->err));
	p->failed = true;
}

static bool
open_handle(struct dq_kafka_producer *p, struct dq_err *err)
{
	const struct dq_kafka_options *options = p->options;
	char timeout[32];
	const struct dq_kafka_setting settings[] = {
	    {"transactional.id", p->transactional ? p->id.data : NULL, false},
	    {"enable.idempotence", "true", false},
	    {"partitioner", "murmur2_random", false},
	    {"delivery.report.only.error", "false", false},
	    {"message.timeout.ms", p->transactional ? NULL : timeout, false},
	    /* Nobody sees a transaction's records before its commit, and that
	     * waits for none of them: large batches, fewer requests. */
	    {"linger.ms", p->transactional ? "100" : "5", true},
	    {"batch.num.messages", "10000", true},
	    {"queue.buffering.max.messages", "500000", true},
	    {"queue.buffering.max.kbytes", "262144", true},
	    {"message.max.bytes", "2000000", true},
	    {"transaction.timeout.ms", p->transactional ? "60000" : NULL, true},
	    {NULL, NULL, false},
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	snprintf(timeout, sizeof(timeout), "%lld",
	    (long long)(options->timeout / 1000));
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	p->generation++;
	return dq_kafka_client_open(
	    &p->client, RD_KAFKA_PRODUCER, options, conf, settings, err);
}

/* The same id twice is safe for the data and an endless fight for the two:
 * rule 12. The name lives as long as the process does. */
static bool
lock_id(struct dq_kafka_producer *p, struct dq_err *err)
{
	char name[108];

	snprintf(name, sizeof(name), "dq/%.40s/%.60s", p->options->servers,
	    p->id.data);
	p->lock = dq_lock_name(name);
	return p->lock >= 0 ||
	       dq_err_code(err, DQ_EXIT_USAGE, "transactional id %s: %s",
		   p->id.data,
		   errno == EADDRINUSE ? "in use by another process on this "
					 "machine: give each its "
					 "own --instance"
				       : strerror(errno));
}

static void
make_id(struct dq_kafka_producer *p)
{
	const struct dq_kafka_options *o = p->options;
	const char *group = o->group ? o->group : o->own_group;

	p->id.len = 0;
	if (o->transaction_id)
		dq_buf_str(&p->id, o->transaction_id);
	else
		dq_buf_printf(&p->id, "%s%s%s-%s", group ? group : "",
		    group ? "-" : "", o->tool, o->instance ? o->instance : "0");
	dq_buf_text(&p->id);
}

static bool
initialise(struct dq_kafka_producer *p, struct dq_err *err)
{
	int64_t end = dq_clock_steady() + p->options->timeout;
	rd_kafka_error_t *error;
	bool again, good;

	for (;;) {
		error = rd_kafka_init_transactions(p->client.rk, INIT_SLICE);
		if (!error)
			return true;
		again = rd_kafka_error_is_retriable(error) &&
			dq_clock_steady() < end &&
			!(p->options->stop && *p->options->stop) &&
			dq_kafka_client_alive(&p->client, err);
		good = again || dq_err_code(err, DQ_EXIT_RETRY, "%s: %s",
				    p->id.data, rd_kafka_error_string(error));
		rd_kafka_error_destroy(error);
		if (!good)
			return false;
		rd_kafka_poll(p->client.rk, 100);
		if (p->sink && p->sink->waiting &&
		    !p->sink->waiting(p->sink->context, err))
			return false;
	}
}

bool
dq_kafka_producer_open(struct dq_kafka_producer *p,
    const struct dq_kafka_options *options, bool transactional,
    struct dq_err *err)
{
	*p = (struct dq_kafka_producer){.options = options, .lock = -1};
	make_id(p);
	p->limit = (int)(options->wait / 1000 / DQ_KAFKA_STEPS);
	p->transactional = transactional;
	if (transactional && !lock_id(p, err))
		return false;
	return open_handle(p, err) && dq_kafka_client_reach(&p->client, err) &&
	       (!transactional || initialise(p, err));
}

bool
dq_kafka_producer_upgrade(struct dq_kafka_producer *p, struct dq_err *err)
{
	if (p->transactional)
		return true;
	if (!dq_kafka_producer_settle(p, err))
		return false;
	rd_kafka_destroy(p->client.rk);
	p->client.rk = NULL;
	p->transactional = true;
	return lock_id(p, err) && open_handle(p, err) && initialise(p, err);
}

static bool
failure(struct dq_kafka_producer *p, struct dq_err *err)
{
	*err = p->err;
	return false;
}

/* Something else happens meanwhile: reports come in, the source is served. */
static bool
wait_a_little(struct dq_kafka_producer *p, struct dq_err *err)
{
	rd_kafka_poll(p->client.rk, 50);
	if (p->failed)
		return failure(p, err);
	if (dq_kafka_producer_busy(p)) /* we are the worker */
		return !p->give_up && dq_kafka_client_alive(&p->client, err);
	if (p->sink && p->sink->waiting &&
	    !p->sink->waiting(p->sink->context, err))
		return false;
	return dq_kafka_client_alive(&p->client, err);
}

static bool
begin(struct dq_kafka_producer *p, struct dq_err *err)
{
	rd_kafka_error_t *error;

	if (!p->transactional || p->open)
		return true;
	error = rd_kafka_begin_transaction(p->client.rk);
	p->open = !error;
	if (error)
		dq_err_code(err, DQ_EXIT_RETRY, "%s: %s", p->id.data,
		    rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return p->open;
}

bool
dq_kafka_produce(struct dq_kafka_producer *p, rd_kafka_topic_t *topic,
    int32_t partition, struct dq_slice key, struct dq_slice value,
    struct dq_err *err)
{
	if (!begin(p, err))
		return false;
	while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY,
		   (void *)(uintptr_t)value.data, value.len, key.data, key.len,
		   NULL) < 0) {
		rd_kafka_resp_err_t code = rd_kafka_last_error();

		if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
			return dq_err_code(err, DQ_EXIT_DATA,
			    "%s: a line of %zu bytes is too long for a message "
			    "(message.max.bytes)",
			    rd_kafka_topic_name(topic), value.len);
		if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return dq_err_code(err, DQ_EXIT_RETRY, "%s: %s",
			    rd_kafka_topic_name(topic), rd_kafka_err2str(code));
		if (!wait_a_little(p, err))
			return false;
	}
	if (++p->calls % 256 == 0)
		rd_kafka_poll(p->client.rk, 0);
	return !p->failed || failure(p, err);
}

void
dq_kafka_producer_begin(
    struct dq_kafka_producer *p, void (*job)(void *context), void *context)
{
	if (!p->worker)
		p->worker = dq_worker_new("a producer");
	dq_worker_begin(p->worker, job, context);
}

bool
dq_kafka_producer_busy(const struct dq_kafka_producer *p)
{
	return dq_worker_busy(p->worker, 0);
}

bool
dq_kafka_producer_settle(struct dq_kafka_producer *p, struct dq_err *err)
{
	while (dq_worker_busy(p->worker, SETTLE_SLICE))
		if (p->sink && p->sink->waiting &&
		    !p->sink->waiting(p->sink->context, err))
			return false;
	return !p->failed || failure(p, err);
}

void
dq_kafka_producer_abandon(struct dq_kafka_producer *p)
{
	if (!dq_kafka_producer_busy(p))
		return;
	p->give_up = true;
	while (dq_worker_busy(p->worker, SETTLE_SLICE))
		;
}

bool
dq_kafka_producer_pulse(struct dq_kafka_producer *p, struct dq_err *err)
{
	if (dq_kafka_producer_busy(p))
		return true;
	rd_kafka_poll(p->client.rk, 0);
	if (p->failed)
		return failure(p, err);
	return !rd_kafka_outq_len(p->client.rk) ||
	       dq_kafka_client_alive(&p->client, err);
}

bool
dq_kafka_flush(struct dq_kafka_producer *p, struct dq_err *err)
{
	while (rd_kafka_flush(p->client.rk, 100) != 0)
		if (!wait_a_little(p, err))
			return false;
	return !p->failed || failure(p, err);
}

bool
dq_kafka_producer_close(
    struct dq_kafka_producer *p, bool good, struct dq_err *err)
{
	bool sent = true;

	if (!p->client.rk)
		return true;
	dq_kafka_producer_abandon(p);
	dq_worker_free(p->worker);
	if (p->transactional && p->open)
		rd_kafka_error_destroy(
		    rd_kafka_abort_transaction(p->client.rk, p->limit));
	else if (!p->transactional && good)
		sent = dq_kafka_flush(p, err);
	rd_kafka_purge(
	    p->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_destroy(p->client.rk);
	if (p->lock >= 0)
		close(p->lock);
	dq_kafka_transaction_forget(p);
	dq_buf_release(&p->id);
	return sent;
}
