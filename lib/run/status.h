/* What pipelines are doing: a line for a person, figures for Prometheus. Each
 * stage is given a metrics file of its own (DQ_METRICS) to read it from. */
#ifndef DQ_RUN_STATUS_H
#define DQ_RUN_STATUS_H

#include "run/pipeline.h"

#define DQ_EXIT_CODES 256

struct dq_status {
	/* set by the caller */
	struct dq_pipeline *pipelines;
	int64_t count;
	const char *metrics; /* to be written once a second, or NULL */
	int64_t every;	     /* between two lines, 0: none */
	bool terminal;	     /* a line that is rewritten each second */
	/* of dq_status_exit */
	int64_t exits[DQ_EXIT_CODES];
	/* inside */
	char *directory; /* of the stages' files */
	int64_t started, next_look, next_line;
	int64_t records, records_at; /* of the line before */
};

/* Does nothing, as the others do then, where nothing is to be shown. */
void dq_status_open(struct dq_status *status);

/* A stage ended with this code. */
void dq_status_exit(struct dq_status *status, int code);

/* Shows what is due; `last`: all of it, now. */
void dq_status_show(struct dq_status *status, bool last);

/* Forgets what a pipeline's stages said: they are started anew. */
void dq_status_restart(struct dq_pipeline *pipeline);

void dq_status_close(struct dq_status *status);

#endif
