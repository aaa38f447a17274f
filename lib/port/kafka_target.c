#include "port/kafka_target.h"

#include "base/mem.h"
#include "port/topics.h"

#include <stdlib.h>

void
dq_kafka_targets_init(struct dq_kafka_targets *targets, const char *names)
{
	char **list;

	targets->count = dq_kafka_topics(names, &list);
	targets->items = dq_calloc(targets->count + 1, sizeof(*targets->items));
	for (size_t i = 0; i < targets->count; i++)
		targets->items[i].name = list[i];
	free(list);
}

void
dq_kafka_targets_release(struct dq_kafka_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		free(targets->items[i].name);
	free(targets->items);
}

static bool
open_one(struct dq_kafka_target *target, struct dq_kafka_client *client,
    struct dq_err *err)
{
	const struct dq_topic *known = dq_topic_find(target->name);

	target->kinds = known ? known->kinds : 0;
	target->partitions = dq_kafka_partitions(client, target->name, err);
	if (target->partitions < 0)
		return false;
	target->handle = rd_kafka_topic_new(client->rk, target->name, NULL);
	return true;
}

bool
dq_kafka_targets_open(struct dq_kafka_targets *targets,
    struct dq_kafka_client *client, struct dq_err *err)
{
	for (size_t i = 0; i < targets->count; i++)
		if (!open_one(&targets->items[i], client, err))
			return false;
	return true;
}

void
dq_kafka_targets_close(struct dq_kafka_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->items[i].handle)
			rd_kafka_topic_destroy(targets->items[i].handle);
		targets->items[i].handle = NULL;
	}
}

int
dq_kafka_targets_named(
    const struct dq_kafka_targets *targets, struct dq_slice name)
{
	for (size_t i = 0; name.len && i < targets->count; i++)
		if (dq_slice_is(name, targets->items[i].name))
			return (int)i;
	return -1;
}

struct dq_kafka_target *
dq_kafka_targets_of(const struct dq_kafka_targets *targets, enum dq_kind kind)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->items[i].kinds & DQ_KIND_BIT(kind))
			return &targets->items[i];
	return &targets->items[0];
}

struct dq_kafka_target *
dq_kafka_targets_at(struct dq_kafka_targets *targets, struct dq_slice name,
    struct dq_kafka_client *client, struct dq_err *err)
{
	int index = dq_kafka_targets_named(targets, name);
	struct dq_kafka_target *target;

	if (index < 0) {
		index = (int)targets->count++;
		targets->items = dq_realloc_array(
		    targets->items, targets->count, sizeof(*targets->items));
		targets->items[index] = (struct dq_kafka_target){
		    .name = dq_strndup(name.data, name.len)};
	}
	target = &targets->items[index];
	return target->handle || open_one(target, client, err) ? target : NULL;
}
