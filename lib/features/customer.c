#include "features/customer.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct dq_customer *
dq_customer_new(void)
{
	struct dq_customer *c = dq_calloc(1, sizeof(*c) + DQ_DAY_SLACK);

	for (int i = 0; i <= DQ_PARTS; i++)
		c->begin[i] = sizeof(*c);
	c->newest = c->first = DQ_NO_DAY;
	c->active = c->credit = DQ_NO_DAY;
	c->told_salary = c->told_silent = DQ_NO_DAY;
	c->digits = 2;
	c->payments_until = INT32_MAX;
	c->partition = -1;
	c->largest = -1;
	return c;
}

void
dq_customer_free(struct dq_customer *c)
{
	free(c);
}

void *
dq_customer_room(struct dq_customer **where, enum dq_part part, uint32_t more)
{
	struct dq_customer *c = *where;
	uint32_t need = c->used[part] + more;
	uint32_t have = c->begin[part + 1] - c->begin[part];
	uint32_t grow;

	if (need <= have)
		return dq_customer_part(c, part);
	/* An eighth ahead, so that most records move nothing. */
	grow = (need - have + need / 8 + 7) / 8 * 8;
	c = dq_realloc(c, dq_customer_size(c) + grow);
	memmove((char *)c + c->begin[part + 1] + grow,
	    (char *)c + c->begin[part + 1],
	    c->begin[DQ_PARTS] - c->begin[part + 1]);
	for (int i = (int)part + 1; i <= DQ_PARTS; i++)
		c->begin[i] += grow;
	*where = c;
	return dq_customer_part(c, part);
}

void *
dq_customer_splice(struct dq_customer **where, enum dq_part part, uint32_t at,
    uint32_t old, uint32_t new)
{
	char *base = new > old ? dq_customer_room(where, part, new - old)
			       : dq_customer_part(*where, part);
	struct dq_customer *c = *where;

	memmove(base + at + new, base + at + old, c->used[part] - at - old);
	c->used[part] = c->used[part] - old + new;
	return base + at;
}

int64_t
dq_money_rescale(int64_t amount, int from, int to)
{
	for (; from < to; from++)
		amount = (int64_t)((uint64_t)amount * 10);
	for (; from > to; from--)
		amount /= 10;
	return amount;
}
