/* Sealing as a filter does it: a chain for each partition, a head now and
 * then, and the state that a later run goes on with. */
#ifndef DQ_AUDIT_SEALER_H
#define DQ_AUDIT_SEALER_H

#include "audit/chain.h"
#include "record/out.h"

/* Zeroed memory and `every` are the beginning. */
struct dq_sealer {
	const struct dq_key *key; /* NULL: heads are not signed */
	int64_t every;		  /* lines between two heads */
	struct dq_sealer_chain *chains;
	size_t count;
};

void dq_sealer_release(struct dq_sealer *sealer);

/* Writes the record with its seal, and a head when it is due. False with err
 * set when it is sealed already. */
bool dq_sealer_record(struct dq_sealer *sealer, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err);

/* Writes the heads of all chains that have grown since their last. */
void dq_sealer_end(struct dq_sealer *sealer, struct dq_out *out);

/* Appends the heads of all chains, a line each. */
void dq_sealer_heads(const struct dq_sealer *sealer, struct dq_buf *out);

/* State, as struct dq_filter has it: a row for each chain, of the key that a
 * filter's own row of a partition has. */
void dq_sealer_save(const struct dq_sealer *sealer, size_t row,
    struct dq_buf *key, struct dq_buf *value);
bool dq_sealer_get(
    const struct dq_sealer *sealer, struct dq_slice key, struct dq_buf *value);
bool dq_sealer_load(
    struct dq_sealer *sealer, struct dq_slice value, struct dq_err *err);
void dq_sealer_clear(struct dq_sealer *sealer);

#endif
