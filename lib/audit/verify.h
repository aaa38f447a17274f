/* Reading sealed chains again: what was done to them. */
#ifndef DQ_AUDIT_VERIFY_H
#define DQ_AUDIT_VERIFY_H

#include "audit/chain.h"
#include "record/out.h"

struct dq_verify;

/* `key` may be NULL: signatures are not looked at. With `partial` a chain may
 * begin before the input does. Borrows the key. */
struct dq_verify *dq_verify_new(const struct dq_key *key, bool partial);
void dq_verify_free(struct dq_verify *verify);

/* One record of the input: a sealed one, a head, or one that ought to be
 * sealed. Writes a finding for what is wrong with it. */
void dq_verify_record(struct dq_verify *verify, const struct dq_record *record,
    struct dq_out *out);

/* No more input: writes what is missing, and a summary of each chain. `heads`
 * are the heads that were kept elsewhere, where there are any: each names the
 * end that its chain must have. */
void dq_verify_end(struct dq_verify *verify, const struct dq_head *heads,
    size_t count, struct dq_out *out);

/* Everything found so far; 0: the chains hold. */
int64_t dq_verify_findings(const struct dq_verify *verify);

#endif
