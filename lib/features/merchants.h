/* Merchants and transaction ids that a customer was seen with. */
#ifndef DQ_FEATURES_MERCHANTS_H
#define DQ_FEATURES_MERCHANTS_H

#include "features/customer.h"

/* The days of the last DQ_KEPT_DAYS on which the customer bought there: bit i
 * is N-i; low word, high word. */
struct dq_merchant {
	uint64_t hash;
	uint64_t days[2];
};

/* Notes a purchase. False when DQ_MERCHANTS_KEPT others are kept. */
bool dq_merchants_add(struct dq_customer **c, uint64_t hash, int32_t day);

/* N has moved on by so many days; merchants not seen since N-97 go. */
void dq_merchants_advance(struct dq_customer *c, int64_t days);

/* Merchants seen on a day from..to. */
int dq_merchants_distinct(
    const struct dq_customer *c, int32_t from, int32_t to);

/* Is the id among the last `limit` ones? */
bool dq_seen_has(const struct dq_customer *c, uint64_t hash);

/* Notes it in place of the oldest. */
void dq_seen_add(struct dq_customer **c, uint64_t hash, uint32_t limit);

#endif
