/* The packed days of a customer: adding to one, moving on to a newer one,
 * windows whose sums run along. */
#ifndef DQ_FEATURES_DAYS_H
#define DQ_FEATURES_DAYS_H

#include "features/customer.h"

/* Makes `day` the newest (it is later than all before, or the first): days
 * leave the windows, and those that leave N-97 go into the months. Payments
 * and merchants out of reach are dropped. */
void dq_days_advance(struct dq_customer **c, int32_t day);

/* Adds what one transaction brings; its day is N-97 to N, and not before F. */
void dq_days_add(struct dq_customer **c, const struct dq_day *more);

/* Finds the level of N anew: to be called when base_level was set. */
void dq_days_level(struct dq_customer *c);

/* Unpacks the kept days up to `last` into out (room for DQ_KEPT_DAYS); their
 * number. */
size_t dq_days_unpack(
    const struct dq_customer *c, int32_t last, struct dq_day *out);

/* Sums of the days from..to among unpacked ones. */
void dq_days_sums(const struct dq_day *days, size_t count, int32_t from,
    int32_t to, struct dq_sums *out);

/* All that runs along from the packed days alone, as a restored customer
 * needs it. False when these are no packed days. */
bool dq_days_rebuild(struct dq_customer *c);

#endif
