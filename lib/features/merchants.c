#include "features/merchants.h"

#include "features/balance.h"

#define RING 128 /* bits of a wide */

typedef unsigned __int128 wide;

static wide
days_of(const struct dq_merchant *merchant)
{
	return (wide)merchant->days[1] << 64 | merchant->days[0];
}

static void
set_days(struct dq_merchant *merchant, wide days)
{
	merchant->days[0] = (uint64_t)days;
	merchant->days[1] = (uint64_t)(days >> 64);
}

/* The bits of the days from..to, at most 127 of them. */
static wide
days_between(int32_t from, int32_t to)
{
	wide ones = ((wide)1 << (to - from + 1)) - 1;
	unsigned turn = (uint32_t)from % RING;

	return turn ? ones << turn | ones >> (RING - turn) : ones;
}

static size_t
count_of(const struct dq_customer *c)
{
	return c->used[DQ_PART_MERCHANTS] / sizeof(struct dq_merchant);
}

static struct dq_merchant *
find(struct dq_customer *c, uint64_t hash)
{
	struct dq_merchant *all = dq_customer_part(c, DQ_PART_MERCHANTS);

	for (size_t i = count_of(c); i-- > 0;)
		if (all[i].hash == hash)
			return &all[i];
	return NULL;
}

/* Of the days up to `last`, those before N-97 go. */
static void
clean(struct dq_customer *c, int32_t last)
{
	struct dq_merchant *all = dq_customer_part(c, DQ_PART_MERCHANTS);
	int64_t first = (int64_t)c->newest - DQ_KEPT_DAYS + 1;
	size_t count = count_of(c), kept = 0;
	wide mask = first > last ? 0 : days_between((int32_t)first, last);

	for (size_t i = 0; i < count; i++) {
		wide seen = days_of(&all[i]) & mask;

		if (!seen)
			continue;
		all[kept] = all[i];
		set_days(&all[kept++], seen);
	}
	c->used[DQ_PART_MERCHANTS] = (uint32_t)(kept * sizeof(*all));
}

/* A month and the kept days are less than the ring. By the month, whatever N
 * does in between: the same days make the same bytes. */
void
dq_merchants_advance(struct dq_customer *c, int32_t before)
{
	if (dq_month_of(c->newest) != dq_month_of(before))
		clean(c, before);
}

bool
dq_merchants_add(struct dq_customer **c, uint64_t hash, int32_t day)
{
	struct dq_merchant *merchant = find(*c, hash);

	if (!merchant) {
		if (count_of(*c) >= DQ_MERCHANTS_KEPT)
			clean(*c, (*c)->newest);
		if (count_of(*c) >= DQ_MERCHANTS_KEPT)
			return false;
		merchant = dq_customer_splice(c, DQ_PART_MERCHANTS,
		    (*c)->used[DQ_PART_MERCHANTS], 0,
		    (uint32_t)sizeof(*merchant));
		*merchant = (struct dq_merchant){.hash = hash};
	}
	set_days(merchant, days_of(merchant) | days_between(day, day));
	return true;
}

int
dq_merchants_distinct(const struct dq_customer *c, int32_t from, int32_t to)
{
	const struct dq_merchant *all = dq_customer_part(c, DQ_PART_MERCHANTS);
	int64_t first = (int64_t)c->newest - DQ_KEPT_DAYS + 1;
	size_t count = count_of(c);
	int distinct = 0;
	wide mask;

	if (from < first)
		from = (int32_t)first;
	if (to > c->newest)
		to = c->newest;
	if (to < from)
		return 0;
	mask = days_between(from, to);
	for (size_t i = 0; i < count; i++)
		distinct += (days_of(&all[i]) & mask) != 0;
	return distinct;
}

bool
dq_seen_has(const struct dq_customer *c, uint64_t hash)
{
	const uint64_t *seen = dq_customer_part(c, DQ_PART_SEEN);
	size_t count = c->used[DQ_PART_SEEN] / sizeof(*seen), i = 0;

	/* Nearly always none: four at a step. */
	for (; i + 4 <= count; i += 4)
		if (seen[i] == hash || seen[i + 1] == hash ||
		    seen[i + 2] == hash || seen[i + 3] == hash)
			return true;
	for (; i < count; i++)
		if (seen[i] == hash)
			return true;
	return false;
}

void
dq_seen_add(struct dq_customer **c, uint64_t hash, uint32_t limit)
{
	uint32_t used = (*c)->used[DQ_PART_SEEN];
	uint64_t *seen;

	if (used / sizeof(*seen) < limit) {
		seen = dq_customer_splice(
		    c, DQ_PART_SEEN, used, 0, (uint32_t)sizeof(*seen));
		*seen = hash;
		return;
	}
	seen = dq_customer_part(*c, DQ_PART_SEEN);
	seen[(*c)->seen_head] = hash;
	(*c)->seen_head = (uint16_t)(((*c)->seen_head + 1u) % limit);
}
