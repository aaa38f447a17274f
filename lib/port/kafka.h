/* Topics as endpoints (librdkafka). A tool that has them names &dq_kafka and
 * links librdkafka; the others do neither. */
#ifndef DQ_PORT_KAFKA_H
#define DQ_PORT_KAFKA_H

#include "base/opt.h"
#include "port/sink.h"
#include "port/source.h"

/* A partition, and the next offset to read of it, -1: none yet. */
struct dq_kafka_stored {
	const char *topic;
	int32_t partition;
	int64_t next;
};

struct dq_kafka_options {
	const char *servers;
	const char *group;	    /* NULL: the tool's own */
	struct dq_opt_list offset;  /* beginning|end|stored|N|-N|s@T|e@T */
	struct dq_opt_list set;	    /* librdkafka's "key=value" */
	const char *config;	    /* a file of such lines */
	const char *instance;	    /* slot: static membership, or NULL */
	const char *spool;	    /* directory, or NULL */
	int64_t spool_limit;	    /* bytes */
	const char *transaction_id; /* NULL: made of group, tool, slot */
	int64_t count;		    /* stop after so many records, 0: never */
	int64_t timeout;	    /* give up without a broker, microseconds */
	int64_t interval;	    /* between checkpoints, microseconds */
	int64_t wait; /* from a revoke to the commit of all before it */
	bool exit_at_end;
	bool envelope; /* lines tell key, headers, offset */
	bool plain;    /* no control lines, no transactions */
	/* not options: who opens */
	bool waits; /* a commit is known to be one when it returns */
	const char *tool;
	const char *own_group; /* group without -G; NULL: reads without one */
	/* Fills `next` of the group's places from where they are kept with
	 * the records; NULL: Kafka keeps them. False with err set on failure.
	 */
	bool (*stored)(void *context, const char *group,
	    struct dq_kafka_stored *places, size_t count, struct dq_err *err);
	void *stored_context;
	const volatile sig_atomic_t *stop;
};

/* Reading partitions of a changelog to their end, as dq-stream(7) wants it. */
struct dq_kafka_restore {
	const char *topic;
	int32_t total;		   /* partitions that the topic must have */
	const int32_t *partitions; /* NULL: all, and count and total do not
				      matter */
	size_t count;
	/* A row; an empty value: the key is to be forgotten. False with err
	 * set ends the reading. */
	bool (*row)(void *context, int32_t partition, struct dq_slice key,
	    struct dq_slice value, struct dq_err *err);
	/* Called now and then; false with err set ends the reading. */
	bool (*waiting)(void *context, struct dq_err *err);
	void *context;
};

struct dq_kafka_table;

struct dq_kafka {
	/* `topics` is "a,b". Both wait for a broker as long as `timeout` says;
	 * NULL with err set on failure. */
	struct dq_source *(*source)(const char *topics,
	    const struct dq_kafka_options *options, struct dq_err *err);
	/* With `transactional`, init_transactions is done when this returns;
	 * without, it is done when a @begin comes, and until then the producer
	 * is idempotent only. */
	struct dq_sink *(*sink)(const char *topics, bool transactional,
	    const struct dq_kafka_options *options, struct dq_err *err);
	/* Another sink of the same producer: its lines are part of the same
	 * transactions. Closed before `sink`. */
	struct dq_sink *(*beside)(
	    struct dq_sink *sink, const char *topic, struct dq_err *err);
	/* Does a broker answer `sink`? Takes up to 200 ms when none did. */
	bool (*reachable)(struct dq_sink *sink);
	/* False with err set: no such topic, another number of partitions (2),
	 * no broker (75). */
	bool (*restore)(const struct dq_kafka_options *options,
	    const struct dq_kafka_restore *restore, struct dq_err *err);
	/* The same, and goes on behind the end: `more` gives the rows that
	 * have come, without waiting; false with err set on failure. `options`
	 * and what `restore` points to must live until `close`. */
	struct dq_kafka_table *(*table)(const struct dq_kafka_options *options,
	    const struct dq_kafka_restore *restore, struct dq_err *err);
	bool (*more)(struct dq_kafka_table *table, struct dq_err *err);
	void (*close)(struct dq_kafka_table *table);
};

extern const struct dq_kafka dq_kafka;

#endif
