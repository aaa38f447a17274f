#include "port/pg_offsets.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

void
dq_pg_offsets_release(struct dq_pg_offsets *offsets)
{
	for (size_t i = 0; i < offsets->count; i++)
		free(offsets->list[i].topic);
	free(offsets->list);
	*offsets = (struct dq_pg_offsets){0};
}

/* Everyone takes the rows in this order, so nobody waits in a circle. */
static int
by_place(const void *a, const void *b)
{
	const struct dq_pg_offset *x = a, *y = b;
	int topics = strcmp(x->topic, y->topic);

	return topics ? topics : x->partition - y->partition;
}

void
dq_pg_offsets_assign(
    struct dq_pg_offsets *offsets, const struct dq_control *control)
{
	struct dq_json_iter iter = dq_control_offsets(control);
	struct dq_control_offset given;

	dq_pg_offsets_release(offsets);
	while (dq_control_offset(&iter, &given)) {
		offsets->list = dq_realloc_array(
		    offsets->list, offsets->count + 1, sizeof(*offsets->list));
		offsets->list[offsets->count++] = (struct dq_pg_offset){
		    .topic = dq_strndup(given.topic.data, given.topic.len),
		    .partition = given.partition,
		    .old = given.offset,
		    .next = given.offset,
		    .known = given.committed,
		};
	}
	if (offsets->count)
		qsort(offsets->list, offsets->count, sizeof(*offsets->list),
		    by_place);
}

static struct dq_pg_offset *
find(struct dq_pg_offsets *offsets, const struct dq_control_offset *given)
{
	for (size_t i = 0; i < offsets->count; i++)
		if (offsets->list[i].partition == given->partition &&
		    dq_slice_is(given->topic, offsets->list[i].topic))
			return &offsets->list[i];
	return NULL;
}

bool
dq_pg_offsets_next(struct dq_pg_offsets *offsets,
    const struct dq_control *control, struct dq_err *err)
{
	struct dq_json_iter iter = dq_control_offsets(control);
	struct dq_control_offset given;

	while (dq_control_offset(&iter, &given)) {
		struct dq_pg_offset *offset = find(offsets, &given);

		if (!offset)
			return dq_err_code(err, DQ_EXIT_RETRY,
			    "a checkpoint of a partition that is not ours");
		offset->next = given.offset;
	}
	return true;
}

static bool
moved(const struct dq_pg_offset *offset)
{
	return !offset->known || offset->next != offset->old;
}

bool
dq_pg_offsets_moved(const struct dq_pg_offsets *offsets)
{
	for (size_t i = 0; i < offsets->count; i++)
		if (moved(&offsets->list[i]))
			return true;
	return false;
}

/* A place as parameters of a statement. */
struct place {
	char partition[16], old[24], next[24];
	const char *values[5]; /* group, topic, partition, next, old */
};

static void
set_place(struct place *p, const char *group, const struct dq_pg_offset *offset)
{
	snprintf(p->partition, sizeof(p->partition), "%d", offset->partition);
	snprintf(p->old, sizeof(p->old), "%lld", (long long)offset->old);
	snprintf(p->next, sizeof(p->next), "%lld", (long long)offset->next);
	p->values[0] = group;
	p->values[1] = offset->topic;
	p->values[2] = p->partition;
	p->values[3] = p->next;
	p->values[4] = p->old;
}

static bool
move(const struct dq_pg_offset *offset, struct dq_pg_client *client,
    const char *group, struct dq_err *err)
{
	static const char update[] =
	    "UPDATE dq_offsets SET next = $4, updated_at = now() WHERE grp = "
	    "$1 AND topic = $2 AND part = $3 AND next = $5";
	static const char insert[] =
	    "INSERT INTO dq_offsets (grp, topic, part, next) VALUES ($1, $2, "
	    "$3, $4) ON CONFLICT DO NOTHING";
	PGresult *result;
	struct place p;
	bool good;

	set_place(&p, group, offset);
	if (!dq_pg_run(client, &result, err, offset->known ? update : insert,
		offset->known ? 5 : 4, p.values))
		return false;
	good = !strcmp(PQcmdTuples(result), "1");
	PQclear(result);
	if (good)
		return true;
	client->fault = DQ_PG_FATAL;
	return dq_err_code(err, DQ_EXIT_RETRY,
	    "%s: another process has moved %s[%d] from %s: it is the owner now",
	    group, offset->topic, offset->partition,
	    offset->known ? p.old : "nothing");
}

bool
dq_pg_offsets_move(const struct dq_pg_offsets *offsets,
    struct dq_pg_client *client, const char *group, struct dq_err *err)
{
	for (size_t i = 0; i < offsets->count; i++)
		if (moved(&offsets->list[i]) &&
		    !move(&offsets->list[i], client, group, err))
			return false;
	return true;
}

/* The next offset that the database has, -1: none. */
static bool
ask(struct dq_pg_client *client, const char *group,
    const struct dq_pg_offset *offset, int64_t *next, struct dq_err *err)
{
	PGresult *result;
	struct place p;

	*next = -1;
	set_place(&p, group, offset);
	if (!dq_pg_run(client, &result, err,
		"SELECT next FROM dq_offsets WHERE grp = $1 AND topic = $2 AND "
		"part = $3",
		3, p.values))
		return false;
	if (PQntuples(result) == 1)
		dq_num_int(DQ_SLICE(PQgetvalue(result, 0, 0)), next);
	PQclear(result);
	return true;
}

bool
dq_pg_offsets_arrived(const struct dq_pg_offsets *offsets,
    struct dq_pg_client *client, const char *group, bool *arrived,
    struct dq_err *err)
{
	int64_t next;

	*arrived = true;
	for (size_t i = 0; i < offsets->count; i++) {
		if (!moved(&offsets->list[i]))
			continue;
		if (!ask(client, group, &offsets->list[i], &next, err))
			return false;
		*arrived = *arrived && next == offsets->list[i].next;
	}
	return true;
}

void
dq_pg_offsets_done(struct dq_pg_offsets *offsets)
{
	for (size_t i = 0; i < offsets->count; i++) {
		offsets->list[i].old = offsets->list[i].next;
		offsets->list[i].known = true;
	}
}

static bool
ask_all(struct dq_pg_client *client, const char *group,
    struct dq_kafka_stored *places, size_t count, struct dq_err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct dq_pg_offset offset = {
		    .topic = (char *)(uintptr_t)places[i].topic,
		    .partition = places[i].partition};

		if (!ask(client, group, &offset, &places[i].next, err))
			return false;
	}
	return true;
}

bool
dq_pg_stored(void *options, const char *group, struct dq_kafka_stored *places,
    size_t count, struct dq_err *err)
{
	struct dq_pg_client client;
	bool good;

	dq_pg_client_init(&client, options);
	good = dq_pg_connect(&client, err);
	while (good && !ask_all(&client, group, places, count, err))
		good = client.fault == DQ_PG_AWAY && dq_pg_again(&client, err);
	dq_pg_client_close(&client);
	return good;
}
