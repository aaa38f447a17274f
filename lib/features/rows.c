/* One customer's state as bytes: a format version, the head's fields, the
 * currency, then each part with its length. Sums and edges are not stored:
 * they follow from the days. */
#include "features/rows.h"

#include "base/mem.h"
#include "features/balance.h"
#include "features/days.h"
#include "features/merchants.h"
#include "features/payments.h"
#include "features/salary.h"

/* Little-endian machines only, without holes. */
struct head {
	int64_t newest_time, base_level, monthly_income, minimum_balance;
	int32_t newest, first, active, credit, told_salary, told_silent;
	int32_t partition;
	uint16_t seen_head;
	uint8_t digits, salary_day, every;
	uint8_t flags;
	uint8_t spare[2];
};

static const uint32_t part_unit[DQ_PARTS] = {
    [DQ_PART_DAYS] = 1,
    [DQ_PART_SEEN] = sizeof(uint64_t),
    [DQ_PART_MERCHANTS] = sizeof(struct dq_merchant),
    [DQ_PART_PAYMENTS] = sizeof(struct dq_payment),
    [DQ_PART_SALARIES] = sizeof(struct dq_salary),
    [DQ_PART_MONTHS] = sizeof(struct dq_month),
};

static const uint32_t part_max[DQ_PARTS] = {
    [DQ_PART_DAYS] = DQ_KEPT_DAYS * DQ_DAY_PACKED_MAX,
    [DQ_PART_SEEN] = DQ_DEDUP_MAX,
    [DQ_PART_MERCHANTS] = DQ_MERCHANTS_KEPT,
    [DQ_PART_PAYMENTS] = DQ_PAYMENTS_KEPT,
    [DQ_PART_SALARIES] = DQ_SALARIES_KEPT,
    [DQ_PART_MONTHS] = 16,
};

static struct head
head_of(const struct dq_customer *c)
{
	return (struct head){
	    .newest_time = c->newest_time,
	    .base_level = c->base_level,
	    .monthly_income = c->monthly_income,
	    .minimum_balance = c->minimum_balance,
	    .newest = c->newest,
	    .first = c->first,
	    .active = c->active,
	    .credit = c->credit,
	    .told_salary = c->told_salary,
	    .told_silent = c->told_silent,
	    .partition = c->partition,
	    .seen_head = c->seen_head,
	    .digits = c->digits,
	    .salary_day = c->salary_day,
	    .every = c->every,
	    .flags =
		(uint8_t)(c->base_known | c->opening << 1 | c->has_income << 2 |
			  c->has_minimum << 3 | c->day_open << 4),
	};
}

static void
set_head(struct dq_customer *c, const struct head *head)
{
	c->payments_until = INT32_MIN; /* not known: to be looked at */
	c->newest_time = head->newest_time;
	c->base_level = head->base_level;
	c->monthly_income = head->monthly_income;
	c->minimum_balance = head->minimum_balance;
	c->newest = head->newest;
	c->first = head->first;
	c->active = head->active;
	c->credit = head->credit;
	c->told_salary = head->told_salary;
	c->told_silent = head->told_silent;
	c->partition = head->partition;
	c->seen_head = head->seen_head;
	c->digits = head->digits;
	c->salary_day = head->salary_day;
	c->every = head->every;
	c->base_known = head->flags & 1;
	c->opening = head->flags >> 1 & 1;
	c->has_income = head->flags >> 2 & 1;
	c->has_minimum = head->flags >> 3 & 1;
	c->day_open = head->flags >> 4 & 1;
}

void
dq_row_write(
    const struct dq_customer *c, struct dq_slice currency, struct dq_buf *out)
{
	struct head head = head_of(c);
	uint16_t length = (uint16_t)currency.len;

	dq_buf_byte(out, DQ_ROW_FORMAT);
	dq_buf_add(out, &head, sizeof(head));
	dq_buf_add(out, &length, sizeof(length));
	dq_buf_slice(out, currency);
	for (int i = 0; i < DQ_PARTS; i++) {
		dq_buf_add(out, &c->used[i], sizeof(c->used[i]));
		dq_buf_add(
		    out, dq_customer_part(c, (enum dq_part)i), c->used[i]);
	}
}

/* Takes n bytes off the front; false when there are fewer. */
static bool
take(struct dq_slice *from, void *to, size_t n)
{
	if (from->len < n)
		return false;
	memcpy(to, from->data, n);
	from->data += n;
	from->len -= n;
	return true;
}

static bool
take_parts(struct dq_customer **c, struct dq_slice *value)
{
	for (int i = 0; i < DQ_PARTS; i++) {
		uint32_t used;

		if (!take(value, &used, sizeof(used)) || used > value->len ||
		    used % part_unit[i] || used / part_unit[i] > part_max[i])
			return false;
		if (used)
			take(value,
			    dq_customer_splice(c, (enum dq_part)i, 0, 0, used),
			    used);
	}
	return value->len == 0;
}

/* A day of the years that a time can have, or none. */
static bool
is_day(int32_t day)
{
	return day == DQ_NO_DAY || (day > -800000 && day < 3000000);
}

static bool
is_plausible(const struct dq_customer *c)
{
	uint32_t seen = c->used[DQ_PART_SEEN] / (uint32_t)sizeof(uint64_t);

	if (c->digits > 4 || c->salary_day > 31 || c->every > 9 ||
	    (c->seen_head && c->seen_head >= seen))
		return false;
	if (!is_day(c->newest) || !is_day(c->first) || !is_day(c->active) ||
	    !is_day(c->credit))
		return false;
	return c->newest == DQ_NO_DAY
		   ? c->first == DQ_NO_DAY && !c->used[DQ_PART_DAYS]
		   : c->first != DQ_NO_DAY && c->first <= c->newest;
}

struct dq_customer *
dq_row_read(struct dq_slice value, struct dq_slice *currency)
{
	struct dq_customer *c = dq_customer_new();
	struct head head;
	uint16_t length;
	uint8_t format;

	if (take(&value, &format, 1) && format == DQ_ROW_FORMAT &&
	    take(&value, &head, sizeof(head)) &&
	    take(&value, &length, sizeof(length)) && length <= value.len) {
		*currency = (struct dq_slice){value.data, length};
		value.data += length;
		value.len -= length;
		set_head(c, &head);
		if (take_parts(&c, &value) && is_plausible(c) &&
		    dq_days_rebuild(c))
			return c;
	}
	dq_customer_free(c);
	return NULL;
}
