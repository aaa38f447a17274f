/* What the files of the spool share; nobody else includes this. */
#ifndef DQ_PORT_SPOOL_INSIDE_H
#define DQ_PORT_SPOOL_INSIDE_H

#include "port/spool_segment.h"

#include <pthread.h>
#include <stdint.h>

#define DQ_SEGMENT_SIZE (UINT64_C(8) << 20)

struct dq_spool_segment {
	uint64_t base;
	bool on_disk; /* its name is: the directory was synced since */
};

/* A place and the number of the entry that begins there, since the start. */
struct dq_spool_place {
	uint64_t position;
	int64_t number;
};

struct dq_spool {
	char *directory, *to;
	int64_t limit;
	int lock_file;
	pthread_t keeper;
	pthread_mutex_t lock;
	pthread_cond_t room, more, work; /* work: for the keeper */
	bool closing;
	/* under the lock */
	struct dq_spool_segment *segments; /* by base; the last is written */
	size_t segment_count;
	struct dq_spool_place end, delivered;
	uint64_t synced;
	bool told_full;
	bool failed; /* to sync: err says why */
	struct dq_err err;
	/* of who appends */
	struct dq_segment writing;
	/* of who takes */
	struct dq_segment reading;
	struct dq_spool_place taken;
	uint64_t noted; /* in "position" */
	int64_t noted_at;
};

/* Waits at most so long (ms); the lock is held. */
void dq_spool_wait(struct dq_spool *spool, pthread_cond_t *what, int ms);

/* spool_recover.c: finds out what is there, cuts what is torn and opens the
 * last segment for writing. */
bool dq_spool_recover(struct dq_spool *spool, struct dq_err *err);

/* Writes "position". */
bool dq_spool_note(struct dq_spool *spool, struct dq_err *err);

/* Begins a segment at spool->end. */
enum dq_spool_put dq_spool_roll(
    struct dq_spool *spool, size_t needed, struct dq_err *err);

#endif
