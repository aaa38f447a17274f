#include "port/topics.h"

#include "base/mem.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of DQ_LINE_LIMIT in base64, and the rest of its letter. */
#define DQ_LETTER_LONGEST 2000000

static const struct dq_topic topics[] = {
    {.name = "transactions-stream",
	.partitions = 3,
	.days = 7,
	.kinds = DQ_KIND_BIT(DQ_KIND_TRANSACTION) |
		 DQ_KIND_BIT(DQ_KIND_PAYMENT) | DQ_KIND_BIT(DQ_KIND_TICK),
	.groups = "feature-processor-group"},
    {.name = "predictions-stream",
	.partitions = 3,
	.days = 30,
	.kinds = DQ_KIND_BIT(DQ_KIND_PREDICTION),
	.groups = "intervention-service-group,prediction-service-group"},
    {.name = "interventions-stream",
	.partitions = 2,
	.days = 90,
	.kinds = DQ_KIND_BIT(DQ_KIND_INTERVENTION) |
		 DQ_KIND_BIT(DQ_KIND_OUTCOME) | DQ_KIND_BIT(DQ_KIND_REVIEW),
	.groups = "dashboard-service-group"},
    {.name = "customer-updates",
	.partitions = 2,
	.days = 30,
	.compact = true,
	.kinds = DQ_KIND_BIT(DQ_KIND_CUSTOMER),
	.groups = "feature-processor-group,intervention-service-group"},
    {.name = "dashboard-updates",
	.partitions = 1,
	.days = 1,
	.kinds = DQ_KIND_BIT(DQ_KIND_DASHBOARD),
	.groups = "dashboard-service-group"},
    {.name = "dead-letters",
	.partitions = 3,
	.days = 30,
	.kinds = DQ_KIND_BIT(DQ_KIND_DEAD_LETTER),
	.longest = DQ_LETTER_LONGEST},
    {.name = "dq-state-features", .partitions = 3, .compact = true},
    {.name = "dq-state-intervene", .partitions = 3, .compact = true},
    {.name = "dq-state-rollup", .partitions = 3, .compact = true},
    {0},
};

const struct dq_topic *
dq_topics(void)
{
	return topics;
}

const struct dq_topic *
dq_topic_find(const char *name)
{
	for (const struct dq_topic *topic = topics; topic->name; topic++)
		if (!strcmp(topic->name, name))
			return topic;
	return NULL;
}

static void
set(struct dq_topic_setting *setting, const char *name, const char *value)
{
	setting->name = name;
	snprintf(setting->value, sizeof(setting->value), "%s", value);
}

/* A compacted topic forgets what was deleted, and compacts, after its days. */
size_t
dq_topic_settings(const struct dq_topic *topic,
    struct dq_topic_setting settings[DQ_TOPIC_SETTINGS])
{
	char text[32];
	size_t n = 0;

	snprintf(text, sizeof(text), "%lld",
	    topic->days ? topic->days * 86400000LL : -1);
	set(&settings[n++], "cleanup.policy",
	    topic->compact ? "compact" : "delete");
	if (!topic->compact)
		set(&settings[n++], "retention.ms", text);
	if (topic->compact && topic->days) {
		set(&settings[n++], "delete.retention.ms", text);
		set(&settings[n++], "max.compaction.lag.ms", text);
	}
	snprintf(text, sizeof(text), "%d", topic->longest);
	if (topic->longest)
		set(&settings[n++], "max.message.bytes", text);
	return n;
}

static bool
read_row(struct dq_slice line, struct dq_topic *topic, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(line, err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct dq_slice name = dq_json_text(dq_json_get(root, "name"));
	int64_t partitions = 0, days = 0;

	if (!doc)
		return false;
	dq_json_int(dq_json_get(root, "partitions"), &partitions);
	dq_json_int(dq_json_get(root, "days"), &days);
	*topic = (struct dq_topic){
	    .name = dq_strndup(name.data, name.len),
	    .partitions = (int)partitions,
	    .days = (int)days,
	    .compact = yyjson_is_true(dq_json_get(root, "compact")),
	};
	dq_json_free(doc);
	if (name.len && partitions > 0 && partitions < 100000 && days >= 0 &&
	    days < 100000)
		return true;
	return dq_err_code(err, DQ_EXIT_USAGE,
	    "a topic needs a name, partitions above 0 and days from 0 on");
}

static void
free_rows(struct dq_topic *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((char *)table[i].name);
	free(table);
}

const struct dq_topic *
dq_topics_read(struct dq_slice text, struct dq_err *err)
{
	struct dq_topic *table = dq_calloc(1, sizeof(*table));
	size_t count = 0, at = 0;
	int line = 0;

	while (at < text.len) {
		const char *end = memchr(text.data + at, '\n', text.len - at);
		size_t n = (end ? (size_t)(end - text.data) : text.len) - at;
		struct dq_slice row = {text.data + at, n};

		at += n + 1;
		line++;
		if (!n)
			continue;
		table = dq_realloc_array(table, count + 2, sizeof(*table));
		table[count] = table[count + 1] = (struct dq_topic){0};
		if (!read_row(row, &table[count++], err)) {
			dq_err_at(err, "line %d", line);
			free_rows(table, count);
			return NULL;
		}
	}
	return table;
}
