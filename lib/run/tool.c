#include "run/tool.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/sink.h"
#include "run/config.h"
#include "run/endpoint.h"
#include "run/files.h"
#include "run/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_MAX 48
#define TIMEOUT (5 * DQ_MINUTE)

/* The shared rows; which of them a tool has follows from what it is. */
static struct dq_opt *
shared_options(const struct dq_tool *tool, struct dq_common *c)
{
	const bool io = !tool->admin, filter = io && !tool->source;
	const bool stateful = tool->stateful;
	const bool kafka = tool->kafka, reads = kafka && filter;
	struct dq_kafka_options *k = &c->kafka;
	const struct {
		bool wanted;
		struct dq_opt row;
	} rows[] = {
	    {filter,
		{.name = "from",
		    .argument = "FROM",
		    .value = &c->from,
		    .help = kafka
				? "-, a path or kafka:TOPIC,TOPIC (-)"
				: "where records come from: - or a path (-)"}},
	    {io, {.name = "to",
		     .argument = "TO",
		     .value = &c->to,
		     .help = kafka ? "-, a path or kafka:TOPIC (-)"
				   : "where records go: - or a path (-)"}},
	    {filter, {.name = "on-bad",
			 .argument = "HOW",
			 .type = DQ_OPT_CHOICE,
			 .value = &c->on_bad,
			 .choices = "stop|skip|dlq",
			 .help = "a refused record: stop, skip, dlq (stop)"}},
	    {filter,
		{.name = "dlq",
		    .argument = "PATH",
		    .value = &c->dlq,
		    .help =
			kafka ? "refused records, whole: a path or kafka:TOPIC"
			      : "append refused records there, whole"}},
	    {stateful,
		{.name = "state",
		    .argument = "DIR",
		    .value = &c->state,
		    .help = kafka
				? "continue from DIR or kafka:TOPIC, save there"
				: "continue from DIR and save there"}},
	    {stateful, {.name = "tick",
			   .argument = "TIME",
			   .type = DQ_OPT_DURATION,
			   .value = &c->tick,
			   .help = "make ticks of event time, such as 1d"}},
	    {stateful || reads, {.name = "checkpoint-interval",
				    .argument = "TIME",
				    .type = DQ_OPT_DURATION,
				    .value = &c->checkpoint_interval}},
	    {kafka, {.letter = 'b',
			.name = "bootstrap-server",
			.argument = "HOSTS",
			.value = &k->servers,
			.help = "Kafka's brokers (localhost:9092)"}},
	    {kafka && io, {.letter = 'G',
			      .name = "group",
			      .argument = "GROUP",
			      .value = &k->group,
			      .help = "consumer group; see dq-stream(7)"}},
	    {reads,
		{.letter = 'o',
		    .name = "offset",
		    .argument = "WHERE",
		    .type = DQ_OPT_LIST,
		    .value = &k->offset,
		    .help = "beginning, end, stored, N, -N, s@TIME, e@TIME"}},
	    {reads, {.letter = 'e',
			.name = "exit-at-end",
			.type = DQ_OPT_FLAG,
			.value = &k->exit_at_end,
			.help = "end where the topic ends now"}},
	    {reads, {.letter = 'c',
			.name = "count",
			.argument = "N",
			.type = DQ_OPT_INT,
			.value = &k->count,
			.help = "end after N records"}},
	    {kafka, {.letter = 'X',
			.name = "set",
			.argument = "KEY=VALUE",
			.type = DQ_OPT_LIST,
			.value = &k->set,
			.help = "a property of librdkafka"}},
	    {kafka, {.letter = 'F',
			.name = "command-config",
			.argument = "FILE",
			.value = &k->config,
			.help = "a file of such properties"}},
	    {kafka && io, {.name = "instance",
			      .argument = "SLOT",
			      .value = &k->instance}},
	    {kafka && io, {.name = "transactional-id",
			      .argument = "ID",
			      .value = &k->transaction_id}},
	    {kafka && io,
		{.name = "plain", .type = DQ_OPT_FLAG, .value = &k->plain}},
	    {kafka, {.name = "timeout",
			.argument = "TIME",
			.type = DQ_OPT_DURATION,
			.value = &k->timeout}},
	    {kafka && io, {.name = "wait",
			      .argument = "TIME",
			      .type = DQ_OPT_DURATION,
			      .value = &k->wait}},
	    {io, {.name = "progress",
		     .type = DQ_OPT_FLAG,
		     .value = &c->progress}},
	    {io, {.name = "metrics", .argument = "PATH", .value = &c->metrics}},
	    {true, {.name = "log-format",
		       .argument = "HOW",
		       .type = DQ_OPT_CHOICE,
		       .value = &c->log_format,
		       .choices = "text|json"}},
	    {true,
		{.name = "profile", .argument = "NAME", .value = &c->profile}},
	    {true, {.name = "print-config",
		       .type = DQ_OPT_FLAG,
		       .value = &c->print_config}},
	    {io, {.name = "schema",
		     .type = DQ_OPT_FLAG,
		     .value = &c->schema,
		     .help = "print JSON Schemas of what is read and written"}},
	    {tool->describe, {.name = "describe",
				 .type = DQ_OPT_FLAG,
				 .value = &c->describe,
				 .help = "print what the tool works by"}},
	    {true, {.letter = 'V',
		       .name = "version",
		       .type = DQ_OPT_FLAG,
		       .value = &c->version,
		       .help = "print the version"}},
	    {true, {.letter = 'h',
		       .name = "help",
		       .type = DQ_OPT_FLAG,
		       .value = &c->help,
		       .help = "print this"}},
	};
	struct dq_opt *table = dq_calloc(OPTIONS_MAX, sizeof(*table));
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].wanted)
			table[n++] = rows[i].row;
	return table;
}

/* A line of dq.conf may name an option that only other tools have. */
static bool
shared_name(const char *name)
{
	static const char *const names[] = {"from", "to", "on-bad", "dlq",
	    "state", "checkpoint-interval", "tick", "progress", "metrics",
	    "log-format", "bootstrap-server", "group", "offset", "set",
	    "command-config", "instance", "plain", "timeout", "wait"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

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
	if (c->tick && dq_endpoint_topic(c->state))
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
	if (tool->admin && k->timeout == TIMEOUT)
		k->timeout = 20 * DQ_SECOND; /* a person waits */
	k->interval =
	    interval_given ? tool->common.checkpoint_interval : DQ_SECOND / 5;
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
		.wait = 45 * DQ_SECOND}};
	dq_program_set(tool->name);
	dq_file_hold_standard();
	set.tables[0] = tool->options;
	set.tables[1] = shared_options(tool, c);
	positional = dq_opt_parse(&set, argc, argv);
	if (c->help || c->version)
		answer(tool, &set);
	dq_opt_environment(&set);
	dq_config_read(&set, c->profile, shared_name);
	dq_log_format_set((enum dq_log_format)c->log_format);
	if (c->dlq && !given(set.tables[1], "on-bad"))
		c->on_bad = DQ_ON_BAD_DLQ;
	set_kafka(tool, given(set.tables[1], "checkpoint-interval"));
	check(c);
	answer(tool, &set);
	free(set.tables[1]);
	dq_signals_catch();
	return positional;
}
