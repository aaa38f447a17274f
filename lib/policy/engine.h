/* Decisions: from predictions, profiles and reviews to interventions and
 * their outcomes, by one policy. */
#ifndef DQ_POLICY_ENGINE_H
#define DQ_POLICY_ENGINE_H

#include "policy/policy.h"
#include "record/out.h"

struct dq_engine;

/* Borrows the policy, which must outlive it. */
struct dq_engine *dq_engine_new(const struct dq_policy *policy);
void dq_engine_free(struct dq_engine *engine);

/* A customer record: the newest by event time is the profile. */
void dq_engine_profile(
    struct dq_engine *engine, const struct dq_record *customer);

/* A prediction: writes the intervention that it leads to, if a rule matches,
 * after the outcomes that had become due. False with err set, and nothing
 * changed, when it has no event time or a rule's program fails on it. */
bool dq_engine_predict(struct dq_engine *engine,
    const struct dq_record *prediction, struct dq_out *out, struct dq_err *err);

/* Is a review of that intervention awaited? */
bool dq_engine_pending(const struct dq_engine *engine, struct dq_slice id);

/* A review: approve turns the pending intervention into a contact (or says
 * why not), override closes it. False with err set, and nothing written, when
 * no review of that id is pending. */
bool dq_engine_review(struct dq_engine *engine, const struct dq_record *review,
    struct dq_out *out, struct dq_err *err);

/* Event time has come to `time` in the partition (-1: in all): writes the
 * outcomes and expired reviews that are due. */
void dq_engine_advance(struct dq_engine *engine, int32_t partition,
    int64_t time, struct dq_out *out);

/* State by row, as dq_filter wants it: a row per customer, and one per
 * partition's clock ("@clock 0"). */
size_t dq_engine_rows(struct dq_engine *engine);
void dq_engine_save(struct dq_engine *engine, size_t row, struct dq_buf *key,
    struct dq_buf *value);
bool dq_engine_load(struct dq_engine *engine, struct dq_slice key,
    struct dq_slice value, struct dq_err *err);

/* The value of one row, by key; false when there is none. */
bool dq_engine_get(
    struct dq_engine *engine, struct dq_slice key, struct dq_buf *value);

/* From now on `changed` is told of each customer that changes by something
 * that falls due, and not by a record about it. */
void dq_engine_watch(struct dq_engine *engine,
    void (*changed)(void *context, struct dq_slice key), void *context);

/* A time zone named by a customer that the system does not know, told once
 * each: the next not yet told, or an empty slice. */
struct dq_slice dq_engine_unknown_zone(struct dq_engine *engine);

#endif
