/* Predictions, interventions, outcomes and reviews in, dashboard records out:
 * one a window of event time, and another whenever it must be corrected.
 *
 * Event time of a partition is the latest that one of its records or ticks
 * had. As it passes a multiple of `every`, all windows that changed since they
 * were written are written. A window that ended `lateness` ago is final: it is
 * written if it changed, and forgotten; records of it are left out and counted
 * as late. What is written depends on the records' order alone, not on ticks
 * between them. */
#ifndef DQ_ROLLUP_ROLLUP_H
#define DQ_ROLLUP_ROLLUP_H

#include "record/out.h"

/* Windows of a partition that may be open at a time, at most. */
#define DQ_WINDOWS_MAX 1000

#define DQ_ROLLUP_KINDS                                                        \
	(DQ_KIND_BIT(DQ_KIND_PREDICTION) | DQ_KIND_BIT(DQ_KIND_INTERVENTION) | \
	    DQ_KIND_BIT(DQ_KIND_OUTCOME) | DQ_KIND_BIT(DQ_KIND_REVIEW))

/* Microseconds, all but `lateness` above 0; lateness / window is below
 * DQ_WINDOWS_MAX. */
struct dq_rollup_options {
	int64_t window, lateness, every;
	int64_t top; /* reasons named in a record */
};

struct dq_rollup;

struct dq_rollup *dq_rollup_new(const struct dq_rollup_options *options);
void dq_rollup_free(struct dq_rollup *rollup);

/* One of DQ_ROLLUP_KINDS. False with err set: it has no event time. */
bool dq_rollup_record(struct dq_rollup *rollup, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err);

/* Event time of that partition, or of all (-1), has come to `time`. */
void dq_rollup_tick(struct dq_rollup *rollup, int64_t time, int32_t partition,
    struct dq_out *out);

/* Writes every window that changed since it was written. */
void dq_rollup_end(struct dq_rollup *rollup, struct dq_out *out);

/* Records left out because their window was final. */
int64_t dq_rollup_late(const struct dq_rollup *rollup);

/* State by key, as struct dq_filter has it: "@clock N" for a partition,
 * "@window N M" for a window of it, a customer's id for a customer. Without
 * state nothing may have been put in before load. */
size_t dq_rollup_rows(struct dq_rollup *rollup);
void dq_rollup_save(struct dq_rollup *rollup, size_t row, struct dq_buf *key,
    struct dq_buf *value);
bool dq_rollup_load(struct dq_rollup *rollup, struct dq_slice key,
    struct dq_slice value, struct dq_err *err);
bool dq_rollup_get(
    struct dq_rollup *rollup, struct dq_slice key, struct dq_buf *value);

/* `changed` is called with the key of each window that changes; NULL: nobody
 * is told. */
void dq_rollup_watch(struct dq_rollup *rollup,
    void (*changed)(void *context, struct dq_slice key), void *context);

#endif
