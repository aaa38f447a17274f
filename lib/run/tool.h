/* What every tool shares: the common options, help, schema, version, and the
 * life of a filter from the first line to the exit code. */
#ifndef DQ_RUN_TOOL_H
#define DQ_RUN_TOOL_H

#include "base/opt.h"
#include "run/filter.h"

enum dq_on_bad { DQ_ON_BAD_STOP, DQ_ON_BAD_SKIP, DQ_ON_BAD_DLQ };

/* Options of the runner, filled by dq_tool_start. */
struct dq_common {
	const char *from; /* "-", a path, kafka:..., pg:... */
	const char *to;
	int on_bad; /* enum dq_on_bad */
	const char *dlq;
	const char *state;	     /* directory, or NULL */
	int64_t checkpoint_interval; /* microseconds */
	int64_t tick;		     /* own ticks by event time; 0: none */
	bool progress;
	const char *metrics;
	int log_format;
	bool schema;
	bool describe;
	bool help;
	bool version;
	bool print_config;
	const char *profile;
	const char *config;
};

struct dq_tool {
	const char *name;
	const char *usage;	/* arguments as -h shows them */
	const char *summary;	/* one sentence */
	struct dq_opt *options; /* its own table, or NULL */
	uint32_t reads, writes; /* DQ_KIND_BITs, for --schema */
	void (*describe)(void); /* prints for --describe; NULL: none */
	bool source;		/* reads no records: no --from */
	bool stateful;		/* has --state */
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

/* For sources: an output that goes where --to says. dq_tool_emitted is to be
 * called after every line or bundle of lines: it writes when a block is full
 * or `now` is set, and returns false when the tool was asked to stop.
 * dq_tool_close_out flushes, checks and returns the exit code. */
struct dq_out *dq_tool_open_out(struct dq_tool *tool);
bool dq_tool_emitted(struct dq_tool *tool, bool now);
enum dq_exit dq_tool_close_out(struct dq_tool *tool);

/* A whole file in memory (models, policies, tables): true, or exit 2 naming
 * the file. At most `limit` bytes. "-" is standard input. */
void dq_tool_read_file(const char *path, size_t limit, struct dq_buf *out);

/* Calls `each` for every record of a file (or "-"), as side tables and label
 * files are read: bad lines end the program with 65 and their place. */
void dq_tool_read_records(const char *path, uint32_t kinds,
    void (*each)(void *context, const struct dq_record *record), void *context);

/* Finds a file that ships with dq ("models/default.json"): $DQ_SHARE, then
 * share/ beside the program's bin/, then the installed place. The path is to
 * be freed; dies with 2 when it is nowhere. */
char *dq_tool_share(const char *name);

#endif
