/* Pay days: the circular median, months of every length, lateness. */
#include "features/salary.h"

#include "base/time.h"
#include "unit.h"

static int32_t
day(int year, int month, int number)
{
	return (int32_t)dq_day_from_date((struct dq_date){year, month, number});
}

#define MEDIAN(...)                                                            \
	dq_salary_circular_median((const int[]){__VA_ARGS__},                  \
	    sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void
test_circular_median(void)
{
	CHECK_INT(MEDIAN(25), 25);
	CHECK_INT(MEDIAN(24, 25, 25, 26), 25);
	/* Around the turn of the month: 30, 31 and 1 lie together. */
	CHECK_INT(MEDIAN(30, 31, 1), 31);
	CHECK_INT(MEDIAN(1, 31, 2, 1, 30, 1), 1);
	/* One outlier does not pull it away. */
	CHECK_INT(MEDIAN(28, 28, 10, 28, 27, 28), 28);
	/* On equal sums the latest. */
	CHECK_INT(MEDIAN(5, 20), 20);
}

static void
test_expected(void)
{
	CHECK_INT(dq_salary_expected(31, day(2026, 2, 28)), day(2026, 2, 28));
	CHECK_INT(dq_salary_expected(31, day(2026, 2, 27)), day(2026, 1, 31));
	CHECK_INT(dq_salary_expected(30, day(2024, 2, 29)), day(2024, 2, 29));
	CHECK_INT(dq_salary_expected(29, day(2024, 2, 28)), day(2024, 1, 29));
	CHECK_INT(dq_salary_expected(31, day(2026, 5, 30)), day(2026, 4, 30));
	CHECK_INT(dq_salary_expected(15, day(2026, 1, 14)), day(2025, 12, 15));
	CHECK_INT(dq_salary_expected(1, day(2026, 1, 1)), day(2026, 1, 1));
}

static void
test_ring(void)
{
	struct dq_customer *c = dq_customer_new();
	struct dq_salary_view view;

	/* Given out of order, one of them in two parts. */
	for (int month = 12; month >= 1; month--)
		dq_salary_add(&c, day(2025, month, 10), 100 * month);
	dq_salary_add(&c, day(2025, 3, 10), 1);
	dq_salary_add(&c, day(2024, 12, 10), 7); /* before the 12 kept */
	view = dq_salary_view(c, day(2025, 12, 31));
	CHECK_INT(view.count, DQ_SALARIES_KEPT);
	CHECK_INT(view.day[0].day, day(2025, 1, 10));
	CHECK_INT(view.day[2].amount, 301);
	CHECK_INT(view.pay_day, 10);
	CHECK_INT(view.expected, day(2025, 12, 10));
	dq_salary_add(&c, day(2026, 1, 10), 1300);
	view = dq_salary_view(c, day(2026, 1, 31));
	CHECK_INT(view.count, DQ_SALARIES_KEPT);
	CHECK_INT(view.day[0].day, day(2025, 2, 10));
	view = dq_salary_view(c, day(2025, 3, 9));
	CHECK_INT(view.count, 1);
	CHECK_INT(view.expected, DQ_NO_DAY);
	dq_customer_free(c);
}

static void
test_delay(void)
{
	struct dq_customer *c = dq_customer_new();
	struct dq_salary_view view;

	c->salary_day = 25;
	view = dq_salary_view(c, day(2026, 1, 28));
	CHECK(isnan(dq_salary_delay(&view))); /* none was ever seen */
	dq_salary_add(&c, day(2025, 12, 25), 1000);
	view = dq_salary_view(c, day(2026, 1, 28));
	CHECK_NEAR(dq_salary_delay(&view), 3, 0);
	view = dq_salary_view(c, day(2026, 2, 24));
	CHECK_NEAR(dq_salary_delay(&view), 30, 0);
	CHECK_NEAR(dq_salary_months_since_miss(&view), 0, 0);
	dq_salary_add(&c, day(2026, 2, 20), 1000); /* early */
	view = dq_salary_view(c, day(2026, 2, 26));
	CHECK_NEAR(dq_salary_delay(&view), 0, 0);
	CHECK_NEAR(dq_salary_months_since_miss(&view), 1, 0);
	dq_customer_free(c);
}

static void
test_deviation(void)
{
	struct dq_customer *c = dq_customer_new();
	struct dq_salary_view view;

	for (int month = 1; month <= 3; month++)
		dq_salary_add(&c, day(2026, month, 25), 1000);
	view = dq_salary_view(c, day(2026, 4, 1));
	CHECK(isnan(dq_salary_deviation(&view, c)));
	dq_salary_add(&c, day(2026, 4, 25), 800);
	view = dq_salary_view(c, day(2026, 4, 25));
	CHECK_NEAR(dq_salary_deviation(&view, c), -20, 1e-12);
	c->has_income = true;
	c->monthly_income = 1600;
	CHECK_NEAR(dq_salary_deviation(&view, c), -50, 1e-12);
	dq_customer_free(c);
}

int
main(void)
{
	test_circular_median();
	test_expected();
	test_ring();
	test_delay();
	test_deviation();
	return unit_done();
}
