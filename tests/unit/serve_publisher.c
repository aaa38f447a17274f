/* The publisher against a broker of our own making, which comes and goes. */
#include "serve/publisher.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/spool.h"
#include "unit.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/dq-publisher-XXXXXX";
static struct dq_err err;
static atomic_bool up;
static atomic_int failures; /* of the next flushes */

/* What the broker has, by topic. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char topic[24];
	int customer, number;
} got[200000];
static int got_count;

struct fake {
	struct dq_sink sink;
	struct {
		char topic[24];
		int customer, number;
	} held[40000];
	int count;
};

static void
finished(struct dq_out *out, struct dq_slice key)
{
	struct fake *f = out->port;
	const char *line = out->buf.data + out->line_begin;

	f->held[f->count].customer = (int)strtol(key.data + 1, NULL, 10);
	f->held[f->count].number = (int)strtol(line + 5, NULL, 10);
	snprintf(f->held[f->count++].topic, 24, "%.*s", (int)out->topic.len,
	    out->topic.data);
}

static bool
give(struct dq_sink *sink, bool all, struct dq_err *why)
{
	(void)all;
	(void)why;
	sink->out.buf.len = 0;
	return true;
}

static bool
flush(struct dq_sink *sink, struct dq_err *why)
{
	struct fake *f = (struct fake *)sink;
	bool fails;

	while (!atomic_load(&up)) {
		usleep(2000);
		if (!sink->waiting(sink->context, why))
			return false;
	}
	/* Of a few records half may be none. */
	fails = f->count >= 100 && atomic_load(&failures) > 0;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < f->count / (fails ? 2 : 1); i++) {
		memcpy(got[got_count].topic, f->held[i].topic, 24);
		got[got_count].customer = f->held[i].customer;
		got[got_count++].number = f->held[i].number;
	}
	pthread_mutex_unlock(&lock);
	f->count = 0;
	if (!fails)
		return true;
	atomic_fetch_sub(&failures, 1);
	return dq_err_code(why, DQ_EXIT_RETRY, "half of it was delivered");
}

static bool
leave(struct dq_sink *sink, bool good, struct dq_err *why)
{
	(void)good;
	(void)why;
	dq_buf_release(&sink->out.buf);
	free(sink);
	return true;
}

static const struct dq_sink_kind kind = {give, flush, NULL, NULL, leave, NULL};

static struct dq_sink *
connect_fake(const char *topics, bool transactional,
    const struct dq_kafka_options *options, struct dq_err *why)
{
	struct fake *f;

	CHECK_TEXT(DQ_SLICE(topics),
	    "predictions-stream,interventions-stream,dashboard-updates");
	CHECK(!transactional);
	while (!atomic_load(&up)) {
		usleep(2000);
		if (*options->stop) {
			dq_err_code(why, DQ_EXIT_RETRY, "stopped");
			return NULL;
		}
	}
	f = dq_calloc(1, sizeof(*f));
	f->sink.kind = &kind;
	f->sink.out.finished = finished;
	f->sink.out.port = f;
	return &f->sink;
}

static bool
is_up(struct dq_sink *sink)
{
	(void)sink;
	return atomic_load(&up);
}

static const struct dq_kafka fake_kafka = {
    .sink = connect_fake, .reachable = is_up};

static volatile sig_atomic_t stop;
static struct dq_kafka_options options = {
    .spool = dir, .spool_limit = DQ_SPOOL_LIMIT_MIN, .stop = &stop};

static bool
put(struct dq_publisher *p, enum dq_kind what, int number)
{
	char line[128], key[16];
	int n = snprintf(line, sizeof(line), "{\"n\":%d,\"%075d\"}", number, 0);

	snprintf(key, sizeof(key), "C%d", number % 5);
	return dq_publisher_put(
	    p, what, DQ_SLICE(key), (struct dq_slice){line, (size_t)n}, false);
}

static void
wait_for(struct dq_publisher *p, enum dq_publisher_state state, int64_t records)
{
	int64_t end = dq_clock_steady() + 20 * DQ_SECOND;
	struct dq_publisher_figures f;

	do {
		f = dq_publisher_figures(p);
		usleep(1000);
	} while ((f.state != state || f.records != records) &&
		 dq_clock_steady() < end);
	CHECK_INT(f.state, state);
	CHECK_INT(f.records, records);
}

/* All numbers of that topic up to `count`, each customer's in order where one
 * comes for the first time. Returns how many came, repeats included. */
static int
check_topic(const char *topic, int count)
{
	int last[5] = {-1, -1, -1, -1, -1}, all = 0, distinct = 0;

	for (int i = 0; i < got_count; i++) {
		int c = got[i].customer;

		if (strcmp(got[i].topic, topic) != 0)
			continue;
		all++;
		CHECK_INT(got[i].number % 5, c);
		if (got[i].number <= last[c])
			continue; /* again */
		CHECK(last[c] < 0 || got[i].number == last[c] + 5);
		last[c] = got[i].number;
		distinct++;
	}
	CHECK_INT(distinct, count);
	return all;
}

static void
check_away(void)
{
	struct dq_publisher *p = dq_publisher_open(&fake_kafka, &options, &err);
	int n = 0;

	CHECK(p);
	wait_for(p, DQ_PUBLISHER_AWAY, 0);
	for (; n < 100; n++)
		CHECK(put(p, DQ_KIND_PREDICTION, n));
	CHECK_INT(dq_publisher_figures(p).records, 200);
	CHECK(dq_publisher_close(p, &err));
	/* they are there for the next one, which finds a broker */
	p = dq_publisher_open(&fake_kafka, &options, &err);
	CHECK_INT(dq_publisher_figures(p).records, 200);
	atomic_store(&up, true);
	wait_for(p, DQ_PUBLISHER_REACHABLE, 0);
	for (; n < 200; n++)
		CHECK(put(p, DQ_KIND_PREDICTION, n));
	wait_for(p, DQ_PUBLISHER_REACHABLE, 0);
	/* it goes while there is nothing to send, and that is seen */
	atomic_store(&up, false);
	wait_for(p, DQ_PUBLISHER_AWAY, 0);
	/* full: nothing is taken in half */
	while (put(p, DQ_KIND_PREDICTION, n))
		n++;
	CHECK_INT(dq_publisher_figures(p).state, DQ_PUBLISHER_FULL);
	CHECK_INT(dq_publisher_figures(p).records, 2 * (n - 200));
	CHECK_INT(dq_publisher_figures(p).refused, 1);
	CHECK(!dq_publisher_ready(p));
	/* what was given comes twice where half of it was delivered */
	atomic_store(&failures, 2);
	atomic_store(&up, true);
	wait_for(p, DQ_PUBLISHER_REACHABLE, 0);
	CHECK(put(p, DQ_KIND_PREDICTION, n++));
	wait_for(p, DQ_PUBLISHER_REACHABLE, 0);
	CHECK_INT(dq_publisher_figures(p).published, n - 100);
	CHECK(dq_publisher_close(p, &err));
	CHECK(check_topic("predictions-stream", n) > n);
	CHECK(check_topic("dashboard-updates", n) > n);
	CHECK_INT(check_topic("interventions-stream", 0), 0);
}

static void
check_topics(void)
{
	struct dq_publisher *p = dq_publisher_open(&fake_kafka, &options, &err);

	got_count = 0;
	CHECK(put(p, DQ_KIND_INTERVENTION, 0));
	CHECK(put(p, DQ_KIND_REVIEW, 1));
	CHECK(put(p, DQ_KIND_OUTCOME, 2));
	CHECK(put(p, DQ_KIND_DASHBOARD, 0));
	wait_for(p, DQ_PUBLISHER_REACHABLE, 0);
	CHECK(dq_publisher_close(p, &err));
	CHECK_INT(check_topic("interventions-stream", 3), 3);
	CHECK_INT(check_topic("dashboard-updates", 1), 1);
	CHECK_INT(check_topic("predictions-stream", 0), 0);
}

static void
check_none(void)
{
	struct dq_kafka_options without = {0};

	CHECK(!dq_publisher_open(&fake_kafka, &without, &err));
	CHECK(!err.text[0]);
	CHECK(put(NULL, DQ_KIND_PREDICTION, 1));
	CHECK_INT(dq_publisher_figures(NULL).state, DQ_PUBLISHER_NONE);
	CHECK(dq_publisher_close(NULL, &err));
	without = options;
	without.spool_limit = 1000;
	CHECK(!dq_publisher_open(&fake_kafka, &without, &err));
	CHECK_INT(err.code, DQ_EXIT_USAGE);
}

static void
remove_directory(void)
{
	DIR *files = opendir(dir);
	struct dirent *file;

	while ((file = readdir(files)))
		(void)unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	rmdir(dir);
}

int
main(void)
{
	CHECK(mkdtemp(dir));
	check_away();
	check_topics();
	check_none();
	remove_directory();
	return unit_done();
}
