#include "run/tool.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/sink.h"
#include "port/spool.h"
#include "run/config.h"
#include "run/endpoint.h"
#include "run/files.h"
#include "run/options.h"
#include "run/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT (5 * DQ_MINUTE)

_Noreturn void
dq_tool_print(const struct dq_buf *text)
{
	if (fwrite(text->data, 1, text->len, stdout) < text->len ||
	    fflush(stdout) != 0)
		dq_die(DQ_EXIT_IO, "stdout", "cannot write: %m");
	exit(DQ_EXIT_OK);
}

/* One schema a kind, one behind the other: jq reads such a stream. */
static void
add_schemas(const struct dq_tool *tool, struct dq_buf *out)
{
	for (int k = 0; k < DQ_KIND_OTHER; k++)
		if ((tool->reads | tool->writes) & DQ_KIND_BIT(k))
			dq_kind_schema((enum dq_kind)k, out);
}

static void
answer(const struct dq_tool *tool, const struct dq_opt_set *set)
{
	const struct dq_common *c = &tool->common;
	struct dq_buf text = {0};

	if (c->help)
		dq_opt_usage(set, &text);
	else if (c->version)
		dq_buf_printf(&text, "%s %s\n", tool->name, DQ_VERSION);
	else if (c->print_config)
		dq_opt_print(set, &text);
	else if (c->schema)
		add_schemas(tool, &text);
	else if (c->describe)
		tool->describe(&text);
	else
		return;
	dq_tool_print(&text);
}

static void
check(const struct dq_common *c)
{
	if (c->on_bad == DQ_ON_BAD_DLQ && !c->dlq)
		dq_die(DQ_EXIT_USAGE, "--on-bad", "dlq needs --dlq PATH");
	if (c->tick && c->state &&
	    (dq_endpoint_topic(c->state) || dq_endpoint_topic(c->from)))
		dq_die(DQ_EXIT_USAGE, "--tick",
		    "in a topic ticks stand among the records: dq-tick writes "
		    "them");
	if (c->kafka.wait < DQ_SECOND || c->kafka.interval < 1000)
		dq_die(DQ_EXIT_USAGE, "--wait",
		    "at least 1s, and --checkpoint-interval at least 1ms");
	if (c->tick && c->tick < 60 * INT64_C(1000000))
		dq_die(DQ_EXIT_USAGE, "--tick", "shorter than a minute");
}

static bool
given(const struct dq_opt *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table->origin != NULL;
	return false;
}

/* What a port wants to know of its tool, and defaults that depend. */
static void
set_kafka(struct dq_tool *tool, bool interval_given)
{
	struct dq_kafka_options *k = &tool->common.kafka;

	k->tool = tool->name;
	k->own_group = tool->group;
	k->stop = &dq_signals_stop;
	k->waits = tool->common.state && !dq_endpoint_topic(tool->common.state);
	if (tool->admin && k->timeout == TIMEOUT)
		k->timeout = 20 * DQ_SECOND; /* a person waits */
	k->interval =
	    interval_given ? tool->common.checkpoint_interval : DQ_SECOND / 5;
}

/* The database's options follow Kafka's. What a group reads and a table takes
 * goes with its offsets, and those say where the group goes on. */
static void
set_pg(struct dq_tool *tool)
{
	struct dq_kafka_options *k = &tool->common.kafka;
	struct dq_pg_options *p = &tool->common.pg;

	p->tool = tool->name;
	p->stop = &dq_signals_stop;
	p->timeout = k->timeout;
	p->count = k->count;
	if (!dq_endpoint_tables(tool->common.to) || !tool->pg ||
	    !dq_endpoint_grouped(tool))
		return;
	p->group = k->group ? k->group : k->own_group;
	k->stored = tool->pg->stored;
	k->stored_context = p;
}

int
dq_tool_start(struct dq_tool *tool, int argc, char **argv)
{
	struct dq_common *c = &tool->common;
	struct dq_opt_set set = {
	    .usage = tool->usage, .summary = tool->summary};
	int positional;

	*c = (struct dq_common){.from = "-",
	    .to = "-",
	    .checkpoint_interval = 10 * DQ_SECOND,
	    .kafka = {.servers = "localhost:9092",
		.timeout = TIMEOUT,
		.spool_limit = DQ_SPOOL_LIMIT,
		.wait = 45 * DQ_SECOND},
	    .pg = {.since = DQ_TIME_NONE, .until = DQ_TIME_NONE}};
	dq_program_set(tool->name);
	dq_file_hold_standard();
	set.tables[0] = tool->options;
	set.tables[1] = dq_options_shared(tool);
	positional = dq_opt_parse(&set, argc, argv);
	if (c->help || c->version)
		answer(tool, &set);
	dq_opt_environment(&set);
	dq_config_read(&set, c->profile, dq_options_known);
	dq_log_format_set((enum dq_log_format)c->log_format);
	if (c->dlq && !given(set.tables[1], "on-bad"))
		c->on_bad = DQ_ON_BAD_DLQ;
	set_kafka(tool, given(set.tables[1], "checkpoint-interval"));
	set_pg(tool);
	check(c);
	answer(tool, &set);
	free(set.tables[1]);
	dq_signals_catch();
	return positional;
}
