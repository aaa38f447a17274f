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

/* With the last bytes, fewer than 16, of `len`. */
static uint64_t
finish(const char *at, size_t left, uint64_t h, size_t len)
{
	if (left >= 8) {
		h = fold(load(at, 8) ^ K1, h ^ K2) + h;
		at += 8;
		left -= 8;
	}
	/* K2: h begins as seed ^ K0, and a factor of 0 forgets the other. */
	if (left)
		h = fold(load(at, left) ^ K0, h ^ K2) + h;
	return dq_hash_mix(h ^ (len * K1));
}

static uint64_t
step(const char *at, uint64_t h)
{
	return fold(load(at, 8) ^ K1 ^ h, load(at + 8, 8) ^ K0) + h;
}

/* The hash when it stood at h after the first `done` bytes. */
static uint64_t
go_on(struct dq_slice bytes, size_t done, uint64_t h)
{
	const char *at = bytes.data + done;
	size_t left = bytes.len - done;

	for (; left >= 16; at += 16, left -= 16)
		h = step(at, h);
	return finish(at, left, h, bytes.len);
}

uint64_t
dq_hash(struct dq_slice bytes, uint64_t seed)
{
	return go_on(bytes, 0, seed ^ K0);
}

/* Each waits for its own multiplications only. */
struct dq_hash_two
dq_hash_two(struct dq_slice one, struct dq_slice two, uint64_t seed)
{
	uint64_t h = seed ^ K0, i = h;
	size_t both = one.len < two.len ? one.len : two.len, done = 0;

	for (; done + 16 <= both; done += 16) {
		h = step(one.data + done, h);
		i = step(two.data + done, i);
	}
	return (struct dq_hash_two){go_on(one, done, h), go_on(two, done, i)};
}

#define STEP(at, h, i)                                                         \
	do {                                                                   \
		uint64_t a = load((at), 8) ^ K1, b = load((at) + 8, 8) ^ K0;   \
                                                                               \
		(h) = fold(a ^ (h), b) + (h);                                  \
		(i) = fold(a ^ (i), b) + (i);                                  \
	} while (0)

struct pair {
	uint64_t h, i; /* of the seeds 1 and 2 */
};

/* The pair after all bytes, when it stood so after the first `done`. */
static void
put_id(struct pair pair, struct dq_slice bytes, size_t done, char id[DQ_ID_LEN])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t hash[2];

	for (; bytes.len - done >= 16; done += 16)
		STEP(bytes.data + done, pair.h, pair.i);
	bytes.data += done;
	hash[0] = finish(bytes.data, bytes.len - done, pair.h, bytes.len);
	hash[1] = finish(bytes.data, bytes.len - done, pair.i, bytes.len);
	for (int n = 0; n < DQ_ID_LEN; n++)
		id[n] = digits[hash[n / 16] >> (60 - n % 16 * 4) & 15];
}

/* A hash alone waits for its multiplications one after the other, so four go
 * together: two ids of two hashes each. */
void
dq_ids(const struct dq_slice *bytes, size_t count, char (*ids)[DQ_ID_LEN])
{
	const struct pair start = {1 ^ K0, 2 ^ K0};

	for (; count > 1; count -= 2, bytes += 2, ids += 2) {
		struct pair one = start, two = start;
		size_t len =
		    bytes[0].len < bytes[1].len ? bytes[0].len : bytes[1].len;
		size_t done = 0;

		for (; done + 16 <= len; done += 16) {
			STEP(bytes[0].data + done, one.h, one.i);
			STEP(bytes[1].data + done, two.h, two.i);
		}
		put_id(one, bytes[0], done, ids[0]);
		put_id(two, bytes[1], done, ids[1]);
	}
	if (count)
		put_id(start, *bytes, 0, *ids);
}

void
dq_buf_id(struct dq_buf *buf, struct dq_slice bytes)
{
	char id[DQ_ID_LEN];

	dq_ids(&bytes, 1, &id);
	dq_buf_add(buf, id, DQ_ID_LEN);
}
