#include "port/kafka_committer.h"

#include "base/mem.h"
#include "base/thread.h"

#include <stdlib.h>
#include <time.h>

struct dq_kafka_committer {
	struct dq_kafka_producer *producer;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t begun, ended;
	atomic_bool stop, busy;
	/* of the commit under way */
	rd_kafka_topic_partition_list_t *offsets;
	rd_kafka_consumer_group_metadata_t *metadata;
};

static void
make_commit(struct dq_kafka_committer *c)
{
	dq_kafka_transaction_make(
	    c->producer, c->offsets, c->metadata, &c->stop);
	rd_kafka_topic_partition_list_destroy(c->offsets);
	rd_kafka_consumer_group_metadata_destroy(c->metadata);
}

static void *
serve(void *context)
{
	struct dq_kafka_committer *c = context;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->busy && !c->stop)
			pthread_cond_wait(&c->begun, &c->lock);
		if (!c->busy)
			break;
		pthread_mutex_unlock(&c->lock);
		make_commit(c);
		pthread_mutex_lock(&c->lock);
		c->busy = false;
		pthread_cond_signal(&c->ended);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct dq_kafka_committer *
dq_kafka_committer_new(struct dq_kafka_producer *producer)
{
	struct dq_kafka_committer *c = dq_calloc(1, sizeof(*c));

	c->producer = producer;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->begun, NULL);
	pthread_cond_init(&c->ended, NULL);
	c->thread = dq_thread_start(producer->id.data, serve, c);
	return c;
}

void
dq_kafka_committer_free(struct dq_kafka_committer *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->begun);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	free(c);
}

void
dq_kafka_committer_begin_take(struct dq_kafka_committer *c,
    rd_kafka_topic_partition_list_t *offsets,
    rd_kafka_consumer_group_metadata_t *metadata)
{
	pthread_mutex_lock(&c->lock);
	c->offsets = offsets;
	c->metadata = metadata;
	c->busy = true;
	pthread_cond_signal(&c->begun);
	pthread_mutex_unlock(&c->lock);
}

bool
dq_kafka_committer_busy(struct dq_kafka_committer *c, int wait)
{
	struct timespec end;

	if (!c || !c->busy || !wait)
		return c && c->busy;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += wait * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_mutex_lock(&c->lock);
	while (c->busy && pthread_cond_clockwait(
			      &c->ended, &c->lock, CLOCK_MONOTONIC, &end) == 0)
		;
	pthread_mutex_unlock(&c->lock);
	return c->busy;
}
