/* probe watch SERVERS TOPIC   A line "MICROSECONDS OFFSET" (steady clock; sum
 * of the partitions' last stable offsets) every 25 ms until a signal comes.
 * probe pace SERVERS FROM TO RATE SECONDS FILE   Sends the records of FILE to
 * topic FROM, RATE a second, keyed by customer_id, and reads what comes back
 * from TO (read_committed): the nth of a partition answers the nth sent there,
 * so both need as many partitions. Prints a JSON object: sent, received,
 * latency in milliseconds from the call of produce to the arrival (those sent
 * in the first WARM seconds left out), the longest silence. */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 4096
#define ASK 5000   /* ms */
#define LOOK 25000 /* us */
#define WARM (3 * DQ_SECOND)
#define PATIENCE (90 * DQ_SECOND) /* for the rest, after the last was sent */
#define PARTS 64

struct setting {
	const char *name, *value;
};

struct pace {
	rd_kafka_t *producer, *consumer;
	rd_kafka_topic_t *from;
	rd_kafka_queue_t *queue;
	int parts;
	int64_t *sent[PARTS]; /* when, by partition */
	size_t sent_count[PARTS], received_count[PARTS];
	size_t total, capacity, received, surplus;
	double *latency;
	size_t latency_count;
	int64_t begun, last, gap, gap_at;
};

static rd_kafka_t *
open_handle(rd_kafka_type_t type, const char *servers, const char *isolation)
{
	const struct setting settings[] = {{"bootstrap.servers", servers},
	    {isolation ? "isolation.level" : "linger.ms",
		isolation ? isolation : "1"},
	    {isolation ? "group.id" : "partitioner",
		isolation ? "probe" : "murmur2_random"}};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[256];
	rd_kafka_t *rk;

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (rd_kafka_conf_set(conf, settings[i].name, settings[i].value,
			text, sizeof(text)) != RD_KAFKA_CONF_OK)
			dq_die(DQ_EXIT_USAGE, "probe", "%s", text);
	rk = rd_kafka_new(type, conf, text, sizeof(text));
	if (!rk)
		dq_die(DQ_EXIT_USAGE, "probe", "%s", text);
	return rk;
}

/* A topic that was just made may not be known to the broker yet. */
static int
partitions(rd_kafka_t *rk, const char *topic)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
	const struct rd_kafka_metadata *data;
	int count = 0;

	for (int tries = 100; !count && tries; tries--) {
		if (rd_kafka_metadata(rk, 0, handle, &data, ASK))
			dq_die(DQ_EXIT_RETRY, topic, "no broker");
		count = data->topics[0].partition_cnt;
		rd_kafka_metadata_destroy(data);
		if (!count)
			usleep(LOOK * 2);
	}
	rd_kafka_topic_destroy(handle);
	if (!count || count > PARTS)
		dq_die(DQ_EXIT_USAGE, topic, "no such topic, or too wide");
	return count;
}

static int64_t
end_of(rd_kafka_t *rk, const char *topic, int partition)
{
	int64_t low, high;

	while (rd_kafka_query_watermark_offsets(
	    rk, topic, partition, &low, &high, ASK))
		usleep(LOOK);
	return high;
}

static _Noreturn void
watch(const char *servers, const char *topic)
{
	rd_kafka_t *rk =
	    open_handle(RD_KAFKA_CONSUMER, servers, "read_committed");
	int count = partitions(rk, topic);

	for (;;) {
		int64_t sum = 0;

		for (int p = 0; p < count; p++)
			sum += end_of(rk, topic, p);
		printf("%lld %lld\n", (long long)dq_clock_steady(),
		    (long long)sum);
		fflush(stdout);
		usleep(LOOK);
	}
}

static struct dq_slice
key_of(const char *line, size_t size)
{
	static const char name[] = "\"customer_id\":\"";
	const char *at = memmem(line, size, name, sizeof(name) - 1), *end;

	if (!at)
		dq_die(DQ_EXIT_DATA, "probe", "a record without customer_id");
	at += sizeof(name) - 1;
	end = memchr(at, '"', size - (size_t)(at - line));
	return (struct dq_slice){at, (size_t)(end - at)};
}

static void
send_line(struct pace *p, const char *line, size_t size)
{
	struct dq_slice key = key_of(line, size);
	int32_t to = rd_kafka_msg_partitioner_murmur2(
	    p->from, key.data, key.len, p->parts, NULL, NULL);

	p->sent[to][p->sent_count[to]++] = dq_clock_steady();
	while (rd_kafka_produce(p->from, to, RD_KAFKA_MSG_F_COPY,
		   (void *)(uintptr_t)line, size, key.data, key.len, NULL) < 0)
		rd_kafka_poll(p->producer, 1);
	p->total++;
}

static void
take(struct pace *p, const rd_kafka_message_t *m, int64_t now)
{
	size_t n = p->received_count[m->partition]++;

	p->received++;
	if (n >= p->sent_count[m->partition]) {
		p->surplus++;
		return;
	}
	if (p->sent[m->partition][n] - p->begun >= WARM)
		p->latency[p->latency_count++] =
		    (double)(now - p->sent[m->partition][n]) / 1000;
}

static void
receive(struct pace *p, int wait)
{
	rd_kafka_message_t *batch[BATCH];
	ssize_t n = rd_kafka_consume_batch_queue(p->queue, wait, batch, 1);
	int64_t now;

	if (n == 1)
		n += rd_kafka_consume_batch_queue(
		    p->queue, 0, batch + 1, BATCH - 1);
	now = dq_clock_steady();
	for (ssize_t i = 0; i < n; i++) {
		if (!batch[i]->err) {
			if (p->last && now - p->last > p->gap &&
			    p->last - p->begun >= WARM) {
				p->gap = now - p->last;
				p->gap_at = p->last - p->begun;
			}
			p->last = now;
			take(p, batch[i], now);
		}
		rd_kafka_message_destroy(batch[i]);
	}
}

static void
open_pace(struct pace *p, char **argv)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(PARTS);

	p->producer = open_handle(RD_KAFKA_PRODUCER, argv[2], NULL);
	p->from = rd_kafka_topic_new(p->producer, argv[3], NULL);
	p->consumer = open_handle(RD_KAFKA_CONSUMER, argv[2], "read_committed");
	p->parts = partitions(p->producer, argv[3]);
	if (partitions(p->consumer, argv[4]) != p->parts)
		dq_die(DQ_EXIT_USAGE, argv[4], "not as many partitions as %s",
		    argv[3]);
	for (int i = 0; i < p->parts; i++) {
		rd_kafka_topic_partition_list_add(list, argv[4], i)->offset =
		    end_of(p->consumer, argv[4], i);
		p->sent[i] = dq_calloc(p->capacity, sizeof(**p->sent));
	}
	p->latency = dq_calloc(p->capacity, sizeof(*p->latency));
	rd_kafka_poll_set_consumer(p->consumer);
	p->queue = rd_kafka_queue_get_consumer(p->consumer);
	rd_kafka_assign(p->consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
	receive(p, 1000);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
at(const struct pace *p, double part)
{
	return p->latency_count
		   ? p->latency[(size_t)(part * (double)(p->latency_count - 1))]
		   : -1;
}

static void
report(struct pace *p)
{
	qsort(p->latency, p->latency_count, sizeof(*p->latency), ascending);
	printf("{\"sent\":%zu,\"received\":%zu,\"surplus\":%zu,\"p50\":%.1f,"
	       "\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"gap\":%.0f,"
	       "\"gap_at\":%.1f}\n",
	    p->total, p->received, p->surplus, at(p, 0.5), at(p, 0.99),
	    at(p, 0.999), at(p, 1), (double)p->gap / 1e3,
	    (double)p->gap_at / 1e6);
}

static void
pace(struct pace *p, FILE *file, int64_t rate)
{
	int64_t end;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	p->begun = dq_clock_steady();
	while (p->total < p->capacity) {
		int64_t due = (dq_clock_steady() - p->begun) * rate / DQ_SECOND;

		for (; (int64_t)p->total < due && p->total < p->capacity;) {
			n = getline(&line, &cap, file);
			if (n <= 1)
				dq_die(
				    DQ_EXIT_DATA, "probe", "too few records");
			send_line(p, line, (size_t)n - 1);
		}
		rd_kafka_poll(p->producer, 0);
		receive(p, 1);
	}
	end = dq_clock_steady() + PATIENCE;
	while (p->received < p->total && dq_clock_steady() < end)
		receive(p, 100);
	receive(p, 500); /* too many? */
	free(line);
}

int
main(int argc, char **argv)
{
	struct pace p = {0};
	int64_t rate, seconds;
	FILE *file;

	if (argc == 4 && !strcmp(argv[1], "watch"))
		watch(argv[2], argv[3]);
	if (argc != 8 || strcmp(argv[1], "pace") != 0 ||
	    !dq_num_int(DQ_SLICE(argv[5]), &rate) ||
	    !dq_num_int(DQ_SLICE(argv[6]), &seconds))
		dq_die(DQ_EXIT_USAGE, "usage",
		    "probe watch SERVERS TOPIC | "
		    "pace SERVERS FROM TO RATE SECONDS FILE");
	file = fopen(argv[7], "r");
	if (!file)
		dq_die(DQ_EXIT_USAGE, argv[7], "%m");
	p.capacity = (size_t)(rate * seconds);
	open_pace(&p, argv);
	pace(&p, file, rate);
	report(&p);
	return p.received == p.total && !p.surplus ? 0 : 1;
}
