#include "features/payments.h"

#include <string.h>

static size_t
count_of(const struct dq_customer *c)
{
	return c->used[DQ_PART_PAYMENTS] / sizeof(struct dq_payment);
}

static void
drop(struct dq_customer *c, size_t i)
{
	struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);

	memmove(all + i, all + i + 1, (count_of(c) - i - 1) * sizeof(*all));
	c->used[DQ_PART_PAYMENTS] -= (uint32_t)sizeof(*all);
}

void
dq_payments_forget(struct dq_customer *c)
{
	struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);
	int32_t until = INT32_MAX;

	if (c->newest - DQ_KEPT_DAYS < c->payments_until)
		return;
	for (size_t i = count_of(c); i-- > 0;) {
		int32_t last =
		    all[i].due > all[i].day ? all[i].due : all[i].day;

		if (last <= c->newest - DQ_KEPT_DAYS)
			drop(c, i);
		else if (last < until)
			until = last;
	}
	c->payments_until = until;
}

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Which of two statements is in force: positive for a. */
static int
outranks(const struct dq_payment *a, const struct dq_payment *b)
{
	int c = compare(a->clock, b->clock);

	if (!c)
		c = compare(a->status, b->status);
	if (!c)
		c = compare(a->paid_amount, b->paid_amount);
	if (!c)
		c = compare(a->paid_day, b->paid_day);
	if (!c)
		c = compare(a->due, b->due);
	return c ? c : compare(a->amount, b->amount);
}

/* Positive when a goes before b; both are of one customer. */
static int
goes_first(const struct dq_payment *a, const struct dq_payment *b, int32_t N)
{
	int64_t far_a = (int64_t)a->due - N, far_b = (int64_t)b->due - N;
	int c = compare(far_a < 0 ? -far_a : far_a, far_b < 0 ? -far_b : far_b);

	if (!c)
		c = compare(a->due, b->due);
	return c ? c : compare(b->amount, a->amount);
}

static void
evict(struct dq_customer *c)
{
	const struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);
	size_t worst = 0;

	for (size_t i = 1; i < count_of(c); i++)
		if (goes_first(&all[i], &all[worst], c->newest) >= 0)
			worst = i;
	drop(c, worst);
}

static size_t
find(const struct dq_customer *c, uint64_t id)
{
	const struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);
	size_t i = 0;

	while (i < count_of(c) && all[i].id != id)
		i++;
	return i;
}

enum dq_statement
dq_payments_add(
    struct dq_customer **c, const struct dq_payment *said, bool *evicted)
{
	size_t at = find(*c, said->id), count = count_of(*c);
	struct dq_payment *in_force = dq_customer_part(*c, DQ_PART_PAYMENTS);
	enum dq_statement what = DQ_STATEMENT_NEW;
	bool told;

	if (at < count) {
		in_force += at;
		if (outranks(said, in_force) <= 0)
			return DQ_STATEMENT_IGNORED;
		if (in_force->status == said->status)
			what = DQ_STATEMENT_SAME;
	} else {
		in_force = dq_customer_splice(c, DQ_PART_PAYMENTS,
		    (*c)->used[DQ_PART_PAYMENTS], 0,
		    (uint32_t)sizeof(*in_force));
		in_force->told = false;
	}
	told = in_force->told;
	*in_force = *said;
	in_force->told = told;
	(*c)->payments_until = INT32_MIN;
	dq_payments_forget(*c);
	*evicted = count_of(*c) > DQ_PAYMENTS_KEPT;
	if (*evicted)
		evict(*c);
	return find(*c, said->id) < count_of(*c) ? what : DQ_STATEMENT_DROPPED;
}

bool
dq_payments_tell_overdue(struct dq_customer *c, int32_t T)
{
	struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);
	bool found = false;

	for (size_t i = 0; i < count_of(c); i++) {
		if (all[i].status != DQ_PAYMENT_PENDING || all[i].due >= T ||
		    all[i].told)
			continue;
		all[i].told = found = true;
	}
	return found;
}

/* V of the page. */
static int64_t
value(const struct dq_payment *p)
{
	if (p->paid_amount != INT64_MIN)
		return p->paid_amount;
	if (p->status == DQ_PAYMENT_PAID ||
	    (p->status == DQ_PAYMENT_LATE && p->paid_day != DQ_NO_DAY))
		return p->amount;
	return 0;
}

/* P of the page. */
static int32_t
paid_on(const struct dq_payment *p)
{
	if (p->paid_day != DQ_NO_DAY)
		return p->paid_day;
	if (p->status == DQ_PAYMENT_PAID || value(p) > 0)
		return p->day;
	return DQ_NO_DAY;
}

static void
add_payment(struct dq_payment_sums *sums, const struct dq_payment *p, int32_t T)
{
	int32_t on = paid_on(p);
	bool there = on != DQ_NO_DAY && on <= T;
	int64_t paid = there ? value(p) : 0;
	bool settled =
	    there && (p->status == DQ_PAYMENT_PAID || value(p) >= p->amount);
	int64_t late = (int64_t)(settled ? on : T) - p->due;

	sums->due++;
	sums->missed += p->status == DQ_PAYMENT_MISSED;
	sums->part +=
	    p->status == DQ_PAYMENT_PARTIAL || (paid > 0 && paid < p->amount);
	if (settled) {
		sums->settled++;
		sums->shift += (int64_t)on - p->due;
	}
	if (p->utility) {
		sums->utilities++;
		sums->lateness += late > 0 ? late : 0;
	}
	sums->amount += p->amount;
	if (paid < p->amount)
		sums->outstanding += p->amount - paid;
}

struct dq_payment_sums
dq_payments_sums(
    const struct dq_customer *c, int32_t from, int32_t to, int32_t T)
{
	const struct dq_payment *all = dq_customer_part(c, DQ_PART_PAYMENTS);
	struct dq_payment_sums sums = {0};

	for (size_t i = 0; i < count_of(c); i++)
		if (all[i].due >= from && all[i].due <= to)
			add_payment(&sums, &all[i], T);
	return sums;
}
