#include "base/hash.h"

#define K0 UINT64_C(0x9e3779b97f4a7c15)
#define K1 UINT64_C(0xd6e8feb86659fd93)
#define K2 UINT64_C(0xa0761d6478bd642f)

static uint64_t
load(const char *at, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, at, n); /* little-endian machines only: see run.c */
	return word;
}

/* Multiply to 128 bits and fold: every bit of a and b reaches the result. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 wide = (unsigned __int128)a * b;

	return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

uint64_t
dq_hash(struct dq_slice bytes, uint64_t seed)
{
	const char *at = bytes.data;
	size_t left = bytes.len;
	uint64_t h = seed ^ K0;

	for (; left >= 16; at += 16, left -= 16)
		h = fold(load(at, 8) ^ K1 ^ h, load(at + 8, 8) ^ K0) + h;
	if (left >= 8) {
		h = fold(load(at, 8) ^ K1, h ^ K2) + h;
		at += 8;
		left -= 8;
	}
	/* K2: h begins as seed ^ K0, and a factor of 0 forgets the other. */
	if (left)
		h = fold(load(at, left) ^ K0, h ^ K2) + h;
	return dq_hash_mix(h ^ (bytes.len * K1));
}

void
dq_buf_id(struct dq_buf *buf, struct dq_slice bytes)
{
	dq_buf_printf(buf, "%016llx%016llx",
	    (unsigned long long)dq_hash(bytes, 1),
	    (unsigned long long)dq_hash(bytes, 2));
}
