#include "base/map.h"
#include "unit.h"

static void
numbers_follow_first_put(void)
{
	struct dq_map map = {0};

	CHECK_INT(dq_map_get(&map, DQ_SLICE("a")), DQ_MAP_NONE);
	CHECK_INT(dq_map_put(&map, DQ_SLICE("a")), 0);
	CHECK_INT(dq_map_put(&map, DQ_SLICE("")), 1);
	CHECK_INT(dq_map_put(&map, DQ_SLICE("a")), 0);
	CHECK_INT(dq_map_get(&map, DQ_SLICE("")), 1);
	CHECK_INT(dq_map_get(&map, DQ_SLICE("ab")), DQ_MAP_NONE);
	CHECK_TEXT(dq_map_key(&map, 0), "a");
	CHECK_TEXT(dq_map_key(&map, 1), "");
	dq_map_release(&map);
	CHECK_INT(dq_map_get(&map, DQ_SLICE("a")), DQ_MAP_NONE);
}

/* Keys that differ in one byte only, of every length, a NUL among them. */
static void
many_keys(void)
{
	enum { COUNT = 100000 };
	struct dq_map map = {0};
	char key[32] = {0};

	for (int i = 0; i < COUNT; i++) {
		size_t n = 4 + (size_t)i % 20;

		memcpy(key, &i, sizeof(i));
		CHECK_INT(dq_map_put(&map, (struct dq_slice){key, n}), i);
	}
	CHECK_INT(map.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		size_t n = 4 + (size_t)i % 20;

		memcpy(key, &i, sizeof(i));
		CHECK_INT(dq_map_get(&map, (struct dq_slice){key, n}), i);
		CHECK(dq_slice_equal(
		    dq_map_key(&map, (uint32_t)i), (struct dq_slice){key, n}));
	}
	dq_map_release(&map);
}

int
main(void)
{
	numbers_follow_first_put();
	many_keys();
	return unit_done();
}
