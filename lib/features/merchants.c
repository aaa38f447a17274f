#include "features/merchants.h"

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

/* The lowest n bits, n 0 to 127. */
static wide
ones(int32_t n)
{
	return ((wide)1 << n) - 1;
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

bool
dq_merchants_add(struct dq_customer **c, uint64_t hash, int32_t day)
{
	struct dq_merchant *merchant = find(*c, hash);
	int32_t age = (*c)->newest - day;

	if (!merchant) {
		if (count_of(*c) >= DQ_MERCHANTS_KEPT)
			return false;
		merchant = dq_customer_splice(c, DQ_PART_MERCHANTS,
		    (*c)->used[DQ_PART_MERCHANTS], 0,
		    (uint32_t)sizeof(*merchant));
		*merchant = (struct dq_merchant){.hash = hash};
	}
	set_days(merchant, days_of(merchant) | (wide)1 << age);
	return true;
}

void
dq_merchants_advance(struct dq_customer *c, int64_t days)
{
	struct dq_merchant *all = dq_customer_part(c, DQ_PART_MERCHANTS);
	size_t count = count_of(c), kept = 0;

	for (size_t i = 0; i < count; i++) {
		wide seen = days >= DQ_KEPT_DAYS ? 0 : days_of(&all[i]) << days;

		seen &= ones(DQ_KEPT_DAYS);
		if (!seen)
			continue;
		all[kept] = all[i];
		set_days(&all[kept++], seen);
	}
	c->used[DQ_PART_MERCHANTS] = (uint32_t)(kept * sizeof(*all));
}

int
dq_merchants_distinct(const struct dq_customer *c, int32_t from, int32_t to)
{
	const struct dq_merchant *all = dq_customer_part(c, DQ_PART_MERCHANTS);
	int64_t least = (int64_t)c->newest - to,
		most = (int64_t)c->newest - from;
	int count = 0;
	wide mask;

	if (least < 0)
		least = 0;
	if (most >= DQ_KEPT_DAYS)
		most = DQ_KEPT_DAYS - 1;
	if (most < least)
		return 0;
	mask = ones((int32_t)most + 1) & ~ones((int32_t)least);
	for (size_t i = 0; i < count_of(c); i++)
		count += (days_of(&all[i]) & mask) != 0;
	return count;
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
