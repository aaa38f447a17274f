/* A customer's account day by day, for people to look at. */
#ifndef DQ_FEATURES_DIARY_H
#define DQ_FEATURES_DIARY_H

#include "features/customer.h"

/* Money in minor units of the customer's currency. */
struct dq_diary_day {
	int32_t day;
	bool known;	 /* the balance is */
	int64_t balance; /* at its end */
	int64_t spend, income;
};

/* Every day from the first that is kept to the latest with a record; their
 * number. */
size_t dq_diary_read(
    const struct dq_customer *c, struct dq_diary_day out[DQ_KEPT_DAYS]);

#endif
