/* What the server tells the rest of the pipeline: records go to a spool on disk
 * at once, and from there to their topics by a thread, in order, when a broker
 * answers. */
#ifndef DQ_SERVE_PUBLISHER_H
#define DQ_SERVE_PUBLISHER_H

#include "port/kafka.h"
#include "record/kind.h"

/* NULL stands for a server that publishes nothing: every function takes it. */
struct dq_publisher;

/* By options->spool (NULL: none, and err->text is empty) and spool_limit.
 * `options` must outlive it. NULL with err set when the directory cannot be
 * used. No broker needs to be there. */
struct dq_publisher *dq_publisher_open(const struct dq_kafka *kafka,
    const struct dq_kafka_options *options, struct dq_err *err);

/* A prediction goes to predictions-stream and dashboard-updates; an
 * intervention, an outcome or a review to interventions-stream; a dashboard
 * record to dashboard-updates; nothing else may be given. `line` is one record
 * without newline. It survives the death of the process when this returns.
 * False: the spool is full, or the disk failed: the call that must publish is
 * to be answered with 503 before it has changed anything. `must`: what has
 * happened already, and goes beyond the limit. */
bool dq_publisher_put(struct dq_publisher *publisher, enum dq_kind kind,
    struct dq_slice customer_id, struct dq_slice line, bool must);

/* Is there room for some records more? While not, nothing is to be done that
 * has to be published. */
bool dq_publisher_ready(struct dq_publisher *publisher);

enum dq_publisher_state {
	DQ_PUBLISHER_NONE,
	DQ_PUBLISHER_REACHABLE,
	DQ_PUBLISHER_AWAY,
	DQ_PUBLISHER_FULL,
};

struct dq_publisher_figures {
	enum dq_publisher_state state;
	int64_t published;	/* put since the start */
	int64_t refused;	/* by a full spool */
	int64_t records, bytes; /* that wait */
	int64_t limit;		/* of bytes */
};
struct dq_publisher_figures dq_publisher_figures(
    struct dq_publisher *publisher);
const char *dq_publisher_state_name(enum dq_publisher_state state);

/* Waits at most 5 s for what a broker takes; the rest is for the next start.
 * False with err set when the disk failed. */
bool dq_publisher_close(struct dq_publisher *publisher, struct dq_err *err);

#endif
