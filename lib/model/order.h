/* Floats as whole numbers of the same order, for walks down trees. */
#ifndef DQ_MODEL_ORDER_H
#define DQ_MODEL_ORDER_H

#include <stdint.h>
#include <string.h>

/* Between 0 and UINT32_MAX, which no number has, so these two can stand for
 * what goes left and what goes right of all; -0 is 0. */
static inline uint32_t
dq_order(float x)
{
	uint32_t bits;

	x += 0.0f;
	memcpy(&bits, &x, sizeof(bits));
	return bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
}

#endif
