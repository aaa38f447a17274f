/* What a record does to a customer. */
#ifndef DQ_FEATURES_APPLY_H
#define DQ_FEATURES_APPLY_H

#include "features/features.h"

/* Refused for amounts beyond DQ_MONEY_LIMIT and such; before anything. */
bool dq_apply_check(const struct dq_record *record, struct dq_err *err);

/* Is the record, of that day, to be counted? Counts it when not. */
bool dq_apply_accepts(struct dq_features *features, const struct dq_customer *c,
    const struct dq_record *record, int32_t day);

/* Applies an accepted record; the trigger that holds, or NULL. */
const char *dq_apply_transaction(struct dq_features *features,
    struct dq_customer **c, const struct dq_record *record, int32_t day);
const char *dq_apply_payment(struct dq_features *features,
    struct dq_customer **c, const struct dq_record *record, int32_t day);

/* A profile that is not `deleted`. */
void dq_apply_profile(struct dq_features *features, struct dq_customer *c,
    const struct dq_record *record);

/* The first trigger that sets in when the clock reaches day T, or NULL. */
const char *dq_apply_tick(struct dq_customer *c, int32_t T);

#endif
