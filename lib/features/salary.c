#include "features/salary.h"

#include "base/time.h"

#include <math.h>
#include <stdlib.h>

#define PAY_CIRCLE 31	/* days */
#define PAY_EARLY 10	/* days before E that still count for E */
#define MISSED_AFTER 10 /* days past E */
#define CYCLES 12
#define SAMPLE 6

void
dq_salary_add(struct dq_customer **c, int32_t day, int64_t amount)
{
	struct dq_salary *all = dq_customer_part(*c, DQ_PART_SALARIES);
	uint32_t size = (uint32_t)sizeof(*all);
	size_t count = (*c)->used[DQ_PART_SALARIES] / size, at = count;

	while (at > 0 && all[at - 1].day > day)
		at--;
	if (at > 0 && all[at - 1].day == day) {
		all[at - 1].amount =
		    (int64_t)((uint64_t)all[at - 1].amount + (uint64_t)amount);
		return;
	}
	if (count == DQ_SALARIES_KEPT) {
		if (at == 0)
			return;
		dq_customer_splice(c, DQ_PART_SALARIES, 0, size, 0);
		at--;
	}
	all = dq_customer_splice(
	    c, DQ_PART_SALARIES, (uint32_t)at * size, 0, size);
	*all = (struct dq_salary){.day = day, .amount = amount};
}

int
dq_salary_circular_median(const int *days, int count)
{
	int best = days[0], least = INT32_MAX;

	for (int i = 0; i < count; i++) {
		int sum = 0;

		for (int k = 0; k < count; k++) {
			int apart = abs(days[i] - days[k]);

			sum += apart < PAY_CIRCLE - apart ? apart
							  : PAY_CIRCLE - apart;
		}
		if (sum <= least) {
			least = sum;
			best = days[i];
		}
	}
	return best;
}

static int
pay_day(const struct dq_salary_view *view, const struct dq_customer *c)
{
	int days[SAMPLE];
	int count = view->count < SAMPLE ? view->count : SAMPLE;

	if (c->salary_day)
		return c->salary_day;
	if (view->count < 3)
		return 0;
	for (int i = 0; i < count; i++)
		days[i] =
		    dq_date_from_day(view->day[view->count - count + i].day)
			.day;
	return dq_salary_circular_median(days, count);
}

static int32_t
expected_in(int pay, int year, int month)
{
	int length = dq_days_in_month(year, month);

	return (int32_t)dq_day_from_date(
	    (struct dq_date){year, month, pay < length ? pay : length});
}

static int32_t
expected_before(int pay, struct dq_date *month)
{
	month->year -= month->month == 1;
	month->month = month->month == 1 ? 12 : month->month - 1;
	return expected_in(pay, month->year, month->month);
}

/* Leaves *month at the month of the day it returns. */
static int32_t
last_expected(int pay, int32_t T, struct dq_date *month)
{
	int32_t day;

	*month = dq_date_from_day(T);
	day = expected_in(pay, month->year, month->month);
	return day <= T ? day : expected_before(pay, month);
}

int32_t
dq_salary_expected(int pay, int32_t T)
{
	struct dq_date month;

	return last_expected(pay, T, &month);
}

struct dq_salary_view
dq_salary_view(const struct dq_customer *c, int32_t T)
{
	struct dq_salary_view view = {
	    .day = dq_customer_part(c, DQ_PART_SALARIES),
	    .count =
		(int)(c->used[DQ_PART_SALARIES] / sizeof(struct dq_salary)),
	    .T = T,
	    .expected = DQ_NO_DAY,
	};

	while (view.count > 0 && view.day[view.count - 1].day > T)
		view.count--;
	if (view.count)
		view.pay_day = pay_day(&view, c);
	if (view.pay_day)
		view.expected = dq_salary_expected(view.pay_day, T);
	return view;
}

int32_t
dq_salary_between(const struct dq_salary_view *view, int32_t from, int32_t to)
{
	for (int i = 0; i < view->count; i++)
		if (view->day[i].day >= from)
			return view->day[i].day <= to ? view->day[i].day
						      : DQ_NO_DAY;
	return DQ_NO_DAY;
}

double
dq_salary_delay(const struct dq_salary_view *view)
{
	int32_t came, late;

	if (view->expected == DQ_NO_DAY)
		return NAN;
	came = dq_salary_between(view, view->expected - PAY_EARLY, view->T);
	late = (came == DQ_NO_DAY ? view->T : came) - view->expected;
	return late < 0 ? 0 : late > 30 ? 30 : late;
}

static int
by_amount(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Twice the median of the up to 6 before the last; false with less than 3. */
static bool
usual_twice(const struct dq_salary_view *view, int64_t *twice)
{
	int n = view->count - 1 < SAMPLE ? view->count - 1 : SAMPLE;
	int64_t amount[SAMPLE];

	if (n < 3)
		return false;
	for (int i = 0; i < n; i++)
		amount[i] = view->day[view->count - 1 - n + i].amount;
	qsort(amount, (size_t)n, sizeof(*amount), by_amount);
	*twice =
	    (int64_t)((uint64_t)amount[(n - 1) / 2] + (uint64_t)amount[n / 2]);
	return true;
}

double
dq_salary_deviation(
    const struct dq_salary_view *view, const struct dq_customer *c)
{
	int64_t twice;
	__int128 last;

	if (!view->count)
		return NAN;
	last = view->day[view->count - 1].amount;
	if (c->has_income)
		twice = 2 * c->monthly_income;
	else if (!usual_twice(view, &twice))
		return NAN;
	if (twice <= 0)
		return NAN;
	return 100 * (double)(2 * last - twice) / (double)twice;
}

double
dq_salary_months_since_miss(const struct dq_salary_view *view)
{
	struct dq_date month;
	int32_t due;

	if (view->expected == DQ_NO_DAY)
		return NAN;
	due = last_expected(view->pay_day, view->T, &month);
	for (int since = 0; since < CYCLES; since++) {
		if (due <= view->day[0].day)
			break;
		if (due + MISSED_AFTER < view->T &&
		    dq_salary_between(
			view, due - PAY_EARLY, due + MISSED_AFTER) == DQ_NO_DAY)
			return since;
		due = expected_before(view->pay_day, &month);
	}
	return NAN;
}

double
dq_salary_regularity(const struct dq_salary_view *view)
{
	int n = (view->count < SAMPLE ? view->count : SAMPLE) - 1;
	int64_t sum = 0, square = 0;
	double score;

	if (n < 3)
		return NAN;
	for (int i = view->count - n; i < view->count; i++) {
		int64_t gap = view->day[i].day - view->day[i - 1].day;

		sum += gap;
		square += gap * gap;
	}
	score =
	    100 - 100 * sqrt((double)(n * square - sum * sum)) / (double)sum;
	return score > 0 ? score : 0;
}
