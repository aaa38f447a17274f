/* dq_hash: ids that differ in any of their bytes have different hashes, at
 * every length and with the seeds that ids are made with. */
#include "base/hash.h"

#include "base/mem.h"
#include "unit.h"

#include <stdlib.h>

#define IDS 20000

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Ids of `length` bytes that count in the three bytes that end at `end`. */
static int
collisions(int length, int end, uint64_t seed)
{
	uint64_t *hashes = dq_malloc(IDS * sizeof(*hashes));
	char id[64];
	int same = 0;

	memset(id, '0', sizeof(id));
	for (int i = 0; i < IDS; i++) {
		for (int k = 0, n = i; k < 3; k++, n >>= 5)
			id[end - k] = (char)('A' + n % 32);
		hashes[i] =
		    dq_hash((struct dq_slice){id, (size_t)length}, seed);
	}
	qsort(hashes, IDS, sizeof(*hashes), compare);
	for (int i = 1; i < IDS; i++)
		same += hashes[i] == hashes[i - 1];
	free(hashes);
	return same;
}

/* Hashes made together are those made alone. */
static void
two(void)
{
	static char bytes[400];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 11);
	for (size_t i = 0; i < 200; i++) {
		struct dq_slice one = {bytes, i};
		struct dq_slice other = {bytes + i, i * 53 % 200};
		struct dq_hash_two hash = dq_hash_two(one, other, i);

		CHECK(hash.one == dq_hash(one, i));
		CHECK(hash.two == dq_hash(other, i));
	}
}

/* Ids made together are those made alone: the two hashes as digits. */
static void
ids(void)
{
	static char bytes[200];
	struct dq_slice slices[70];
	char made[70][DQ_ID_LEN], alone[DQ_ID_LEN + 1];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t i = 0; i < 70; i++)
		slices[i] = (struct dq_slice){bytes + i, i * 37 % 120};
	dq_ids(slices, 69, made);
	for (size_t i = 0; i < 69; i++) {
		snprintf(alone, sizeof(alone), "%016llx%016llx",
		    (unsigned long long)dq_hash(slices[i], 1),
		    (unsigned long long)dq_hash(slices[i], 2));
		CHECK(!memcmp(made[i], alone, DQ_ID_LEN));
	}
}

int
main(void)
{
	two();
	ids();
	for (int length = 3; length <= 40; length++)
		for (int end = 2; end < length; end++)
			for (uint64_t seed = 0; seed < 3; seed++)
				CHECK_INT(collisions(length, end, seed), 0);
	return unit_done();
}
