/* Numbers for sets of few out of up to 64: first the empty one, then those of
 * one member, of two and of three, each size in ascending order of its mask. */
#ifndef DQ_MODEL_SMALL_SETS_H
#define DQ_MODEL_SMALL_SETS_H

#include <stddef.h>
#include <stdint.h>

#define DQ_SMALL_SET 3 /* members at most */

/* How many sets of `size` members there are; of at most so many. */
static inline size_t
dq_sets_of(size_t members, int size)
{
	size_t n = members;

	return size == 0   ? 1
	       : size == 1 ? n
	       : size == 2 ? n * (n - 1) / 2
			   : n * (n - 1) * (n - 2) / 6;
}

static inline size_t
dq_sets_up_to(size_t members, int size)
{
	size_t count = 0;

	for (int i = 0; i <= size; i++)
		count += members < (size_t)i ? 0 : dq_sets_of(members, i);
	return count;
}

/* The number of a set of `size` <= DQ_SMALL_SET members. */
static inline size_t
dq_set_number(uint64_t set, int size, size_t members)
{
	size_t number = size ? dq_sets_up_to(members, size - 1) : 0;

	for (int i = 1; i <= size; i++, set &= set - 1) {
		size_t member = (size_t)__builtin_ctzll(set);

		number += member < (size_t)i ? 0 : dq_sets_of(member, i);
	}
	return number;
}

#endif
