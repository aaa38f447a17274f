/* What every tool shares: the common options, help, schema, version, and the
 * life of a filter from the first line to the exit code. */
#ifndef DQ_RUN_TOOL_H
#define DQ_RUN_TOOL_H

#include "base/opt.h"
#include "port/kafka.h"
#include "port/pg.h"
#include "run/filter.h"

enum dq_on_bad { DQ_ON_BAD_STOP, DQ_ON_BAD_SKIP, DQ_ON_BAD_DLQ };

/* Options of the runner, filled by dq_tool_start. */
struct dq_common {
	const char *from; /* "-", a path, kafka:..., pg:... */
	const char *to;
	int on_bad;		     /* enum dq_on_bad */
	const char *dlq;	     /* a path, or NULL */
	const char *pseudonym;	     /* a file, or NULL; see pseudonyms.h */
	const char *state;	     /* directory, kafka:TOPIC or NULL */
	int64_t checkpoint_interval; /* microseconds */
	int64_t tick;		     /* own ticks by event time; 0: none */
	struct dq_kafka_options kafka;
	struct dq_pg_options pg;
	bool progress;
	const char *metrics;
	int log_format;
	const char *profile;
	bool schema;
	bool describe;
	bool print_config;
	bool version;
	bool help;
};

struct dq_tool {
	const char *name;
	const char *usage;	/* arguments as -h shows them */
	const char *summary;	/* one sentence */
	struct dq_opt *options; /* its own table, or NULL */
	uint32_t reads, writes; /* DQ_KIND_BITs, for --schema */
	/* Appends what --describe prints; NULL: the tool has no --describe.
	 * Called after all options are read, before any input. */
	void (*describe)(struct dq_buf *out);
	bool source;   /* reads no records: no --from, no --on-bad */
	bool admin;    /* neither reads nor writes records */
	bool stateful; /* has --state and --tick */
	bool ingest;   /* has --pseudonym: a source obeys it by itself, a filter
			  by dq_pseudonyms_record */
	bool follow;   /* goes on at the end of a file, as at that of a topic */
	bool long_lines; /* takes lines up to DQ_KEEP_LIMIT */
	/* &dq_kafka where the tool links librdkafka: it has kafka: endpoints
	 * and their options. */
	const struct dq_kafka *kafka;
	/* &dq_pg where the tool links libpq: it has pg: endpoints. */
	const struct dq_pg *pg;
	/* For input that is not lines of JSON: puts a source before the one
	 * that was opened. NULL: none. */
	struct dq_source *(*wrap)(void *context, struct dq_source *source);
	void *wrap_context;
	const char *group; /* the consumer group without -G, or NULL */
	struct dq_common common;
};

/* Reads options (flag > DQ_* environment > profile > ./dq.conf >
 * ~/.config/dq/dq.conf > /etc/dq/dq.conf), answers -h, -V, --schema,
 * --describe and --print-config (and exits 0), sets the program's name, the
 * log format and signals. Returns the number of positional arguments, moved
 * to argv[1...]. Mistakes end with 2. */
int dq_tool_start(struct dq_tool *tool, int argc, char **argv);

/* Runs the filter from the tool's source to its sink; the exit code. The
 * last act is to check that everything was written. */
enum dq_exit dq_tool_run(struct dq_tool *tool, struct dq_filter *filter);

/* For sources: an output that goes where --to says. */
struct dq_out *dq_tool_open_out(struct dq_tool *tool);

/* To be called after every line or bundle of lines: writes when a block is
 * full or `now` is set. False when the tool was asked to stop. A failed
 * write ends the program with 74. */
bool dq_tool_emitted(struct dq_tool *tool, bool now);

/* Has the tool been asked to stop (SIGTERM, SIGINT)? */
bool dq_tool_stopped(void);

/* Flushes, checks, closes; the exit code. */
enum dq_exit dq_tool_close_out(struct dq_tool *tool);

/* Prints text to standard output and ends the program: 0, or 74 when it could
 * not be written. */
_Noreturn void dq_tool_print(const struct dq_buf *text);

#endif
