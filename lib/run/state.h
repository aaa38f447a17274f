/* State on disk, in one directory a tool: a snapshot of every row and a commit
 * file that says which snapshot counts, how far the input was read and how
 * long the output is. Rule 19 of dq-stream(7): snapshot, output, then commit,
 * each durable before the next. */
#ifndef DQ_RUN_STATE_H
#define DQ_RUN_STATE_H

#include "run/filter.h"

struct dq_state;

/* Where a run stood when it committed. */
struct dq_commit {
	int64_t number;	   /* of the checkpoint; 0: nothing committed yet */
	bool ended;	   /* the input had ended */
	char *input;	   /* path, or "-"; of dq_state_name */
	int64_t position;  /* bytes of the input that are in the state */
	int64_t line;	   /* lines of it */
	uint64_t mark;	   /* dq_source_mark of the input at that time */
	char *output;	   /* the same */
	int64_t length;	   /* bytes of the output that belong to it */
	int64_t next_tick; /* the runner's own: DQ_TIME_NONE without */
};

/* Makes the directory where it is not there and takes its lock, which lasts as
 * long as the descriptor; ends the program with 2 when that cannot be. */
int dq_state_lock(const char *path);

/* Opens (makes) the directory, takes its lock and reads the commit file into
 * *commit. Ends the program with 2 when another process has the lock, when
 * the directory cannot be used or holds another tool's state. */
struct dq_state *dq_state_open(const char *path, const char *tool,
    const char *version, struct dq_commit *commit);

/* Gives the committed snapshot's rows to filter->load. Ends the program with
 * 2 when the snapshot is of another version, with 70 when it is damaged. */
void dq_state_load(struct dq_state *state, const struct dq_commit *commit,
    const struct dq_filter *filter);

/* Writes snapshot commit->number. False with err set on failure: the old
 * commit still holds. */
bool dq_state_snapshot(struct dq_state *state, const struct dq_commit *commit,
    const struct dq_filter *filter, struct dq_err *err);

/* Makes that snapshot the one that counts and removes older ones. */
bool dq_state_commit(
    struct dq_state *state, const struct dq_commit *commit, struct dq_err *err);

/* Sets what is read and written. */
void dq_state_name(
    struct dq_commit *commit, const char *input, const char *output);

/* Gives up the lock and frees the commit's names; a NULL state is fine. */
void dq_state_close(struct dq_state *state, struct dq_commit *commit);

#endif
