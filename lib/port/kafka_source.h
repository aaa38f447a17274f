/* A consumer as a source: inside. kafka_connect.c makes it, kafka_source.c
 * gives lines out, kafka_group.c keeps to the rules of a group (dq-stream(7)),
 * kafka_offset.c finds where to begin and to end. */
#ifndef DQ_PORT_KAFKA_SOURCE_H
#define DQ_PORT_KAFKA_SOURCE_H

#include "port/kafka_client.h"
#include "port/kafka_refill.h"

#define DQ_KAFKA_BATCH 4096
#define DQ_KAFKA_SPARE 1024 /* for what comes while the output is blocked */

enum dq_kafka_phase {
	DQ_KAFKA_RUNNING,
	DQ_KAFKA_REVOKING, /* the last checkpoint is on its way */
	DQ_KAFKA_LEAVING,  /* the same, for good */
	DQ_KAFKA_ENDED,
};

struct dq_kafka_part {
	const char *topic; /* one of the source's */
	int32_t partition;
	int64_t next;	 /* offset behind the last line given out */
	int64_t covered; /* next in the last @checkpoint, -1: none yet */
	int64_t stop;	 /* read up to here, INT64_MAX: no end */
	int64_t end;	 /* for --exit-at-end: where the log ended, -1 */
	bool at_end;	 /* nothing more there at the moment */
};

enum dq_kafka_start {
	DQ_KAFKA_STORED,
	DQ_KAFKA_BEGINNING,
	DQ_KAFKA_END,
	DQ_KAFKA_AT,
	DQ_KAFKA_LAST,
	DQ_KAFKA_TIME,
};

struct dq_kafka_range {
	enum dq_kafka_start start;
	int64_t value;	   /* offset, number of records, or milliseconds */
	int64_t stop_time; /* milliseconds, -1: none */
};

struct dq_kafka_source {
	struct dq_source source;
	struct dq_kafka_client client;
	struct dq_kafka_client looker; /* sees open transactions too */
	struct dq_kafka_refill refill;
	const struct dq_kafka_options *options;
	const char *group; /* NULL: reads on its own */
	char **topics;
	size_t topic_count;
	struct dq_kafka_range range;
	rd_kafka_queue_t *queue;
	int wake; /* eventfd: something came into the queue */
	bool waited, flushed;
	rd_kafka_message_t *batch[DQ_KAFKA_BATCH + DQ_KAFKA_SPARE];
	size_t at, count;
	rd_kafka_message_t *given; /* its value is the last line */
	struct dq_buf envelope;
	int64_t records, calls, asked;
	struct dq_kafka_part *parts;
	size_t part_count, last_part;
	/* group */
	enum dq_kafka_phase phase;
	struct dq_control control;
	struct dq_buf marks; /* lines not yet given out */
	size_t marks_at;
	struct dq_buf mark;	/* the line given out last */
	struct dq_buf metadata; /* hexadecimal, of this assignment */
	bool dirty, paused, failed;
	bool joined;		 /* an assignment came */
	int64_t next_checkpoint; /* steady clock */
	int64_t deadline;	 /* of a revoke */
};

struct dq_source *dq_kafka_source_open(const char *topics,
    const struct dq_kafka_options *options, struct dq_err *err);

/* The consumer is there and reads: as a member of its group, or all partitions
 * by itself. False with err set when it cannot. */
bool dq_kafka_connect(struct dq_kafka_source *k, struct dq_err *err);

/* Messages. Takes the next of the batch; false when it is no line at all and
 * passed over. */
bool dq_kafka_take_message(
    struct dq_kafka_source *k, struct dq_slice *line, enum dq_got *got);
/* An error event in place of a message. */
void dq_kafka_take_event(
    struct dq_kafka_source *k, const rd_kafka_message_t *m);

/* Group. */
void dq_kafka_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t *list, void *opaque);
void dq_kafka_begin(struct dq_kafka_source *k);
void dq_kafka_checkpoint(struct dq_kafka_source *k);
/* Begins to leave: the final checkpoint is the next line. */
void dq_kafka_finish(struct dq_kafka_source *k);
/* Waits until the final checkpoint is committed, and acts on it. */
bool dq_kafka_settle(struct dq_kafka_source *k);
/* Between a revoke and its acknowledgement: may it go on? */
bool dq_kafka_in_time(struct dq_kafka_source *k);
bool dq_kafka_commit(struct dq_kafka_source *k);
bool dq_kafka_fail(struct dq_kafka_source *k, enum dq_exit code,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
rd_kafka_topic_partition_list_t *dq_kafka_list(const struct dq_kafka_source *k);
/* Stops and resumes the fetching of all partitions. */
void dq_kafka_pause(struct dq_kafka_source *k, bool pause);
void dq_kafka_drop_batch(struct dq_kafka_source *k);
/* Generation of a group's metadata as librdkafka writes it; -1 for what may
 * not be committed with, also for a form we do not know. */
int32_t dq_kafka_generation(struct dq_slice metadata);

/* Offsets. */
bool dq_kafka_range_read(struct dq_kafka_range *range,
    const struct dq_opt_list *list, struct dq_err *err);
/* Assigns every partition of the topics, from and to where `range` says. */
bool dq_kafka_assign_all(struct dq_kafka_source *k);
/* Has everything been read that was there when this was first asked? What an
 * open transaction holds counts: a read_committed reader alone would take the
 * last stable offset for the end. */
bool dq_kafka_at_end(struct dq_kafka_source *k, struct dq_kafka_part *part);
/* The offset that the range's start means where nothing is stored. */
bool dq_kafka_first_offset(
    struct dq_kafka_source *k, const struct dq_kafka_part *part, int64_t *to);

#endif
