#include "base/map.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

struct dq_map_slot {
	uint32_t hash;
	uint32_t number; /* DQ_MAP_NONE: empty */
};

void
dq_map_release(struct dq_map *map)
{
	free(map->slots);
	free(map->key_begin);
	dq_buf_release(&map->keys);
	*map = (struct dq_map){0};
}

struct dq_slice
dq_map_key(const struct dq_map *map, uint32_t number)
{
	size_t begin = map->key_begin[number];

	return (struct dq_slice){
	    map->keys.data + begin, map->key_begin[number + 1] - begin};
}

/* The slot that holds the key, or the empty one where it belongs. */
static struct dq_map_slot *
find(const struct dq_map *map, struct dq_slice key, uint32_t hash)
{
	uint32_t at = hash & map->mask;

	for (;; at = (at + 1) & map->mask) {
		struct dq_map_slot *slot = &map->slots[at];

		if (slot->number == DQ_MAP_NONE)
			return slot;
		if (slot->hash == hash &&
		    dq_slice_equal(dq_map_key(map, slot->number), key))
			return slot;
	}
}

uint32_t
dq_map_get(const struct dq_map *map, struct dq_slice key)
{
	if (!map->count)
		return DQ_MAP_NONE;
	return find(map, key, (uint32_t)dq_hash(key, 0))->number;
}

static void
rebuild(struct dq_map *map, size_t size)
{
	struct dq_map_slot *old = map->slots;
	size_t old_size = old ? (size_t)map->mask + 1 : 0;

	if (size > UINT32_MAX)
		dq_die(DQ_EXIT_BROKEN, "map", "more than %u keys", UINT32_MAX);
	map->slots = dq_realloc_array(NULL, size, sizeof(*map->slots));
	memset(map->slots, 0xff, size * sizeof(*map->slots));
	map->mask = (uint32_t)(size - 1);
	for (size_t i = 0; i < old_size; i++) {
		uint32_t at = old[i].hash & map->mask;

		if (old[i].number == DQ_MAP_NONE)
			continue;
		while (map->slots[at].number != DQ_MAP_NONE)
			at = (at + 1) & map->mask;
		map->slots[at] = old[i];
	}
	free(old);
}

static void
append_key(struct dq_map *map, struct dq_slice key)
{
	if (map->count + 2 > map->key_begin_cap) {
		map->key_begin_cap = map->key_begin_cap * 2 + 64;
		map->key_begin = dq_realloc_array(map->key_begin,
		    map->key_begin_cap, sizeof(*map->key_begin));
		map->key_begin[0] = 0;
	}
	dq_buf_slice(&map->keys, key);
	map->key_begin[++map->count] = map->keys.len;
}

uint32_t
dq_map_put(struct dq_map *map, struct dq_slice key)
{
	uint32_t hash = (uint32_t)dq_hash(key, 0);
	struct dq_map_slot *slot;

	if (!map->slots || map->count >= map->mask - map->mask / 4)
		rebuild(map, map->slots ? ((size_t)map->mask + 1) * 2 : 64);
	slot = find(map, key, hash);
	if (slot->number == DQ_MAP_NONE) {
		slot->hash = hash;
		slot->number = map->count;
		append_key(map, key);
	}
	return slot->number;
}
