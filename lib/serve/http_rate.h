/* How many requests a client may make: as many a second as its bucket is
 * filled with, and twice as many at once. */
#ifndef DQ_SERVE_HTTP_RATE_H
#define DQ_SERVE_HTTP_RATE_H

#include "base/buf.h"

struct dq_rate;

/* `rate` a second; 0: any number. */
struct dq_rate *dq_rate_new(int64_t rate);
void dq_rate_free(struct dq_rate *rate);

/* May the client of that name (address, or token's name) make a request now
 * (steady clock)? Clients are kept in a table of fixed size: two that fall on
 * the same place share it. */
bool dq_rate_allows(struct dq_rate *rate, struct dq_slice client, int64_t now);

#endif
