#include "port/spool_sink.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/bundle.h"
#include "port/spool_sender.h"

#include <stdlib.h>

#define BLOCK_SIZE (64u << 10)
#define LOOK_AROUND 100	      /* ms */
#define GRACE (5 * DQ_SECOND) /* to deliver when asked to stop */

struct spool_sink {
	struct dq_sink sink;
	const struct dq_kafka_options *options;
	struct dq_spool *spool;
	struct dq_sender *sender;
	struct dq_bundle lines;
	int64_t away_since; /* of the closing; 0: a broker answers */
	int64_t stopped_at;
};

static struct spool_sink *
inside(struct dq_sink *sink)
{
	return (struct spool_sink *)sink;
}

static void
finished(struct dq_out *out, struct dq_slice key)
{
	struct spool_sink *s = out->port;

	dq_bundle_add(&s->lines, out, key, -1);
}

static bool
stopped(const struct spool_sink *s)
{
	return s->options->stop && *s->options->stop;
}

/* The spool is full. Who is asked to stop puts the rest in all the same. */
static bool
wait_for_room(struct spool_sink *s, struct dq_err *err)
{
	dq_spool_wait_room(s->spool, LOOK_AROUND);
	if (dq_sender_failed(s->sender, err))
		return false;
	return !s->sink.waiting || s->sink.waiting(s->sink.context, err);
}

static bool
put(struct spool_sink *s, const struct dq_bundle_line *line, struct dq_err *err)
{
	const struct dq_spool_entry entry = {.key = line->key,
	    .line = line->bytes,
	    .partition = line->partition};

	for (;;) {
		switch (dq_spool_put(s->spool, &entry, 1, stopped(s), err)) {
		case DQ_SPOOL_OK:
			return true;
		case DQ_SPOOL_FAILED:
			return false;
		case DQ_SPOOL_FULL:
			break;
		}
		if (!wait_for_room(s, err))
			return false;
	}
}

static bool
write_lines(struct dq_sink *sink, bool all, struct dq_err *err)
{
	struct spool_sink *s = inside(sink);
	struct dq_bundle_line line;
	bool good;

	if (sink->out.buf.len < BLOCK_SIZE && !all)
		return true;
	good = !dq_sender_failed(s->sender, err);
	while (good && dq_bundle_next(&s->lines, &sink->out.buf, &line))
		good = put(s, &line, err);
	dq_bundle_clear(&s->lines, &sink->out.buf);
	return good;
}

static bool
sync_lines(struct dq_sink *sink, struct dq_err *err)
{
	return write_lines(sink, true, err) &&
	       dq_spool_sync(inside(sink)->spool, err);
}

static bool
mark(struct dq_sink *sink, const struct dq_control *control,
    struct dq_slice line, struct dq_err *err)
{
	(void)line;
	if (inside(sink)->options->plain || control->mark != DQ_MARK_BEGIN)
		return true;
	return dq_err_code(err, DQ_EXIT_USAGE,
	    "--spool keeps records at least once, and what comes with "
	    "checkpoints is exactly once: leave it out, or give the reader of "
	    "the topic --plain");
}

static bool
state(struct dq_sink *sink, const struct dq_control *control,
    const struct dq_control_state *row, struct dq_err *err)
{
	(void)sink;
	(void)control;
	(void)row;
	return dq_err_code(err, DQ_EXIT_USAGE,
	    "--spool keeps no state: --state DIR, or leave it out");
}

/* Is it worth while to wait on for what is not delivered yet? */
static bool
more(void *context, const struct dq_sender *sender)
{
	struct spool_sink *s = context;
	int64_t now = dq_clock_steady();

	if (dq_sender_reachable(sender))
		s->away_since = 0;
	else if (!s->away_since)
		s->away_since = now;
	if (stopped(s) && !s->stopped_at)
		s->stopped_at = now;
	if (s->stopped_at)
		return !s->away_since && now - s->stopped_at < GRACE;
	return !s->away_since || now - s->away_since < s->options->timeout;
}

/* What is left is for the next run, which begins with it. */
static bool
tell_left(struct spool_sink *s, struct dq_err *err)
{
	int64_t records = dq_spool_figures(s->spool).records;

	if (!records)
		return true;
	if (!s->stopped_at)
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "--spool: %s: no broker answered: %lld records wait there; "
		    "the next run with it sends them",
		    s->options->spool, (long long)records);
	dq_warn("--spool", "%s: %lld records wait there for the next run",
	    s->options->spool, (long long)records);
	return true;
}

static bool
close_sink(struct dq_sink *sink, bool good, struct dq_err *err)
{
	struct spool_sink *s = inside(sink);
	bool sent = !good || write_lines(sink, true, err);
	struct dq_err failure = {0};

	if (sent)
		sent = dq_spool_sync(s->spool, err);
	if (!dq_sender_close(
		s->sender, sent && good ? more : NULL, s, &failure)) {
		*err = failure;
		sent = false;
	}
	if (sent && good)
		sent = tell_left(s, err);
	if (!dq_spool_close(s->spool, &failure) && sent) {
		*err = failure;
		sent = false;
	}
	dq_bundle_release(&s->lines);
	dq_buf_release(&sink->out.buf);
	free(s);
	return sent;
}

static const struct dq_sink_kind kind = {
    write_lines, sync_lines, mark, state, close_sink, NULL};

struct dq_sink *
dq_spool_sink_open(const struct dq_kafka *kafka, const char *topics,
    const struct dq_kafka_options *options, struct dq_err *err)
{
	struct spool_sink *s;
	struct dq_spool *spool =
	    dq_spool_open(options->spool, topics, options->spool_limit, err);

	if (!spool)
		return NULL;
	s = dq_calloc(1, sizeof(*s));
	s->sink.kind = &kind;
	s->sink.out.partition = -1;
	s->sink.out.finished = finished;
	s->sink.out.port = s;
	s->options = options;
	s->spool = spool;
	s->sender = dq_sender_open(spool, kafka, topics, options, false);
	return &s->sink;
}
