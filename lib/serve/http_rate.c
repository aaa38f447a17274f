#include "serve/http_rate.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>

#define PLACES 4096

struct bucket {
	double tokens;
	int64_t filled; /* when; 0: never */
};

struct dq_rate {
	double rate;
	uint64_t seed; /* so that nobody can choose whose place to share */
	struct bucket buckets[PLACES];
};

struct dq_rate *
dq_rate_new(int64_t rate)
{
	struct dq_rate *r = dq_calloc(1, sizeof(*r));

	r->rate = (double)rate;
	r->seed = dq_hash_mix((uint64_t)dq_clock_wall());
	return r;
}

void
dq_rate_free(struct dq_rate *rate)
{
	free(rate);
}

bool
dq_rate_allows(struct dq_rate *rate, struct dq_slice client, int64_t now)
{
	struct bucket *b = &rate->buckets[dq_hash(client, rate->seed) % PLACES];
	const double full = 2 * rate->rate;

	if (rate->rate <= 0)
		return true;
	if (b->filled)
		b->tokens += rate->rate * (double)(now - b->filled) / 1e6;
	if (!b->filled || b->tokens > full)
		b->tokens = full;
	b->filled = now;
	if (b->tokens < 1)
		return false;
	b->tokens--;
	return true;
}
