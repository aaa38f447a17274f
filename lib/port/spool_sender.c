#include "port/spool_sender.h"

#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is given to librdkafka at once, and again after a death. */
#define BATCH 10000
#define BATCH_BYTES (4u << 20)
#define LOOK_AROUND 100	       /* ms */
#define FOR_EVER (24 * DQ_DAY) /* librdkafka's limits are ms in an int */

struct dq_sender {
	struct dq_spool *spool;
	const struct dq_kafka *kafka;
	char *topics;
	struct dq_kafka_options options;
	bool stubborn;
	pthread_t thread;
	volatile sig_atomic_t stop; /* at once */
	atomic_bool closing;	    /* when all is delivered */
	atomic_bool ended;
	atomic_bool reachable;
	/* of the thread */
	struct dq_sink *sink;
	bool told; /* that records wait */
	int64_t warned;
	/* of both */
	pthread_mutex_t lock;
	struct dq_err err; /* it has failed */
};

/* The line that people wait for, once for each time. */
static void
note_reachable(struct dq_sender *s, bool reachable)
{
	int64_t records = dq_spool_figures(s->spool).records;

	atomic_store(&s->reachable, reachable);
	if (reachable == !s->told)
		return;
	s->told = !reachable;
	if (reachable)
		dq_warn("--spool",
		    "%s: a broker answers: %lld records that waited go out",
		    dq_spool_directory(s->spool), (long long)records);
	else
		dq_warn("--spool", "%s: no broker answers: records wait there",
		    dq_spool_directory(s->spool));
}

static void
fail(struct dq_sender *s, const struct dq_err *err)
{
	int64_t now = dq_clock_steady();

	if (!s->stubborn && err->code != DQ_EXIT_RETRY) {
		pthread_mutex_lock(&s->lock);
		s->err = *err;
		pthread_mutex_unlock(&s->lock);
		return;
	}
	if (!s->warned || now - s->warned > DQ_MINUTE)
		dq_warn("--spool", "%s; trying again", err->text);
	s->warned = now;
}

/* Called while the sink waits for a broker. */
static bool
look_around(void *context, struct dq_err *err)
{
	struct dq_sender *s = context;

	note_reachable(s, s->kafka->reachable(s->sink));
	return !s->stop || dq_err_code(err, DQ_EXIT_RETRY, "asked to stop");
}

/* Gives the sink up; what it was given and did not deliver is taken again. */
static void
drop_sink(struct dq_sender *s, const struct dq_err *why)
{
	struct dq_err err;

	if (!s->stop)
		fail(s, why);
	dq_sink_close(s->sink, false, &err);
	s->sink = NULL;
	dq_spool_rewind(s->spool);
}

static bool
open_sink(struct dq_sender *s)
{
	int64_t begun = dq_clock_steady();
	struct dq_err err;

	s->sink = s->kafka->sink(s->topics, false, &s->options, &err);
	if (s->sink) {
		s->sink->waiting = look_around;
		s->sink->context = s;
		if (dq_clock_steady() - begun > DQ_SECOND)
			s->told = true;
		note_reachable(s, true);
		return true;
	}
	if (!s->stop)
		fail(s, &err);
	return false;
}

static bool
put_line(
    struct dq_sender *s, const struct dq_spool_entry *entry, struct dq_err *err)
{
	struct dq_out *out = dq_sink_out(s->sink);

	out->topic = entry->topic;
	out->partition = entry->partition;
	dq_buf_slice(dq_out_begin(out), entry->line);
	dq_out_end(out, entry->key);
	return dq_sink_write(s->sink, false, err);
}

/* False with err set when the sink, or the spool, is of no more use. */
static bool
send_some(struct dq_sender *s, struct dq_err *err)
{
	struct dq_spool_entry entry;
	size_t bytes = 0;
	int n = 0;

	while (n < BATCH && bytes < BATCH_BYTES &&
	       dq_spool_take(s->spool, &entry, err)) {
		if (!put_line(s, &entry, err))
			return false;
		bytes += entry.line.len;
		n++;
	}
	if (!n && err->text[0])
		return false;
	if (n && !dq_sink_sync(s->sink, err))
		return false;
	if (n) {
		note_reachable(s, true);
		return dq_spool_deliver(s->spool, false, err);
	}
	if (!dq_spool_deliver(s->spool, true, err))
		return false;
	if (!atomic_load(&s->closing))
		dq_spool_wait_entry(s->spool, LOOK_AROUND);
	note_reachable(s, s->kafka->reachable(s->sink));
	return true;
}

static bool
done(struct dq_sender *s)
{
	return s->stop || s->err.text[0] ||
	       (atomic_load(&s->closing) &&
		   !dq_spool_figures(s->spool).records);
}

static void *
send_all(void *argument)
{
	struct dq_sender *s = argument;
	struct dq_err err;

	while (!done(s)) {
		if (!s->sink && !open_sink(s)) {
			for (int i = 0; i < 10 && !done(s); i++)
				usleep(LOOK_AROUND * 1000);
			continue;
		}
		if (!send_some(s, &err))
			drop_sink(s, &err);
	}
	if (s->sink)
		dq_sink_close(s->sink, false, &err);
	atomic_store(&s->ended, true);
	return NULL;
}

struct dq_sender *
dq_sender_open(struct dq_spool *spool, const struct dq_kafka *kafka,
    const char *topics, const struct dq_kafka_options *options, bool stubborn)
{
	struct dq_sender *s = dq_calloc(1, sizeof(*s));

	s->spool = spool;
	s->kafka = kafka;
	s->topics = dq_strdup(topics);
	s->options = *options;
	s->options.timeout = FOR_EVER;
	s->options.stop = &s->stop;
	s->stubborn = stubborn;
	s->told = dq_spool_figures(spool).records > 0;
	pthread_mutex_init(&s->lock, NULL);
	s->thread = dq_thread_start("--spool", send_all, s);
	return s;
}

bool
dq_sender_reachable(const struct dq_sender *s)
{
	return atomic_load(&s->reachable);
}

bool
dq_sender_failed(struct dq_sender *s, struct dq_err *err)
{
	bool failed;

	pthread_mutex_lock(&s->lock);
	failed = s->err.text[0];
	if (failed)
		*err = s->err;
	pthread_mutex_unlock(&s->lock);
	return failed;
}

bool
dq_sender_close(struct dq_sender *s,
    bool (*more)(void *context, const struct dq_sender *sender), void *context,
    struct dq_err *err)
{
	bool good;

	atomic_store(&s->closing, true);
	while (!atomic_load(&s->ended) && more && more(context, s))
		usleep(10000);
	s->stop = 1;
	pthread_join(s->thread, NULL);
	good = !dq_sender_failed(s, err);
	pthread_mutex_destroy(&s->lock);
	free(s->topics);
	free(s);
	return good;
}
