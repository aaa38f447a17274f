/* A customer's state as bytes, for snapshots. */
#ifndef DQ_FEATURES_ROWS_H
#define DQ_FEATURES_ROWS_H

#include "features/features.h"

#define DQ_ROW_FORMAT 2 /* grows when the bytes mean something else */

/* Appends the state; currency is the text of the account's, or empty. */
void dq_row_write(
    const struct dq_customer *c, struct dq_slice currency, struct dq_buf *out);

/* The customer these bytes hold, without its currency's number and place;
 * NULL when they hold none. *currency borrows from value. */
struct dq_customer *dq_row_read(
    struct dq_slice value, struct dq_slice *currency);

#endif
