#include "run/endpoint.h"

#include "port/spool.h"
#include "port/spool_sink.h"
#include "run/signals.h"

const char *
dq_endpoint_topic(const char *spec)
{
	return spec && !strncmp(spec, "kafka:", 6) ? spec + 6 : NULL;
}

const char *
dq_endpoint_tables(const char *spec)
{
	return spec && !strncmp(spec, "pg:", 3) ? spec + 3 : NULL;
}

static bool
has_pg(const struct dq_tool *tool, const char *spec, struct dq_err *err)
{
	return tool->pg || dq_err_code(err, DQ_EXIT_USAGE,
			       "%s: this tool has no pg: endpoints", spec);
}

static bool
has_kafka(const struct dq_tool *tool, const char *spec, struct dq_err *err)
{
	return tool->kafka ||
	       dq_err_code(err, DQ_EXIT_USAGE,
		   "%s: this tool has no kafka: endpoints", spec);
}

struct dq_source *
dq_endpoint_source(const struct dq_tool *tool)
{
	const char *spec = tool->common.from, *topic = dq_endpoint_topic(spec);
	const char *tables = dq_endpoint_tables(spec);
	struct dq_source *source = NULL;
	struct dq_err err;

	if (tables) {
		if (has_pg(tool, spec, &err))
			source =
			    tool->pg->source(tables, &tool->common.pg, &err);
	} else if (!topic)
		source = dq_source_open(spec, &dq_signals_stop, &err);
	else if (has_kafka(tool, spec, &err))
		source = tool->kafka->source(topic, &tool->common.kafka, &err);
	if (!source)
		dq_die(err.code ? err.code : DQ_EXIT_IO, NULL, "%s", err.text);
	if (tool->follow && !topic && !tables)
		dq_source_follow(source);
	return tool->wrap ? tool->wrap(tool->wrap_context, source) : source;
}

bool
dq_endpoint_grouped(const struct dq_tool *tool)
{
	const struct dq_kafka_options *kafka = &tool->common.kafka;

	return dq_endpoint_topic(tool->common.from) &&
	       (kafka->group || kafka->own_group);
}

/* What waits on disk cannot be part of a transaction. */
static struct dq_sink *
spooled(const struct dq_tool *tool, const char *topics, struct dq_err *err)
{
	const struct dq_kafka_options *kafka = &tool->common.kafka;

	if (dq_endpoint_grouped(tool) && !kafka->plain)
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--spool: from a group to a topic is exactly once while "
		    "brokers are there: leave it out, or add --plain");
	else if (dq_endpoint_topic(tool->common.state))
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--spool: state in a topic is written with the records: "
		    "--state DIR, or leave it out");
	else if (kafka->transaction_id)
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--spool: --transactional-id makes a run all or nothing: "
		    "choose one");
	else if (dq_endpoint_topic(tool->common.dlq))
		dq_err_code(
		    err, DQ_EXIT_USAGE, "--spool: --dlq takes a path then");
	else if (kafka->spool_limit < DQ_SPOOL_LIMIT_MIN)
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--spool-limit: at least %lld bytes",
		    (long long)DQ_SPOOL_LIMIT_MIN);
	else
		return dq_spool_sink_open(tool->kafka, topics, kafka, err);
	return NULL;
}

struct dq_sink *
dq_endpoint_sink(
    const struct dq_tool *tool, enum dq_sink_mode mode, struct dq_err *err)
{
	const char *spec = tool->common.to, *topic = dq_endpoint_topic(spec);
	const char *tables = dq_endpoint_tables(spec);
	const struct dq_kafka_options *kafka = &tool->common.kafka;

	if (kafka->spool && !topic) {
		dq_err_code(
		    err, DQ_EXIT_USAGE, "--spool is for --to kafka:TOPIC");
		return NULL;
	}
	if (tables)
		return has_pg(tool, spec, err)
			   ? tool->pg->sink(tables, &tool->common.pg, err)
			   : NULL;
	if (!topic)
		return dq_sink_open(spec, mode, err);
	if (!has_kafka(tool, spec, err))
		return NULL;
	if (kafka->spool)
		return spooled(tool, topic, err);
	return tool->kafka->sink(
	    topic, dq_endpoint_grouped(tool) && !kafka->plain, kafka, err);
}

struct dq_sink *
dq_endpoint_letters(
    const struct dq_tool *tool, struct dq_sink *sink, struct dq_err *err)
{
	const char *spec = tool->common.dlq, *topic = dq_endpoint_topic(spec);

	if (dq_endpoint_tables(spec)) {
		dq_err_code(err, DQ_EXIT_USAGE,
		    "a table holds no refused records: a path or kafka:TOPIC");
		return NULL;
	}
	if (!topic)
		return dq_sink_open(spec, DQ_SINK_APPEND, err);
	if (!has_kafka(tool, spec, err))
		return NULL;
	if (dq_endpoint_topic(tool->common.to))
		return tool->kafka->beside(sink, topic, err);
	return tool->kafka->sink(topic, false, &tool->common.kafka, err);
}
