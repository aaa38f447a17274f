/* A command that trains a model, run beside the server, one at a time. */
#ifndef DQ_SERVE_TRAIN_H
#define DQ_SERVE_TRAIN_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

#define DQ_TRAIN_KEPT 10	   /* runs that are remembered */
#define DQ_TRAIN_OUTPUT (1u << 20) /* bytes of a run's output that are */

struct dq_train_run {
	int64_t started, ended; /* wall clock */
	int code;		/* of the command's exit */
	bool loaded;		/* the server works with its model */
	char message[256];
	struct dq_buf report; /* the last JSON object that it printed, or
				 empty */
};

struct dq_train {
	const char *command; /* NULL: none is configured */
	pid_t pid;	     /* 0: none runs */
	int fd;
	int64_t started, number; /* of runs so far */
	struct dq_buf output;
	struct dq_train_run runs[DQ_TRAIN_KEPT]; /* newest first */
	size_t count;
};

/* Starts the command by the shell; DQ_MAX_CUSTOMERS is in its environment
 * where `customers` > 0. False with err set. */
bool dq_train_start(
    struct dq_train *train, int64_t customers, struct dq_err *err);

/* Looks without waiting. True when the run has ended: it is runs[0] then. */
bool dq_train_look(struct dq_train *train);

/* Ends a run that goes on; frees. */
void dq_train_close(struct dq_train *train);

#endif
