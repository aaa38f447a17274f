/* A fast hash of bytes; the same on every machine, so it may be stored. Not
 * for secrets: those take lib/record/digest.h. */
#ifndef DQ_BASE_HASH_H
#define DQ_BASE_HASH_H

#include "base/buf.h"

uint64_t dq_hash(struct dq_slice bytes, uint64_t seed);

/* Of two in about the time of one, where they are long and of about the same
 * length. */
struct dq_hash_two {
	uint64_t one, two;
};
struct dq_hash_two dq_hash_two(
    struct dq_slice one, struct dq_slice two, uint64_t seed);

/* A bijection of 64 bits that leaves no structure (splitmix64's finisher). */
static inline uint64_t
dq_hash_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

#define DQ_ID_LEN 32

/* Hexadecimal digits that name what was made from these bytes: the same bytes
 * give the same id, in every run. */
void dq_buf_id(struct dq_buf *buf, struct dq_slice bytes);

/* The ids of several, which takes half the time. */
void dq_ids(const struct dq_slice *bytes, size_t count, char (*ids)[DQ_ID_LEN]);

#endif
