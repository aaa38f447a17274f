/* Lines kept on a file that has no name, for tools that must read their input
 * more than once or hand it to a command. Whatever fails ends the program
 * with 74. */
#ifndef DQ_RUN_SPOOL_H
#define DQ_RUN_SPOOL_H

#include "base/buf.h"

#include <stdint.h>

struct dq_spool {
	int fd;
	int64_t lines;
	struct dq_buf buf; /* what is not written yet */
};

void dq_spool_open(struct dq_spool *spool);
void dq_spool_close(struct dq_spool *spool);

/* Ends the line that was appended to spool->buf. */
void dq_spool_line(struct dq_spool *spool);

/* All of it, for as long as the program lives. */
struct dq_slice dq_spool_map(struct dq_spool *spool);

/* Takes a line off the front; false at the end. */
bool dq_spool_next(struct dq_slice *rest, struct dq_slice *line);

/* Runs a shell pipeline on all of `in`; `out`, which is opened, gets what it
 * writes. A command that fails ends the program with its code. */
void dq_spool_run(
    const char *command, struct dq_spool *in, struct dq_spool *out);

#endif
