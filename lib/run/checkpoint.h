/* When a run's state is saved, and where a run continues. Without --state
 * nothing happens here. A run from a file to a file is saved every
 * --checkpoint-interval and continues in mid-file; any other run is saved
 * when its input ends or it is asked to stop. */
#ifndef DQ_RUN_CHECKPOINT_H
#define DQ_RUN_CHECKPOINT_H

#include "port/sink.h"
#include "port/source.h"
#include "run/state.h"
#include "run/tool.h"

struct dq_checkpoint {
	struct dq_state *state; /* NULL without --state */
	struct dq_commit commit;
	bool resumable; /* file to file */
	bool stopped;	/* asked to stop before the input's end */
	int64_t interval, next;
	unsigned calls;
};

/* Opens the state, loads it, brings source and sink to where the last run
 * stopped in mid-file, or to their beginning. Returns the sink. Mistakes end
 * the program with 2 and say how to go on. */
struct dq_sink *dq_checkpoint_open(struct dq_checkpoint *checkpoint,
    const struct dq_tool *tool, struct dq_source *source,
    const struct dq_filter *filter, int64_t *next_tick);

/* Is it time for a checkpoint in mid-file? */
bool dq_checkpoint_due(struct dq_checkpoint *checkpoint);

/* Snapshot, output, commit. All output lines must have been given to the
 * sink. Does nothing without --state. False with err set on failure: the
 * last commit still holds. */
bool dq_checkpoint_save(struct dq_checkpoint *checkpoint,
    const struct dq_source *source, struct dq_sink *sink,
    const struct dq_filter *filter, int64_t next_tick, bool ended,
    struct dq_err *err);

void dq_checkpoint_close(struct dq_checkpoint *checkpoint);

#endif
