/* Merchants and transaction ids that a customer was seen with. */
#ifndef DQ_FEATURES_MERCHANTS_H
#define DQ_FEATURES_MERCHANTS_H

#include "features/customer.h"

/* The days on which the customer bought there: bit i is the latest day up to
 * N whose number is i modulo 128; low word, high word. Days before N-97 stay
 * until they would be taken for later ones, which is why nothing needs to be
 * moved when N does. */
struct dq_merchant {
	uint64_t hash;
	uint64_t days[2];
};

/* Notes a purchase. False when DQ_MERCHANTS_KEPT others are kept. */
bool dq_merchants_add(struct dq_customer **c, uint64_t hash, int32_t day);

/* N has moved on from `before`: merchants not seen since N-97 go, now and
 * then. */
void dq_merchants_advance(struct dq_customer *c, int32_t before);

/* Merchants seen on a day from..to. */
int dq_merchants_distinct(
    const struct dq_customer *c, int32_t from, int32_t to);

/* Is the id among the last `limit` ones? */
bool dq_seen_has(const struct dq_customer *c, uint64_t hash);

/* Notes it in place of the oldest. */
void dq_seen_add(struct dq_customer **c, uint64_t hash, uint32_t limit);

#endif
