/* Processes joined by pipes, started and ended as one: rule 17 of
 * dq-stream(7). */
#ifndef DQ_RUN_PIPELINE_H
#define DQ_RUN_PIPELINE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

#define DQ_STAGES_MAX 32

struct dq_stage {
	pid_t pid; /* 0: not running */
	bool ended;
	int code; /* exit code, or 128 + signal */
};

struct dq_pipeline {
	char *commands[DQ_STAGES_MAX]; /* shell commands, in order */
	size_t count;
	int in, out; /* of the first and the last stage, closed at the start;
			-1: ours */
	const char *slot;	      /* DQ_INSTANCE of every stage */
	char *figures[DQ_STAGES_MAX]; /* DQ_METRICS of each, or NULL */
	struct dq_stage stages[DQ_STAGES_MAX];
	size_t running;
	int64_t started, failed; /* steady clock; failed 0: no death yet */
	int64_t next_start;	 /* of a restart */
	int64_t delay;		 /* of the next one, microseconds */
	int64_t restarts;
	bool done; /* all ended well */
};

/* Splits "a | b 'x|y' | c" at the bars outside quotes. False with err set
 * when a stage is empty or they are too many. */
bool dq_pipeline_parse(
    struct dq_pipeline *pipeline, const char *text, struct dq_err *err);

void dq_pipeline_release(struct dq_pipeline *pipeline);

/* Starts every stage with pipes of its own; no process keeps an end that it
 * does not use. Each is killed when this process dies. */
bool dq_pipeline_start(struct dq_pipeline *pipeline, struct dq_err *err);

/* A child has ended with *code as waitpid says it; false when it is none of
 * this pipeline's. *code becomes its exit code, or 128 + signal. */
bool dq_pipeline_reap(struct dq_pipeline *pipeline, pid_t pid, int *code);

/* Sends the signal to the first stage, or to all that still run. */
void dq_pipeline_signal(struct dq_pipeline *pipeline, int signal, bool all);

/* Of a pipeline that has ended: 0 when all stages did well; the code that
 * makes a restart useless, if any stage has one; else 75. */
enum dq_exit dq_pipeline_code(const struct dq_pipeline *pipeline);

#endif
