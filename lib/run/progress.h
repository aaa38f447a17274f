/* What a run has done so far: a line a second for a person, a metrics file
 * for Prometheus. */
#ifndef DQ_RUN_PROGRESS_H
#define DQ_RUN_PROGRESS_H

#include "run/tool.h"

struct dq_counters {
	int64_t lines_in, bytes_in;
	int64_t lines_out, bytes_out;
	int64_t bad;	    /* refused records */
	int64_t event_time; /* the newest seen, or DQ_TIME_NONE */
	int64_t checkpoints;
	int64_t checkpoint_time; /* wall clock, of the last; 0: none */
	int64_t lag;		 /* records not read yet, -1: unknown */
	double done; /* how much of a file is read, 0 to 1; -1: unknown */
};

struct dq_progress {
	const char *metrics; /* path, or NULL */
	bool terminal;	     /* --progress, and stderr is one */
	int64_t started, shown;
	unsigned calls;
};

void dq_progress_init(
    struct dq_progress *progress, const struct dq_common *common);

/* Is it time to show something? Cheap enough for every block; `quiet` says
 * that the input is, so that what came last is shown too. */
bool dq_progress_due(struct dq_progress *progress, bool quiet);

/* Shows and writes. A metrics file that cannot be written is warned of once
 * and given up. */
void dq_progress_show(struct dq_progress *progress,
    const struct dq_counters *counters, bool last);

#endif
