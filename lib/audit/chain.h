/* A chain of lines, each of which ends in a seal: its number in the chain and
 * a hash over the hash before it and its own bytes. Who changes, drops, adds
 * or moves a line breaks the chain there; who writes the chain anew from there
 * on does not have the heads that were signed. dq-audit(1) explains. */
#ifndef DQ_AUDIT_CHAIN_H
#define DQ_AUDIT_CHAIN_H

#include "record/json.h"
#include "record/kind.h"
#include "record/sign.h"

#include <stdint.h>

/* Decisions. */
#define DQ_DECIDED_KINDS                                                       \
	(DQ_KIND_BIT(DQ_KIND_PREDICTION) | DQ_KIND_BIT(DQ_KIND_INTERVENTION) | \
	    DQ_KIND_BIT(DQ_KIND_OUTCOME) | DQ_KIND_BIT(DQ_KIND_REVIEW))

/* What is sealed: decisions, and the profiles they are made with. Other kinds
 * pass. */
#define DQ_SEALED_KINDS (DQ_DECIDED_KINDS | DQ_KIND_BIT(DQ_KIND_CUSTOMER))

/* One chain for each partition, -1 where there is none. Zeroed memory but for
 * the partition is its beginning. */
struct dq_chain {
	int32_t partition;
	int64_t n; /* of the last line; the first is 1 */
	unsigned char hash[DQ_SHA256];
};

/* What a sealed line says of itself. */
struct dq_seal {
	struct dq_slice body; /* the line up to the seal's comma */
	int32_t partition;
	int64_t n;
	unsigned char hash[DQ_SHA256];
};

/* SHA-256 of the hash before, the body and a closing brace: of the line as it
 * was before it was sealed. */
void dq_chain_hash(const unsigned char before[DQ_SHA256], struct dq_slice body,
    unsigned char hash[DQ_SHA256]);

/* Appends the line with its seal, and moves the chain on. The line is an
 * object with at least one member, without blanks around it. */
void dq_chain_seal(
    struct dq_chain *chain, struct dq_slice line, struct dq_buf *out);

/* Reads the seal at the end of a line; false when there is none. */
bool dq_seal_read(struct dq_slice line, struct dq_seal *seal);

/* The head of a chain: a record of event_type "seal" (no newline), signed
 * where there is a key. */
void dq_buf_head(struct dq_buf *buf, const struct dq_chain *chain, int64_t time,
    const struct dq_key *key);

/* Reads chain, n and hash from an object; false when they are not there. */
bool dq_chain_read(struct yyjson_val *object, struct dq_chain *chain);

/* A head as a record has it. */
struct dq_head {
	struct dq_chain chain;
	int64_t time;
	bool is_signed;
	unsigned char signature[DQ_SIGNATURE];
};

/* Reads such a record; false when it is none or damaged. */
bool dq_head_read(struct dq_slice line, struct dq_head *head);

/* Is it signed with that key? */
bool dq_head_verify(const struct dq_head *head, const struct dq_key *key);

#endif
