/* The run loop: inside. run.c opens everything, ends the run and closes,
 * running.c takes what comes in between. */
#ifndef DQ_RUN_RUNNING_H
#define DQ_RUN_RUNNING_H

#include "port/sink.h"
#include "port/source.h"
#include "run/checkpoint.h"
#include "run/progress.h"
#include "run/refuse.h"
#include "run/stream.h"
#include "run/team.h"
#include "run/tool.h"

struct dq_running {
	struct dq_tool *tool;
	struct dq_filter *filter;
	struct dq_source *source;
	struct dq_sink *sink;
	struct dq_out *out;
	struct dq_reader *reader;
	struct dq_team *team; /* NULL: the filter works in this thread */
	struct dq_checkpoint checkpoint;
	struct dq_refuse refuse;
	struct dq_stream stream;
	struct dq_counters counters;
	struct dq_progress progress;
	int64_t next_tick; /* of our own, DQ_TIME_NONE before the first */
	enum dq_exit code; /* why the loop ended */
};

/* Until the source has ended or something has failed: run->code says what. */
void dq_running_loop(struct dq_running *run);

/* What the counters do not have yet from elsewhere. */
void dq_running_count(struct dq_running *run);

/* Gives out what is written, if it is much or if `all` is wanted. False: run is
 * over, run->code is set. */
bool dq_running_write(struct dq_running *run, bool all);

/* The run so far as a checkpoint would note it; `ended`: it has. False: run is
 * over, run->code is set. */
bool dq_running_save(struct dq_running *run, bool ended);

/* Threads for a filter with several states, which then work for the loop. */
struct dq_team *dq_running_team(struct dq_running *run);

#endif
