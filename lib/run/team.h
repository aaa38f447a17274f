/* A filter worked by several threads. Lines go to them in blocks, and what they
 * make of each block comes back in the order of the lines; reading, writing
 * and refusing stay with the runner's own thread. */
#ifndef DQ_RUN_TEAM_H
#define DQ_RUN_TEAM_H

#include "run/filter.h"

struct dq_team;

/* What is done with the outcome, in the runner's thread. Both return false
 * when the run must end: nothing more is given out then. */
struct dq_team_owner {
	void *run;
	struct dq_out *out;
	bool (*refuse)(void *run, const struct dq_place *place,
	    struct dq_slice line, const char *why);
	/* Lines have come to `out`; the latest event time among what was read
	 * for them, DQ_TIME_NONE without. */
	bool (*written)(void *run, int64_t event_time);
};

/* A thread for each of the filter's states. */
struct dq_team *dq_team_new(
    const struct dq_filter *filter, const struct dq_team_owner *owner);

/* Ends the threads; what was not given out is dropped. NULL is fine. */
void dq_team_free(struct dq_team *team);

/* Takes a line (copied) and gives out what is done by now. False: the owner
 * said so. */
bool dq_team_hand(
    struct dq_team *team, struct dq_slice line, const struct dq_place *place);

/* Waits until all lines are worked on, and gives out. The threads have nothing
 * in hand then. */
bool dq_team_settle(struct dq_team *team);

#endif
