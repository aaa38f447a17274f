#include "port/kafka_refill.h"

#include "base/thread.h"
#include "base/time.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define APART 10000 /* us between two requests */
#define LIMIT 1000  /* ms */

bool
dq_kafka_has_backoff(void)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	size_t size = 0;
	bool has = rd_kafka_conf_get(conf, DQ_KAFKA_BACKOFF, NULL, &size) ==
		   RD_KAFKA_CONF_OK;

	rd_kafka_conf_destroy(conf);
	return has;
}

/* One request to the leader of every partition that we read: where does it
 * end? The answer is of no interest. */
static void
request(rd_kafka_t *rk)
{
	rd_kafka_topic_partition_list_t *list;

	if (rd_kafka_assignment(rk, &list))
		return;
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = RD_KAFKA_OFFSET_END;
	if (list->cnt)
		rd_kafka_offsets_for_times(rk, list, LIMIT);
	rd_kafka_topic_partition_list_destroy(list);
}

static void *
serve(void *context)
{
	struct dq_kafka_refill *refill = context;
	uint64_t count;

	while (read(refill->wake, &count, sizeof(count)) > 0 && !refill->stop)
		request(refill->rk);
	return NULL;
}

void
dq_kafka_refill_start(struct dq_kafka_refill *refill, rd_kafka_t *rk)
{
	if (dq_kafka_has_backoff())
		return;
	refill->wake = eventfd(0, EFD_CLOEXEC);
	if (refill->wake < 0)
		return;
	refill->rk = rk;
	refill->thread = dq_thread_start("kafka", serve, refill);
}

static void
wake(struct dq_kafka_refill *refill)
{
	static const uint64_t one = 1;

	(void)!write(refill->wake, &one, sizeof(one));
}

void
dq_kafka_refill_ask(struct dq_kafka_refill *refill)
{
	int64_t now;

	if (!refill->rk)
		return;
	now = dq_clock_steady();
	if (now - refill->asked < APART)
		return;
	refill->asked = now;
	wake(refill);
}

void
dq_kafka_refill_stop(struct dq_kafka_refill *refill)
{
	if (!refill->rk)
		return;
	refill->stop = true;
	wake(refill);
	pthread_join(refill->thread, NULL);
	close(refill->wake);
	refill->rk = NULL;
}
