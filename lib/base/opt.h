/* One table describes a tool's options: where the value goes, what -h says,
 * which configuration key sets it. Usage text is derived, never retyped. */
#ifndef DQ_BASE_OPT_H
#define DQ_BASE_OPT_H

#include "base/buf.h"
#include "base/err.h"

enum dq_opt_type {
	DQ_OPT_TEXT,	 /* const char * */
	DQ_OPT_FLAG,	 /* bool: no argument, sets true */
	DQ_OPT_INT,	 /* int64_t */
	DQ_OPT_REAL,	 /* double */
	DQ_OPT_DURATION, /* int64_t microseconds */
	DQ_OPT_TIME,	 /* int64_t microseconds since 1970 */
	DQ_OPT_CHOICE,	 /* int: index into choices */
	DQ_OPT_LIST,	 /* struct dq_opt_list: may be given many times */
};

/* Freed by nobody: options live as long as the program. */
struct dq_opt_list {
	const char **items;
	size_t count;
};

struct dq_opt {
	char letter;	      /* 'h' for -h, or 0 */
	const char *name;     /* "from" for --from */
	const char *argument; /* "PATH" as help shows it; NULL for a flag;
				 "[TIME]": may be left out, see choices */
	enum dq_opt_type type;
	void *value;	     /* holds the default before, the value after */
	const char *choices; /* "stop|skip|dlq" for DQ_OPT_CHOICE; what stands
				for an argument that was left out */
	const char *help;    /* one line, with the default in it */
	const char *origin;  /* set by us: "default", "command line", ... */
	bool secret;	     /* shown as *** by --print-config */
};

/* A set of tables read as one, ends with a row whose name is NULL each. */
struct dq_opt_set {
	struct dq_opt *tables[4];
	const char *usage;   /* "[OPTIONS] [LIMIT [DELAY_MS]]" */
	const char *summary; /* one sentence: what the tool does */
};

/* Reads argv; options may stand anywhere, "--" ends them, "--name=value" and
 * "--name value" are one, "--no-name" clears a flag. Positional arguments
 * are moved to the front of argv + 1 and their number returned. A mistake
 * ends the program with 2 and a line that names it. */
int dq_opt_parse(struct dq_opt_set *set, int argc, char **argv);

/* Sets one option by its long name, as a configuration file or the
 * environment does; false with err set on an unknown name or bad value.
 * An option whose origin is already set is left alone. text must outlive
 * the options. */
bool dq_opt_set_value(struct dq_opt_set *set, const char *name,
    const char *text, const char *origin, struct dq_err *err);

/* Fills what the command line left unset from DQ_* in the environment. */
void dq_opt_environment(struct dq_opt_set *set);

/* The text of -h. */
void dq_opt_usage(const struct dq_opt_set *set, struct dq_buf *out);

/* "name = value  # origin", a line each. */
void dq_opt_print(const struct dq_opt_set *set, struct dq_buf *out);

#endif
