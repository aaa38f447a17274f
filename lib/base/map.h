/* From a key (bytes) to a small dense number: 0 for the first key put, 1 for
 * the second... Keys are never removed. */
#ifndef DQ_BASE_MAP_H
#define DQ_BASE_MAP_H

#include "base/buf.h"

#define DQ_MAP_NONE UINT32_MAX

/* Zeroed memory is an empty map. */
struct dq_map {
	struct dq_map_slot *slots; /* open addressing, a power of two */
	uint32_t mask;
	uint32_t count;
	struct dq_buf keys; /* all keys, one behind the other */
	size_t *key_begin;  /* count + 1 of them */
	size_t key_begin_cap;
};

void dq_map_release(struct dq_map *map);

/* The number of the key, or DQ_MAP_NONE. */
uint32_t dq_map_get(const struct dq_map *map, struct dq_slice key);

/* The number of the key, a new one when it was not there. */
uint32_t dq_map_put(struct dq_map *map, struct dq_slice key);

/* The key of a number; valid until the next put. */
struct dq_slice dq_map_key(const struct dq_map *map, uint32_t number);

#endif
