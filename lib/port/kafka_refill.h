/* librdkafka before 2.2 looks only once a second whether a queue of fetched
 * messages that was full has room again: a backlog would be read in gusts.
 * Any request to a broker makes its thread look at once; this one is sent by a
 * thread of our own, since it waits for the answer. Later versions have
 * fetch.queue.backoff.ms instead. */
#ifndef DQ_PORT_KAFKA_REFILL_H
#define DQ_PORT_KAFKA_REFILL_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DQ_KAFKA_LOW 16384 /* messages left in a queue: time to ask */

struct dq_kafka_refill {
	rd_kafka_t *rk; /* a consumer; NULL: not needed, or not begun */
	pthread_t thread;
	int wake;
	atomic_bool stop;
	int64_t asked; /* steady clock */
};

/* For the settings: has this librdkafka a time of its own for it? */
#define DQ_KAFKA_BACKOFF "fetch.queue.backoff.ms"
bool dq_kafka_has_backoff(void);

void dq_kafka_refill_start(struct dq_kafka_refill *refill, rd_kafka_t *rk);

/* Few messages are left and more are there: fetch. Does not wait. */
void dq_kafka_refill_ask(struct dq_kafka_refill *refill);

/* Before the handle is destroyed. */
void dq_kafka_refill_stop(struct dq_kafka_refill *refill);

#endif
