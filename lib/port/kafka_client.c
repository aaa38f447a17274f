#include "port/kafka_client.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "record/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASK 2000 /* ms for one question to a broker */
#define SETTLE (10 * DQ_SECOND)
#define FRESH                                                                  \
	(2 * DQ_SECOND) /* until a broker knows a topic that another made */

static void
log_line(
    const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	/* Errors come through the error callback, once; the rest is noise. */
	(void)rk;
	if (level <= 2 || getenv("DQ_KAFKA_LOG"))
		dq_warn(facility, "%s", text);
}

static void
tell(struct dq_kafka_client *client, const char *reason)
{
	int64_t now = dq_clock_steady();

	if (client->told && now - client->told < DQ_MINUTE)
		return;
	client->told = now;
	dq_warn(client->options->servers, "%s; trying again", reason);
}

/* Before 2.6.1 librdkafka sent its nonce twice, which Kafka 4 takes for a
 * wrong password. */
static const char *
hint(const char *reason)
{
	return rd_kafka_version() < 0x020601ff && strstr(reason, "SCRAM")
		   ? "; if the password is right: librdkafka before 2.6.1 "
		     "cannot do SCRAM with Kafka 4"
		   : "";
}

static void
hear_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct dq_kafka_client *client = opaque;
	char text[256];

	switch (code) {
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		if (!client->down_since)
			client->down_since = dq_clock_steady();
		tell(client, "no broker answers");
		return;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
		tell(client, reason);
		return;
	case RD_KAFKA_RESP_ERR__FATAL:
		rd_kafka_fatal_error(rk, text, sizeof(text));
		reason = text;
		break;
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		break;
	default:
		return;
	}
	client->failed = true;
	dq_err_code(&client->err, DQ_EXIT_RETRY, "%s: %s%s",
	    client->options->servers, reason, hint(reason));
}

static bool
set(rd_kafka_conf_t *conf, const char *name, const char *value,
    struct dq_err *err)
{
	char text[256];

	return rd_kafka_conf_set(conf, name, value, text, sizeof(text)) ==
		   RD_KAFKA_CONF_OK ||
	       dq_err_code(err, DQ_EXIT_USAGE, "%s", text);
}

/* These decide what is guaranteed, whoever sets them. */
static bool
is_ours(const char *name, const struct dq_kafka_setting *settings)
{
	static const char *const ours[] = {"transactional.id",
	    "enable.idempotence", "isolation.level", "enable.auto.commit",
	    "enable.auto.offset.store", "partition.assignment.strategy",
	    "group.id", "group.instance.id", "bootstrap.servers", "partitioner",
	    "auto.offset.reset", "acks", "max.in.flight",
	    "max.in.flight.requests.per.connection", "enable.partition.eof",
	    "delivery.report.only.error", "retries"};

	for (; settings->name; settings++)
		if (!settings->open && !strcmp(settings->name, name))
			return true;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strcmp(ours[i], name))
			return true;
	return false;
}

static bool
set_line(rd_kafka_conf_t *conf, const char *origin, char *line,
    const struct dq_kafka_setting *settings, struct dq_err *err)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "%s: \"%s\" is not key=value", origin, line);
	*equals = 0;
	if (is_ours(line, settings))
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "%s: %s is not for you to set: the guarantee depends on "
		    "it",
		    origin, line);
	if (!strcmp(origin, "-X") &&
	    (strstr(line, "password") || strstr(line, "secret")))
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "-X: %s does not belong on a command line: put it into a "
		    "file for -F",
		    line);
	return set(conf, line, equals + 1, err) || dq_err_at(err, "%s", origin);
}

static bool
set_file(rd_kafka_conf_t *conf, const char *path,
    const struct dq_kafka_setting *settings, struct dq_err *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	bool good = true;
	ssize_t n;

	if (!file)
		return dq_err_code(
		    err, DQ_EXIT_USAGE, "-F %s: cannot read: %m", path);
	while (good && (n = getline(&line, &cap, file)) > 0) {
		while (n > 0 && strchr(" \t\r\n", line[n - 1]))
			line[--n] = 0;
		if (*line && *line != '#')
			good = set_line(conf, path, line, settings, err);
	}
	free(line);
	fclose(file);
	return good;
}

static bool
set_own(rd_kafka_conf_t *conf, const struct dq_kafka_setting *settings,
    bool open, struct dq_err *err)
{
	for (; settings->name; settings++)
		if (settings->value && settings->open == open &&
		    !set(conf, settings->name, settings->value, err))
			return false;
	return true;
}

static bool
set_all(rd_kafka_conf_t *conf, const struct dq_kafka_options *options,
    const struct dq_kafka_setting *settings, struct dq_err *err)
{
	bool good =
	    set(conf, "bootstrap.servers", options->servers, err) &&
	    set(conf, "client.id", options->tool, err) &&
	    /* A broker that is back is found at once, not after 10 s. */
	    set(conf, "reconnect.backoff.max.ms", "1000", err) &&
	    set_own(conf, settings, true, err);

	if (good && options->config)
		good = set_file(conf, options->config, settings, err);
	for (size_t i = 0; good && i < options->set.count; i++) {
		char *line = dq_strdup(options->set.items[i]);

		good = set_line(conf, "-X", line, settings, err);
		free(line);
	}
	return good && set_own(conf, settings, false, err);
}

bool
dq_kafka_client_open(struct dq_kafka_client *client, rd_kafka_type_t type,
    const struct dq_kafka_options *options, rd_kafka_conf_t *conf,
    const struct dq_kafka_setting *settings, struct dq_err *err)
{
	char text[256];

	*client = (struct dq_kafka_client){.options = options};
	rd_kafka_conf_set_log_cb(conf, log_line);
	rd_kafka_conf_set_error_cb(conf, hear_error);
	rd_kafka_conf_set_opaque(conf, client);
	if (set_all(conf, options, settings, err)) {
		/* Its threads may be in the middle of a handshake at exit. */
		dq_libcrypto_stay();
		client->rk = rd_kafka_new(type, conf, text, sizeof(text));
		if (client->rk)
			return true;
		dq_err_code(err, DQ_EXIT_USAGE, "%s", text);
	}
	rd_kafka_conf_destroy(conf);
	return false;
}

bool
dq_kafka_client_alive(struct dq_kafka_client *client, struct dq_err *err)
{
	int64_t limit = client->options->timeout;

	if (client->failed) {
		*err = client->err;
		return false;
	}
	if (!client->down_since)
		return true;
	tell(client, "no broker answers");
	return dq_clock_steady() - client->down_since < limit ||
	       dq_err_code(err, DQ_EXIT_RETRY,
		   "%s: no broker answered for %lld s",
		   client->options->servers, (long long)(limit / DQ_SECOND));
}

void
dq_kafka_client_heard(struct dq_kafka_client *client)
{
	client->down_since = 0;
}

bool
dq_kafka_client_answers(struct dq_kafka_client *client)
{
	const struct rd_kafka_metadata *data;

	if (!client->down_since)
		return true;
	if (rd_kafka_metadata(client->rk, 0, NULL, &data, ASK / 10) != 0)
		return false;
	rd_kafka_metadata_destroy(data);
	dq_kafka_client_heard(client);
	return true;
}

static bool
stopped(const struct dq_kafka_client *client)
{
	return client->options->stop && *client->options->stop;
}

const struct rd_kafka_metadata *
dq_kafka_client_metadata(
    struct dq_kafka_client *client, bool all, struct dq_err *err)
{
	const struct rd_kafka_metadata *data;

	while (rd_kafka_metadata(client->rk, all, NULL, &data, ASK) != 0) {
		rd_kafka_poll(client->rk, 0);
		if (!client->down_since)
			client->down_since = dq_clock_steady();
		if (stopped(client))
			dq_err_code(err, DQ_EXIT_RETRY,
			    "%s: stopped before a broker answered",
			    client->options->servers);
		if (stopped(client) || !dq_kafka_client_alive(client, err))
			return NULL;
	}
	dq_kafka_client_heard(client);
	return data;
}

bool
dq_kafka_client_reach(struct dq_kafka_client *client, struct dq_err *err)
{
	const struct rd_kafka_metadata *data =
	    dq_kafka_client_metadata(client, false, err);

	if (data)
		rd_kafka_metadata_destroy(data);
	return data != NULL;
}

rd_kafka_event_t *
dq_kafka_client_event(struct dq_kafka_client *client, rd_kafka_queue_t *queue,
    rd_kafka_resp_err_t *code, struct dq_err *err)
{
	int64_t end =
	    dq_clock_steady() + (DQ_KAFKA_EVENT_LIMIT + 5000) * INT64_C(1000);
	rd_kafka_event_t *event = NULL;

	while (!event && dq_clock_steady() < end) {
		event = rd_kafka_queue_poll(queue, 100);
		rd_kafka_poll(client->rk, 0);
		if (!event && !dq_kafka_client_alive(client, err))
			return NULL;
	}
	if (event && !rd_kafka_event_error(event))
		return event;
	if (code)
		*code = event ? rd_kafka_event_error(event)
			      : RD_KAFKA_RESP_ERR__TIMED_OUT;
	dq_err_code(err, DQ_EXIT_RETRY, "%s: %s", client->options->servers,
	    event ? rd_kafka_event_error_string(event) : "no answer");
	if (event)
		rd_kafka_event_destroy(event);
	return NULL;
}

/* A broker that has just started may know no topic at all yet: only a list
 * with others in it says that this one is not there. */
static bool
is_missing(struct dq_kafka_client *client, const char *topic)
{
	const struct rd_kafka_metadata *data;
	bool missing;

	if (rd_kafka_metadata(client->rk, 1, NULL, &data, ASK))
		return false;
	missing = data->topic_cnt > 0;
	for (int i = 0; i < data->topic_cnt; i++)
		missing = missing && strcmp(data->topics[i].topic, topic) != 0;
	rd_kafka_metadata_destroy(data);
	return missing;
}

/* So long after the first question there is no such topic. */
static bool
is_late(struct dq_kafka_client *client, const char *topic, int64_t waited)
{
	return waited > SETTLE || (waited > FRESH && is_missing(client, topic));
}

int32_t
dq_kafka_partitions(
    struct dq_kafka_client *client, const char *topic, struct dq_err *err)
{
	int64_t begun = dq_clock_steady();
	int64_t end = begun + client->options->timeout;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(client->rk, topic, NULL);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	int32_t count = -1;

	while (count < 0 && dq_clock_steady() < end && !stopped(client)) {
		const struct rd_kafka_metadata *data = NULL;

		code = rd_kafka_metadata(client->rk, 0, handle, &data, ASK);
		if (!code)
			code = data->topics[0].err;
		if (!code)
			count = data->topics[0].partition_cnt;
		if (data)
			rd_kafka_metadata_destroy(data);
		if ((code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
			is_late(client, topic, dq_clock_steady() - begun)) ||
		    code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		    !dq_kafka_client_alive(client, &client->err))
			break;
		if (count < 0) {
			if (dq_clock_steady() - begun > FRESH)
				tell(client, rd_kafka_err2str(code));
			usleep(100000);
		}
	}
	rd_kafka_topic_destroy(handle);
	if (count >= 0)
		dq_kafka_client_heard(client);
	else if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		dq_err_code(err, DQ_EXIT_USAGE,
		    "%s: no such topic; dq-topics create makes it", topic);
	else
		dq_err_code(err, DQ_EXIT_RETRY, "%s: %s: %s",
		    client->options->servers, topic, rd_kafka_err2str(code));
	return count;
}

int64_t
dq_kafka_client_number(const struct dq_kafka_client *client, const char *name)
{
	char text[64];
	size_t size = sizeof(text);
	int64_t value = -1;

	if (rd_kafka_conf_get(rd_kafka_conf(client->rk), name, text, &size) ==
	    RD_KAFKA_CONF_OK)
		dq_num_int(DQ_SLICE(text), &value);
	return value;
}

size_t
dq_kafka_topics(const char *list, char ***topics)
{
	size_t count = 0;

	for (*topics = NULL; *list; list += *list == ',') {
		size_t n = strcspn(list, ",");

		*topics =
		    dq_realloc_array(*topics, count + 1, sizeof(**topics));
		(*topics)[count++] = dq_strndup(list, n);
		list += n;
	}
	return count;
}

void
dq_kafka_topics_free(char **topics, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(topics[i]);
	free(topics);
}
