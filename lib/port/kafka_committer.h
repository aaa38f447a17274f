/* Commits of a producer's transactions, by a thread of their own: the filter
 * works on meanwhile. What it writes then waits in the sink, as it would in a
 * pipe, and belongs to the next transaction.
 *
 * While a commit is under way the producer is the thread's: nobody else calls
 * its handle or looks at its `open`, `failed` and `err`. */
#ifndef DQ_PORT_KAFKA_COMMITTER_H
#define DQ_PORT_KAFKA_COMMITTER_H

#include "port/kafka_producer.h"

struct dq_kafka_committer;

/* Of a producer, for as long as it lives. */
struct dq_kafka_committer *dq_kafka_committer_new(
    struct dq_kafka_producer *producer);

/* Gives the commit under way up, or waits for it if it has gone too far. NULL
 * is fine. */
void dq_kafka_committer_free(struct dq_kafka_committer *committer);

/* Begins one; none is under way. Takes `offsets` and `metadata`. How it ended
 * is in the producer's `failed` and `err`. */
void dq_kafka_committer_begin_take(struct dq_kafka_committer *committer,
    rd_kafka_topic_partition_list_t *offsets,
    rd_kafka_consumer_group_metadata_t *metadata);

/* Is one under way? Waits for its end, at most so many milliseconds. NULL: no.
 */
bool dq_kafka_committer_busy(struct dq_kafka_committer *committer, int wait);

#endif
