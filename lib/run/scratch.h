/* Lines kept on a file that has no name, for tools that must read their input
 * more than once or hand it to a command. Whatever fails ends the program
 * with 74. */
#ifndef DQ_RUN_SCRATCH_H
#define DQ_RUN_SCRATCH_H

#include "base/buf.h"

#include <stdint.h>

struct dq_scratch {
	int fd;
	int64_t lines;
	struct dq_buf buf; /* what is not written yet */
};

void dq_scratch_open(struct dq_scratch *scratch);
void dq_scratch_close(struct dq_scratch *scratch);

/* Ends the line that was appended to scratch->buf. */
void dq_scratch_line(struct dq_scratch *scratch);

/* All of it, for as long as the program lives. */
struct dq_slice dq_scratch_map(struct dq_scratch *scratch);

/* Takes a line off the front; false at the end. */
bool dq_scratch_next(struct dq_slice *rest, struct dq_slice *line);

/* Runs a shell pipeline on all of `in`; `out`, which is opened, gets what it
 * writes. A command that fails ends the program with its code. */
void dq_scratch_run(
    const char *command, struct dq_scratch *in, struct dq_scratch *out);

#endif
