/* Hashes, ids and random numbers are stored or must repeat: their values may
 * never change. */
#include "base/hash.h"
#include "base/random.h"
#include "unit.h"

static void
stable(void)
{
	static const struct {
		const char *text;
		uint64_t seed, want;
	} known[] = {
	    {"", 0, UINT64_C(0xe220a8397b1dcdaf)},
	    {"a", 0, UINT64_C(0x7c2ce69c85e43f9b)},
	    {"customer-1", 1, UINT64_C(0x87d365851c50435f)},
	    {"0123456789abcdef0123456789abcdef!", 7,
		UINT64_C(0xe29fa48e9a498e65)},
	};
	struct dq_buf buf = {0};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		CHECK(dq_hash(DQ_SLICE(known[i].text), known[i].seed) ==
		      known[i].want);
	dq_buf_id(&buf, DQ_SLICE("abc"));
	CHECK_TEXT(buf, "c72b7dfeeef078f9c47c85c3e3fe7654");
	dq_buf_release(&buf);
}

/* One changed bit changes about half of the result, at every length. */
static void
spreads(uint64_t seed)
{
	char text[64] = {0};

	for (size_t n = 1; n < sizeof(text); n++)
		for (size_t bit = 0; bit < n * 8; bit++) {
			uint64_t one, two;

			one = dq_hash((struct dq_slice){text, n}, seed);
			text[bit / 8] ^= (char)(1 << bit % 8);
			two = dq_hash((struct dq_slice){text, n}, seed);
			text[bit / 8] ^= (char)(1 << bit % 8);
			CHECK(__builtin_popcountll(one ^ two) >= 10);
			CHECK(__builtin_popcountll(one ^ two) <= 54);
		}
}

static void
random_numbers(void)
{
	struct dq_random a, b;
	double sum = 0, squares = 0;
	long low = 0;

	dq_random_init(&a, 1, 0);
	CHECK(dq_random_bits(&a) == UINT64_C(0x673ecc426ca8e105));
	dq_random_init(&a, 1, 0);
	dq_random_init(&b, 1, 1);
	CHECK(dq_random_bits(&a) != dq_random_bits(&b));
	for (int i = 0; i < 200000; i++) {
		double x = dq_random_normal(&a), u = dq_random_real(&a);

		CHECK(u >= 0 && u < 1);
		sum += x;
		squares += x * x;
		low += dq_random_below(&a, 3) == 0;
	}
	CHECK_NEAR(sum / 200000, 0, 0.01);
	CHECK_NEAR(squares / 200000, 1, 0.02);
	CHECK_NEAR((double)low / 200000, 1 / 3.0, 0.006);
}

int
main(void)
{
	stable();
	for (uint64_t seed = 0; seed < 4; seed++)
		spreads(seed);
	random_numbers();
	return unit_done();
}
