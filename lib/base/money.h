/* Money is an int64 count of a currency's minor units, never a float. */
#ifndef DQ_BASE_MONEY_H
#define DQ_BASE_MONEY_H

#include "base/buf.h"

/* Digits after the point of an ISO 4217 code: 2 for most and for unknown
 * codes, 0 for JPY and its like, 3 for KWD and its like. An empty slice
 * gives 2. */
int dq_money_digits(struct dq_slice currency);

/* Decimal text to minor units; false when it has more digits than the
 * currency or does not fit. */
bool dq_money_parse(struct dq_slice text, int digits, int64_t *out);

/* Minor units as decimal text with the currency's digits. */
void dq_buf_money(struct dq_buf *buf, int64_t amount, int digits);

#endif
