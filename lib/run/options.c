#include "run/options.h"

#include "base/mem.h"

#define OPTIONS_MAX 48
#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

/* An option and whether the tool has it, which follows from what it is. */
struct shared {
	bool wanted;
	struct dq_opt row;
};

static void
add(struct dq_opt *table, const struct shared *rows, size_t count)
{
	while (table->name)
		table++;
	for (size_t i = 0; i < count; i++)
		if (rows[i].wanted)
			*table++ = rows[i].row;
}

/* Where records come from and go to, and what is kept between runs. */
static void
add_stream(struct dq_tool *tool, struct dq_opt *table)
{
	struct dq_common *c = &tool->common;
	const bool io = !tool->admin, filter = io && !tool->source;
	const bool stateful = tool->stateful, kafka = tool->kafka;
	const bool tables = kafka && tool->pg;
	const struct shared rows[] = {
	    {filter,
		{.name = "from",
		    .argument = "FROM",
		    .value = &c->from,
		    .help =
			tables	? "-, a path, kafka:TOPIC or pg:TABLE,TABLE (-)"
			: kafka ? "-, a path or kafka:TOPIC,TOPIC (-)"
				: "where records come from: - or a path (-)"}},
	    {io, {.name = "to",
		     .argument = "TO",
		     .value = &c->to,
		     .help =
			 tables ? "-, a path, kafka:TOPIC or pg:TABLE,TABLE (-)"
			 : kafka ? "-, a path or kafka:TOPIC (-)"
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
	    {tool->ingest,
		{.name = "pseudonym",
		    .argument = "FILE",
		    .value = &c->pseudonym,
		    .help = "pseudonyms for customers, kept in this file"}},
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
	    {stateful || (kafka && filter),
		{.name = "checkpoint-interval",
		    .argument = "TIME",
		    .type = DQ_OPT_DURATION,
		    .value = &c->checkpoint_interval}},
	};

	add(table, rows, COUNT(rows));
}

static void
add_kafka(struct dq_tool *tool, struct dq_opt *table)
{
	struct dq_kafka_options *k = &tool->common.kafka;
	const bool kafka = tool->kafka;
	const bool reads = kafka && !tool->admin && !tool->source;
	const bool writes = kafka && !tool->admin;
	const struct shared rows[] = {
	    {kafka, {.letter = 'b',
			.name = "bootstrap-server",
			.argument = "HOSTS",
			.value = &k->servers,
			.help = "Kafka's brokers (localhost:9092)"}},
	    {reads, {.letter = 'G',
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
	    {reads, {.name = "instance",
			.argument = "SLOT",
			.value = &k->instance}},
	    {reads, {.name = "transactional-id",
			.argument = "ID",
			.value = &k->transaction_id}},
	    {reads, {.name = "plain", .type = DQ_OPT_FLAG, .value = &k->plain}},
	    {writes, {.name = "spool", .argument = "DIR", .value = &k->spool}},
	    {writes, {.name = "spool-limit",
			 .argument = "BYTES",
			 .type = DQ_OPT_INT,
			 .value = &k->spool_limit}},
	    {kafka || tool->pg, {.name = "timeout",
				    .argument = "TIME",
				    .type = DQ_OPT_DURATION,
				    .value = &k->timeout}},
	    {reads, {.name = "wait",
			.argument = "TIME",
			.type = DQ_OPT_DURATION,
			.value = &k->wait}},
	};

	add(table, rows, COUNT(rows));
}

static void
add_pg(struct dq_tool *tool, struct dq_opt *table)
{
	struct dq_pg_options *p = &tool->common.pg;
	const bool pg = tool->pg, io = pg && !tool->admin;
	const struct shared rows[] = {
	    {pg, {.letter = 'd',
		     .name = "database",
		     .argument = "CONNECTION",
		     .value = &p->database,
		     .help = "libpq's connection string, without password"}},
	    {io, {.name = "since",
		     .argument = "TIME",
		     .type = DQ_OPT_TIME,
		     .value = &p->since,
		     .help = "of a table: rows from this time on"}},
	    {io, {.name = "until",
		     .argument = "TIME",
		     .type = DQ_OPT_TIME,
		     .value = &p->until,
		     .help = "of a table: rows before this time"}},
	    {io, {.name = "after",
		     .argument = "TIME,ID",
		     .value = &p->after,
		     .help = "of a table: go on behind this row"}},
	};

	add(table, rows, COUNT(rows));
}

static void
add_general(struct dq_tool *tool, struct dq_opt *table)
{
	struct dq_common *c = &tool->common;
	const bool io = !tool->admin;
	const struct shared rows[] = {
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

	add(table, rows, COUNT(rows));
}

struct dq_opt *
dq_options_shared(struct dq_tool *tool)
{
	struct dq_opt *table = dq_calloc(OPTIONS_MAX, sizeof(*table));

	add_stream(tool, table);
	add_kafka(tool, table);
	add_pg(tool, table);
	add_general(tool, table);
	return table;
}

bool
dq_options_known(const char *name)
{
	static const char *const names[] = {"from", "to", "on-bad", "dlq",
	    "state", "checkpoint-interval", "tick", "progress", "metrics",
	    "log-format", "bootstrap-server", "group", "offset", "set",
	    "command-config", "instance", "plain", "timeout", "wait",
	    "database", "spool", "spool-limit"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}
