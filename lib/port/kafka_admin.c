#include "port/kafka_admin.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/kafka_client.h"

#include <stdlib.h>
#include <string.h>

struct dq_kafka_admin {
	struct dq_kafka_client client;
	rd_kafka_queue_t *queue;
	rd_kafka_AdminOptions_t *options, *dry;
};

struct dq_kafka_admin *
dq_kafka_admin_open(const struct dq_kafka_options *options, struct dq_err *err)
{
	static const struct dq_kafka_setting settings[] = {{NULL, NULL, false}};
	struct dq_kafka_admin *admin = dq_calloc(1, sizeof(*admin));
	char text[256];

	if (!dq_kafka_client_open(&admin->client, RD_KAFKA_PRODUCER, options,
		rd_kafka_conf_new(), settings, err)) {
		free(admin);
		return NULL;
	}
	admin->queue = rd_kafka_queue_new(admin->client.rk);
	admin->options =
	    rd_kafka_AdminOptions_new(admin->client.rk, RD_KAFKA_ADMIN_OP_ANY);
	admin->dry = rd_kafka_AdminOptions_new(
	    admin->client.rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_AdminOptions_set_request_timeout(
	    admin->options, DQ_KAFKA_EVENT_LIMIT, text, sizeof(text));
	rd_kafka_AdminOptions_set_request_timeout(
	    admin->dry, DQ_KAFKA_EVENT_LIMIT, text, sizeof(text));
	rd_kafka_AdminOptions_set_validate_only(
	    admin->dry, 1, text, sizeof(text));
	return admin;
}

void
dq_kafka_admin_close(struct dq_kafka_admin *admin)
{
	if (!admin)
		return;
	rd_kafka_AdminOptions_destroy(admin->options);
	rd_kafka_AdminOptions_destroy(admin->dry);
	rd_kafka_queue_destroy(admin->queue);
	rd_kafka_destroy(admin->client.rk);
	free(admin);
}

static bool
judge(const char *topic, rd_kafka_resp_err_t code, const char *why,
    struct dq_err *err)
{
	bool retry = code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
		     code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT ||
		     code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		     code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;

	return !code ||
	       dq_err_code(err, retry ? DQ_EXIT_RETRY : DQ_EXIT_USAGE, "%s: %s",
		   topic, why ? why : rd_kafka_err2str(code));
}

static bool
judge_topics(
    const rd_kafka_topic_result_t **topics, size_t count, struct dq_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!judge(rd_kafka_topic_result_name(topics[i]),
			rd_kafka_topic_result_error(topics[i]),
			rd_kafka_topic_result_error_string(topics[i]), err))
			return false;
	return true;
}

bool
dq_kafka_admin_create(struct dq_kafka_admin *admin,
    const struct dq_kafka_topic *topic, bool dry, struct dq_err *err)
{
	char text[256];
	rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic->name,
	    topic->partitions, topic->replicas, text, sizeof(text));
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t count;
	bool good;

	if (!wanted)
		return dq_err_code(
		    err, DQ_EXIT_USAGE, "%s: %s", topic->name, text);
	for (size_t i = 0; i < topic->config_count; i++)
		rd_kafka_NewTopic_set_config(
		    wanted, topic->configs[i].name, topic->configs[i].value);
	rd_kafka_CreateTopics(admin->client.rk, &wanted, 1,
	    dry ? admin->dry : admin->options, admin->queue);
	rd_kafka_NewTopic_destroy(wanted);
	event = dq_kafka_client_event(&admin->client, admin->queue, NULL, err);
	if (!event)
		return false;
	results = rd_kafka_CreateTopics_result_topics(
	    rd_kafka_event_CreateTopics_result(event), &count);
	good = judge_topics(results, count, err);
	rd_kafka_event_destroy(event);
	return good;
}

bool
dq_kafka_admin_grow(struct dq_kafka_admin *admin, const char *topic,
    int32_t partitions, bool dry, struct dq_err *err)
{
	char text[256];
	rd_kafka_NewPartitions_t *wanted = rd_kafka_NewPartitions_new(
	    topic, (size_t)partitions, text, sizeof(text));
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t count;
	bool good;

	if (!wanted)
		return dq_err_code(err, DQ_EXIT_USAGE, "%s: %s", topic, text);
	if (dry) {
		rd_kafka_NewPartitions_destroy(wanted);
		return true;
	}
	rd_kafka_CreatePartitions(
	    admin->client.rk, &wanted, 1, admin->options, admin->queue);
	rd_kafka_NewPartitions_destroy(wanted);
	event = dq_kafka_client_event(&admin->client, admin->queue, NULL, err);
	if (!event)
		return false;
	results = rd_kafka_CreatePartitions_result_topics(
	    rd_kafka_event_CreatePartitions_result(event), &count);
	good = judge_topics(results, count, err);
	rd_kafka_event_destroy(event);
	return good;
}

bool
dq_kafka_admin_delete(
    struct dq_kafka_admin *admin, const char *topic, struct dq_err *err)
{
	rd_kafka_DeleteTopic_t *doomed = rd_kafka_DeleteTopic_new(topic);
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t count;
	bool good;

	rd_kafka_DeleteTopics(
	    admin->client.rk, &doomed, 1, admin->options, admin->queue);
	rd_kafka_DeleteTopic_destroy(doomed);
	event = dq_kafka_client_event(&admin->client, admin->queue, NULL, err);
	if (!event)
		return false;
	results = rd_kafka_DeleteTopics_result_topics(
	    rd_kafka_event_DeleteTopics_result(event), &count);
	good = judge_topics(results, count, err);
	rd_kafka_event_destroy(event);
	return good;
}

static bool
is_among(const char *name, const struct dq_kafka_config *configs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(configs[i].name, name))
			return true;
	return false;
}

/* The request replaces all of a topic's own settings: the others go along. */
bool
dq_kafka_admin_set(struct dq_kafka_admin *admin,
    const struct dq_kafka_topic *topic, const struct dq_kafka_config *configs,
    size_t count, bool dry, struct dq_err *err)
{
	rd_kafka_ConfigResource_t *wanted =
	    rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic->name);
	const rd_kafka_ConfigResource_t **results;
	rd_kafka_event_t *event;
	bool good = true;

	for (size_t i = 0; i < count; i++)
		rd_kafka_ConfigResource_set_config(
		    wanted, configs[i].name, configs[i].value);
	for (size_t i = 0; i < topic->config_count; i++)
		if (topic->configs[i].own &&
		    !is_among(topic->configs[i].name, configs, count))
			rd_kafka_ConfigResource_set_config(wanted,
			    topic->configs[i].name, topic->configs[i].value);
	if (!dry)
		rd_kafka_AlterConfigs(
		    admin->client.rk, &wanted, 1, admin->options, admin->queue);
	rd_kafka_ConfigResource_destroy(wanted);
	event = dry ? NULL
		    : dq_kafka_client_event(
			  &admin->client, admin->queue, NULL, err);
	if (!event)
		return dry;
	results = rd_kafka_AlterConfigs_result_resources(
	    rd_kafka_event_AlterConfigs_result(event), &count);
	for (size_t i = 0; good && i < count; i++)
		good = judge(topic->name,
		    rd_kafka_ConfigResource_error(results[i]),
		    rd_kafka_ConfigResource_error_string(results[i]), err);
	rd_kafka_event_destroy(event);
	return good;
}

static void
take_configs(
    struct dq_kafka_topic *topic, const rd_kafka_ConfigResource_t *from)
{
	size_t count;
	const rd_kafka_ConfigEntry_t **entries =
	    rd_kafka_ConfigResource_configs(from, &count);

	topic->configs = dq_calloc(count + 1, sizeof(*topic->configs));
	for (size_t i = 0; i < count; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		topic->configs[topic->config_count++] =
		    (struct dq_kafka_config){
			.name =
			    dq_strdup(rd_kafka_ConfigEntry_name(entries[i])),
			.value = dq_strdup(value ? value : ""),
			.own = rd_kafka_ConfigEntry_source(entries[i]) ==
			       RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
		    };
	}
}

static bool
describe(struct dq_kafka_admin *admin, struct dq_kafka_topic *topics,
    size_t count, struct dq_err *err)
{
	rd_kafka_ConfigResource_t **asked =
	    dq_calloc(count + 1, sizeof(*asked));
	const rd_kafka_ConfigResource_t **got;
	rd_kafka_event_t *event;
	size_t got_count;

	for (size_t i = 0; i < count; i++)
		asked[i] = rd_kafka_ConfigResource_new(
		    RD_KAFKA_RESOURCE_TOPIC, topics[i].name);
	rd_kafka_DescribeConfigs(
	    admin->client.rk, asked, count, admin->options, admin->queue);
	rd_kafka_ConfigResource_destroy_array(asked, count);
	free(asked);
	event = dq_kafka_client_event(&admin->client, admin->queue, NULL, err);
	if (!event)
		return false;
	got = rd_kafka_DescribeConfigs_result_resources(
	    rd_kafka_event_DescribeConfigs_result(event), &got_count);
	for (size_t g = 0; g < got_count; g++)
		for (size_t i = 0; i < count; i++)
			if (!strcmp(topics[i].name,
				rd_kafka_ConfigResource_name(got[g])))
				take_configs(&topics[i], got[g]);
	rd_kafka_event_destroy(event);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct dq_kafka_topic *)a)->name,
	    ((const struct dq_kafka_topic *)b)->name);
}

bool
dq_kafka_admin_topics(struct dq_kafka_admin *admin,
    struct dq_kafka_topic **topics, size_t *count, struct dq_err *err)
{
	const struct rd_kafka_metadata *data =
	    dq_kafka_client_metadata(&admin->client, true, err);

	*topics = NULL;
	*count = 0;
	if (!data)
		return false;
	*topics = dq_calloc((size_t)data->topic_cnt + 1, sizeof(**topics));
	for (int i = 0; i < data->topic_cnt; i++) {
		const rd_kafka_metadata_topic_t *from = &data->topics[i];

		if (!strncmp(from->topic, "__", 2) || from->err)
			continue;
		(*topics)[(*count)++] = (struct dq_kafka_topic){
		    .name = dq_strdup(from->topic),
		    .partitions = from->partition_cnt,
		    .replicas = from->partition_cnt
				    ? from->partitions[0].replica_cnt
				    : 0,
		};
	}
	rd_kafka_metadata_destroy(data);
	qsort(*topics, *count, sizeof(**topics), by_name);
	return !*count || describe(admin, *topics, *count, err);
}

void
dq_kafka_admin_topics_free(struct dq_kafka_topic *topics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t c = 0; c < topics[i].config_count; c++) {
			free(topics[i].configs[c].name);
			free(topics[i].configs[c].value);
		}
		free(topics[i].configs);
		free(topics[i].name);
	}
	free(topics);
}

const char *
dq_kafka_topic_config(const struct dq_kafka_topic *topic, const char *name)
{
	for (size_t i = 0; i < topic->config_count; i++)
		if (!strcmp(topic->configs[i].name, name))
			return topic->configs[i].value;
	return NULL;
}
