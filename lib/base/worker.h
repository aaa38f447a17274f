/* A thread that does one job at a time for another, its owner, which goes on
 * meanwhile. All calls are the owner's. */
#ifndef DQ_BASE_WORKER_H
#define DQ_BASE_WORKER_H

#include <stdbool.h>

struct dq_worker;

/* `what` names, where the system gives no thread, what it was for; not kept. */
struct dq_worker *dq_worker_new(const char *what);

/* Waits for the job under way. NULL is fine. */
void dq_worker_free(struct dq_worker *worker);

/* Begins one; none is under way. What the owner wrote before is seen by the
 * job, and the other way round when the worker is no longer busy. */
void dq_worker_begin(
    struct dq_worker *worker, void (*job)(void *context), void *context);

/* Is one under way? Waits for its end, at most so many milliseconds. NULL: no.
 */
bool dq_worker_busy(struct dq_worker *worker, int wait);

#endif
