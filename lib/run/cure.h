/* Dead letters back to the lines they hold, to be written where they came
 * from. */
#ifndef DQ_RUN_CURE_H
#define DQ_RUN_CURE_H

#include "record/jq.h"
#include "record/out.h"
#include "run/tool.h"

struct dq_cure {
	const char *topics; /* that --to names, "a,b"; NULL: it is no topic */
	bool single;	    /* --to is one topic, or none */
	struct dq_jq *map;  /* mends a line, or NULL */
	struct dq_buf raw, key, text, results;
};

/* Ends the program with 2 where the tool's options make no sense for it.
 * `map` may be NULL and stays the caller's. */
void dq_cure_init(
    struct dq_cure *cure, const struct dq_tool *tool, struct dq_jq *map);
void dq_cure_release(struct dq_cure *cure);

/* Writes the line of a letter, byte for byte, with the key and to the topic it
 * had. With `map` the program gets the line as a string, and each of its
 * results is a line: a string as it is, anything else as JSON. False with err
 * set when this is no letter, or its line may not go there. */
bool dq_cure_letter(struct dq_cure *cure, const struct dq_record *letter,
    struct dq_out *out, struct dq_err *err);

#endif
