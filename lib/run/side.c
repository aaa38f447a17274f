#include "run/side.h"

#include "base/time.h"
#include "run/endpoint.h"
#include "run/files.h"

#include <stdio.h>

#define LOOK_EVERY 20000 /* microseconds */

/* A message without a value forgets its customer; we keep what we know. */
static bool
take(void *context, int32_t partition, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct dq_side *side = context;
	const struct dq_common *c = &side->tool->common;
	/* The input's partitions are others. */
	struct dq_place place = {.source = side->spec, .partition = -1};
	const struct dq_record *record;
	struct dq_err why;

	if (!value.len)
		return true;
	record =
	    dq_reader_parse(side->reader, value, &place, side->kinds, 2, &why);
	if (record) {
		side->each(side->context, record);
		return true;
	}
	dq_err_code(err, DQ_EXIT_DATA, "%s[%d], key %.*s: %s", side->spec,
	    partition, (int)(key.len < 64 ? key.len : 64), key.data, why.text);
	if (c->on_bad == DQ_ON_BAD_STOP)
		return false;
	dq_warn(NULL, "%s; skipped", err->text);
	return true;
}

static bool
waiting(void *context, struct dq_err *err)
{
	(void)context;
	return !dq_tool_stopped() || dq_err_set(err, "stopped");
}

static void
open_topic(struct dq_side *side, const char *topic, struct dq_err *err)
{
	const struct dq_kafka_restore restore = {
	    .topic = topic, .row = take, .waiting = waiting, .context = side};

	if (!side->tool->kafka)
		dq_die(DQ_EXIT_USAGE, side->spec,
		    "this tool has no kafka: endpoints");
	if (!side->reader)
		side->reader = dq_reader_new();
	side->table =
	    side->tool->kafka->table(&side->tool->common.kafka, &restore, err);
}

static void
must(bool good, const struct dq_err *err)
{
	if (!good && !dq_tool_stopped())
		dq_die(err->code ? err->code : DQ_EXIT_RETRY, NULL, "%s",
		    err->text);
}

void
dq_side_look(struct dq_side *side)
{
	const char *topic = dq_endpoint_topic(side->spec);
	int64_t now;
	struct dq_err err;

	if (!side->spec || (side->read && !side->table))
		return;
	now = dq_clock_steady();
	if (side->read && now - side->looked < LOOK_EVERY)
		return;
	side->looked = now;
	if (side->read) {
		must(side->tool->kafka->more(side->table, &err), &err);
		return;
	}
	side->read = true;
	if (topic) {
		open_topic(side, topic, &err);
		must(side->table != NULL, &err);
	} else {
		dq_file_records(
		    side->spec, side->kinds, side->each, side->context);
	}
}

void
dq_side_forget(struct dq_side *side)
{
	if (side->table)
		side->tool->kafka->close(side->table);
	side->table = NULL;
	dq_reader_free(side->reader);
	side->reader = NULL;
	side->read = false;
}
