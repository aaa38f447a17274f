/* Shares with their intervals, against figures from the papers. */
#include "unit.h"

#include "rollup/effect.h"

/* Newcombe (1998), two-sided 95 % by the score method. */
static void
shares(void)
{
	struct dq_interval i = dq_wilson(81, 263);

	CHECK_NEAR(i.value, 0.307985, 1e-6);
	CHECK_NEAR(i.low, 0.2553, 5e-5);
	CHECK_NEAR(i.high, 0.3662, 5e-5);
	i = dq_wilson(15, 148);
	CHECK_NEAR(i.low, 0.0624, 5e-5);
	CHECK_NEAR(i.high, 0.1605, 5e-5);
	i = dq_wilson(0, 20);
	CHECK(i.low == 0);
	CHECK_NEAR(i.high, 0.1611, 5e-5);
	i = dq_wilson(29, 29);
	CHECK(i.high == 1);
	CHECK_NEAR(i.low, 0.8830, 5e-5);
	CHECK(isnan(dq_wilson(0, 0).value));
}

/* The same author's paper on differences, table II, method 10. */
static void
differences(void)
{
	struct dq_interval i = dq_share_difference(56, 70, 48, 80);

	CHECK_NEAR(i.value, 0.2, 1e-12);
	CHECK_NEAR(i.low, 0.0524, 5e-5);
	CHECK_NEAR(i.high, 0.3339, 5e-5);
	i = dq_share_difference(9, 10, 3, 10);
	CHECK_NEAR(i.low, 0.1705, 5e-5);
	CHECK_NEAR(i.high, 0.8090, 5e-5);
	i = dq_share_difference(10, 10, 0, 20);
	CHECK_NEAR(i.low, 0.6791, 5e-5);
	CHECK_NEAR(i.high, 1, 5e-5);
	CHECK(isnan(dq_share_difference(1, 2, 0, 0).low));
}

int
main(void)
{
	shares();
	differences();
	return unit_done();
}
