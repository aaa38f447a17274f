/* A customer as bytes: read back it is the same, and no damaged bytes are
 * taken for one that then reads outside of itself. */
#include "features/rows.h"

#include "base/random.h"
#include "features/days.h"
#include "features/merchants.h"
#include "features/payments.h"
#include "features/salary.h"
#include "unit.h"

static struct dq_random dice;

static struct dq_customer *
someone(void)
{
	struct dq_customer *c = dq_customer_new();
	bool evicted;

	for (int i = 0; i < 200; i++) {
		int32_t number = 20000 + i * 2;
		struct dq_day day = {.day = number, .stated = i % 3 == 0};
		struct dq_payment payment = {.id = (uint64_t)i,
		    .clock = i,
		    .amount = 100 + i,
		    .paid_amount = INT64_MIN,
		    .due = number + 5,
		    .paid_day = DQ_NO_DAY,
		    .day = number};

		day.field[DQ_DAY_TRANSACTIONS] = 1;
		day.field[DQ_DAY_DEBITS] = 1;
		day.field[DQ_DAY_LARGEST] = day.field[DQ_DAY_CLASS + i % 15] =
		    (int64_t)dq_random_below(&dice, 1000000);
		day.field[DQ_DAY_BALANCE] =
		    day.stated ? (int64_t)dq_random_below(&dice, 5000) : 0;
		dq_days_advance(&c, number);
		dq_days_add(&c, &day);
		dq_seen_add(&c, dq_random_bits(&dice), 64);
		dq_merchants_add(&c, dq_random_below(&dice, 30), number);
		dq_payments_add(&c, &payment, &evicted);
		if (i % 15 == 0)
			dq_salary_add(&c, number, 1000 + i);
	}
	c->salary_day = 25;
	c->told_silent = 20100;
	c->has_minimum = true;
	c->minimum_balance = -5;
	return c;
}

static void
test_there_and_back(void)
{
	struct dq_customer *c = someone(), *back;
	struct dq_buf one = {0}, two = {0};
	struct dq_slice currency;

	dq_row_write(c, DQ_SLICE("EUR"), &one);
	back = dq_row_read(dq_buf_view(&one), &currency);
	CHECK(back != NULL);
	CHECK_TEXT(currency, "EUR");
	dq_row_write(back, currency, &two);
	CHECK(one.len == two.len && !memcmp(one.data, two.data, one.len));
	CHECK(!memcmp(back->window, c->window, sizeof(c->window)));
	CHECK(!memcmp(back->edge, c->edge, sizeof(c->edge)));
	CHECK_INT(back->last, c->last);
	dq_customer_free(back);
	dq_customer_free(c);
	dq_buf_release(&one);
	dq_buf_release(&two);
}

/* Sanitizers watch what is done with those that pass. */
static void
test_damage(void)
{
	static struct dq_sight sight;
	struct dq_customer *c = someone();
	struct dq_buf good = {0};
	int refused = 0, taken = 0;

	dq_row_write(c, DQ_SLICE(""), &good);
	for (size_t n = 0; n < good.len; n++) {
		struct dq_slice currency;

		CHECK(!dq_row_read((struct dq_slice){good.data, n}, &currency));
	}
	for (int i = 0; i < 20000; i++) {
		size_t at = dq_random_below(&dice, good.len);
		char before = good.data[at];
		struct dq_slice currency;
		struct dq_customer *bad;

		good.data[at] = (char)dq_random_bits(&dice);
		bad = dq_row_read(dq_buf_view(&good), &currency);
		good.data[at] = before;
		refused += !bad;
		if (!bad)
			continue;
		taken++;
		(void)dq_days_unpack(bad, bad->newest, sight.days);
		dq_customer_free(bad);
	}
	CHECK(refused > 1000);
	CHECK(taken > 1000);
	dq_customer_free(c);
	dq_buf_release(&good);
}

int
main(void)
{
	dq_random_init(&dice, 3, 0);
	test_there_and_back();
	test_damage();
	return unit_done();
}
