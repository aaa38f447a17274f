/* Packed days, and that what a day holds does not depend on the order of its
 * transactions. */
#include "features/day.h"

#include "base/random.h"
#include "unit.h"

static struct dq_random dice;

static int64_t
amount(void)
{
	return (int64_t)(dq_random_bits(&dice) >>
			 (10 + dq_random_below(&dice, 53)));
}

static struct dq_day
transaction(int32_t number)
{
	struct dq_day day = {.day = number};
	int64_t sum = amount();

	day.field[DQ_DAY_TRANSACTIONS] = 1;
	switch (dq_random_below(&dice, 4)) {
	case 0:
		day.field[DQ_DAY_INFLOW] = sum;
		break;
	case 1:
		day.field[DQ_DAY_FAILED] = 1;
		break;
	default:
		day.field[DQ_DAY_DEBITS] = 1;
		day.field[DQ_DAY_LARGEST] = sum;
		day.field[DQ_DAY_CLASS + dq_random_below(&dice, DQ_CLASSES)] =
		    sum;
	}
	if (dq_random_below(&dice, 2)) {
		day.stated = true;
		day.field[DQ_DAY_BALANCE] = amount() - amount();
		day.field[DQ_DAY_CLOCK] =
		    (int64_t)dq_random_below(&dice, 3) - 1;
	}
	return day;
}

static bool
same(const struct dq_day *a, const struct dq_day *b)
{
	return a->day == b->day && a->stated == b->stated &&
	       !memcmp(a->field, b->field, sizeof(a->field));
}

static void
test_order(void)
{
	struct dq_day all[6], forward = {0}, backward = {0};
	int count = (int)dq_random_below(&dice, 6) + 1;

	for (int i = 0; i < count; i++)
		all[i] = transaction(20000);
	forward = all[0];
	for (int i = 1; i < count; i++)
		dq_day_merge(&forward, &all[i]);
	backward = all[count - 1];
	for (int i = count - 1; i-- > 0;)
		dq_day_merge(&backward, &all[i]);
	CHECK(same(&forward, &backward));
}

static void
test_packing(int32_t number)
{
	uint8_t bytes[DQ_DAY_PACKED_MAX + DQ_DAY_SLACK];
	struct dq_day day = transaction(number), back;
	int32_t near = number + (int32_t)dq_random_below(&dice, 200) - 100;
	size_t n;

	for (uint64_t i = dq_random_below(&dice, 5); i > 0; i--) {
		struct dq_day more = transaction(number);

		dq_day_merge(&day, &more);
	}
	n = dq_day_pack(&day, bytes);
	CHECK(n <= DQ_DAY_PACKED_MAX);
	CHECK(dq_day_is_packed(bytes, n));
	CHECK(!dq_day_is_packed(bytes, n - 1));
	CHECK_INT(dq_day_unpack(bytes, near, &back), n);
	CHECK(same(&day, &back));
}

/* A common day is small: that is what makes a customer so. */
static void
test_size(void)
{
	struct dq_day day = {.day = 20000, .stated = true};
	uint8_t bytes[DQ_DAY_PACKED_MAX + DQ_DAY_SLACK];

	day.field[DQ_DAY_TRANSACTIONS] = 1;
	day.field[DQ_DAY_DEBITS] = 1;
	day.field[DQ_DAY_LARGEST] = 4999;
	day.field[DQ_DAY_CLASS + DQ_CLASS_GROCERIES] = 4999;
	day.field[DQ_DAY_BALANCE] = 250000;
	day.field[DQ_DAY_CLOCK] = 43200000;
	CHECK(dq_day_pack(&day, bytes) <= 22);
}

static void
test_extremes(void)
{
	struct dq_day day = {.day = -719528, .stated = true}, back;
	uint8_t bytes[DQ_DAY_PACKED_MAX + DQ_DAY_SLACK];

	for (int i = 0; i < DQ_DAY_FIELDS; i++)
		day.field[i] = i % 2 ? INT64_MIN : INT64_MAX;
	CHECK_INT(dq_day_pack(&day, bytes), DQ_DAY_PACKED_MAX);
	dq_day_unpack(bytes, -719500, &back);
	CHECK(same(&day, &back));
}

/* What the page says of the latest balance and of the low. */
static void
test_balance(void)
{
	struct dq_day day = {.stated = true}, next = {.stated = true};

	day.field[DQ_DAY_BALANCE] = 500;
	day.field[DQ_DAY_CLOCK] = 10;
	next.field[DQ_DAY_BALANCE] = 300;
	next.field[DQ_DAY_CLOCK] = 5;
	dq_day_merge(&day, &next);
	CHECK_INT(day.field[DQ_DAY_BALANCE], 500);
	CHECK_INT(day.field[DQ_DAY_DIP], 200);
	next.field[DQ_DAY_BALANCE] = 400;
	next.field[DQ_DAY_CLOCK] = 10;
	dq_day_merge(&day, &next);
	CHECK_INT(day.field[DQ_DAY_BALANCE], 400);
	CHECK_INT(day.field[DQ_DAY_DIP], 100);
}

int
main(void)
{
	dq_random_init(&dice, 1, 0);
	for (int i = 0; i < 20000; i++) {
		test_order();
		test_packing((int32_t)dq_random_below(&dice, 40000) - 5000);
	}
	test_size();
	test_extremes();
	test_balance();
	return unit_done();
}
