/* Numbers from text and to text. The whole text must be the number. */
#ifndef DQ_BASE_NUM_H
#define DQ_BASE_NUM_H

#include "base/buf.h"

/* Decimal integer with an optional sign; false on anything else or overflow. */
bool dq_num_int(struct dq_slice text, int64_t *out);

/* Decimal number with optional fraction and exponent, correctly rounded;
 * false on anything else, and on values beyond a double's range. */
bool dq_num_real(struct dq_slice text, double *out);

/* Decimal number as an exact integer count of 10^-digits ("12.5" with 2 is
 * 1250). Trailing zeros beyond `digits` are allowed, other digits are not.
 * An exponent is accepted where the result is exact. False on anything else
 * or overflow. */
bool dq_num_scaled(struct dq_slice text, int digits, int64_t *out);

void dq_buf_int(struct dq_buf *buf, int64_t value);

/* value / 10^digits with exactly that many decimals (12.50). */
void dq_buf_scaled(struct dq_buf *buf, int64_t value, int digits);

/* Rounded to six decimals (half away from zero on the scaled double),
 * trailing zeros cut, -0 written 0; from 9e12 on 17 digits; "null" when not
 * finite. What is read back is written the same. Our one format for ratios,
 * scores and contributions. */
void dq_buf_real(struct dq_buf *buf, double value);

/* What dq_num_real reads back from what dq_buf_real writes. */
double dq_num_round6(double value);

#endif
