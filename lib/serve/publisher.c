#include "serve/publisher.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/spool_sender.h"

#include <stdlib.h>

#define PREDICTIONS "predictions-stream"
#define INTERVENTIONS "interventions-stream"
#define DASHBOARD "dashboard-updates"
#define ROOM (64 << 10)
#define GRACE (5 * DQ_SECOND)

struct dq_publisher {
	struct dq_spool *spool;
	struct dq_sender *sender;
	int64_t published, refused;
	bool full;
	bool told; /* that the disk fails */
	int64_t closing;
};

struct dq_publisher *
dq_publisher_open(const struct dq_kafka *kafka,
    const struct dq_kafka_options *options, struct dq_err *err)
{
	static const char topics[] =
	    PREDICTIONS "," INTERVENTIONS "," DASHBOARD;
	struct dq_publisher *p;
	struct dq_spool *spool;

	err->text[0] = 0;
	if (!options->spool)
		return NULL;
	if (options->spool_limit < DQ_SPOOL_LIMIT_MIN) {
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--spool-limit: at least %lld bytes",
		    (long long)DQ_SPOOL_LIMIT_MIN);
		return NULL;
	}
	spool =
	    dq_spool_open(options->spool, topics, options->spool_limit, err);
	if (!spool)
		return NULL;
	p = dq_calloc(1, sizeof(*p));
	p->spool = spool;
	p->sender = dq_sender_open(spool, kafka, topics, options, true);
	return p;
}

static struct dq_spool_entry
entry_of(const char *topic, struct dq_slice key, struct dq_slice line)
{
	return (struct dq_spool_entry){.topic = DQ_SLICE(topic),
	    .key = key,
	    .line = line,
	    .partition = -1};
}

bool
dq_publisher_put(struct dq_publisher *p, enum dq_kind kind,
    struct dq_slice customer_id, struct dq_slice line, bool must)
{
	struct dq_spool_entry entries[2];
	struct dq_err err;
	size_t count = 0;
	enum dq_spool_put put;

	if (!p)
		return true;
	if (kind == DQ_KIND_PREDICTION)
		entries[count++] = entry_of(PREDICTIONS, customer_id, line);
	if (kind == DQ_KIND_PREDICTION || kind == DQ_KIND_DASHBOARD)
		entries[count++] = entry_of(DASHBOARD, customer_id, line);
	if (!count)
		entries[count++] = entry_of(INTERVENTIONS, customer_id, line);
	put = dq_spool_put(p->spool, entries, count, must, &err);
	if (put == DQ_SPOOL_FAILED && !p->told)
		dq_warn("--spool", "%s", err.text);
	p->told = put == DQ_SPOOL_FAILED;
	p->full = put != DQ_SPOOL_OK;
	p->published += put == DQ_SPOOL_OK;
	p->refused += put != DQ_SPOOL_OK;
	return put == DQ_SPOOL_OK;
}

bool
dq_publisher_ready(struct dq_publisher *p)
{
	struct dq_spool_figures f;

	if (!p)
		return true;
	f = dq_spool_figures(p->spool);
	return f.bytes + ROOM <= f.limit;
}

struct dq_publisher_figures
dq_publisher_figures(struct dq_publisher *p)
{
	struct dq_spool_figures spool;

	if (!p)
		return (struct dq_publisher_figures){0};
	spool = dq_spool_figures(p->spool);
	return (struct dq_publisher_figures){
	    .state = p->full && spool.records	      ? DQ_PUBLISHER_FULL
		     : dq_sender_reachable(p->sender) ? DQ_PUBLISHER_REACHABLE
						      : DQ_PUBLISHER_AWAY,
	    .published = p->published,
	    .refused = p->refused,
	    .records = spool.records,
	    .bytes = spool.bytes,
	    .limit = spool.limit};
}

const char *
dq_publisher_state_name(enum dq_publisher_state state)
{
	static const char *const names[] = {
	    "none", "reachable", "away", "full"};

	return names[state];
}

static bool
more(void *context, const struct dq_sender *sender)
{
	struct dq_publisher *p = context;

	return dq_sender_reachable(sender) &&
	       dq_clock_steady() - p->closing < GRACE;
}

bool
dq_publisher_close(struct dq_publisher *p, struct dq_err *err)
{
	bool good;
	int64_t left;

	if (!p)
		return true;
	p->closing = dq_clock_steady();
	dq_sender_close(p->sender, more, p, err);
	left = dq_spool_figures(p->spool).records;
	if (left)
		dq_warn("--spool", "%s: %lld records wait there",
		    dq_spool_directory(p->spool), (long long)left);
	good = dq_spool_close(p->spool, err);
	free(p);
	return good;
}
