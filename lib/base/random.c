#include "base/random.h"

#include "base/hash.h"

void
dq_random_init(struct dq_random *random, uint64_t seed, uint64_t stream)
{
	uint64_t x = dq_hash_mix(seed) ^ dq_hash_mix(~stream);

	for (int i = 0; i < 4; i++) {
		x += UINT64_C(0x9e3779b97f4a7c15);
		random->state[i] = dq_hash_mix(x);
	}
}

double
dq_random_normal(struct dq_random *random)
{
	uint64_t sum = 0;

	/* Four 16-bit uniforms a draw; the mean of each is 32767.5. */
	for (int i = 0; i < 3; i++) {
		uint64_t bits = dq_random_bits(random);

		sum += (bits & 0xffff) + (bits >> 16 & 0xffff) +
		       (bits >> 32 & 0xffff) + (bits >> 48);
	}
	return ((double)sum - 12 * 32767.5) / 65536;
}
