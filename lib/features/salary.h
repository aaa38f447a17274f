/* Salary days and when the next was to be expected (dq-catalogue(7),
 * Salary). */
#ifndef DQ_FEATURES_SALARY_H
#define DQ_FEATURES_SALARY_H

#include "features/customer.h"

/* The sum of the salaries of one day. */
struct dq_salary {
	int64_t amount;
	int32_t day;
	int32_t spare_;
};

void dq_salary_add(struct dq_customer **c, int32_t day, int64_t amount);

/* The kept salary days up to T, ascending; valid while the customer is. */
struct dq_salary_view {
	const struct dq_salary *day;
	int count;
	int32_t T;
	int32_t expected; /* E, DQ_NO_DAY: no salary or no pay day known */
	int pay_day;	  /* s, 0: not known */
};

struct dq_salary_view dq_salary_view(const struct dq_customer *c, int32_t T);

/* The day of the month among up to 6 that lies nearest to all, on a circle of
 * 31 days; on equal sums the last. count is at least 1. */
int dq_salary_circular_median(const int *days, int count);

/* Day min(pay_day, length of the month) of the month of T, or of the month
 * before where that is after T. */
int32_t dq_salary_expected(int pay_day, int32_t T);

/* First salary day from..to, or DQ_NO_DAY. */
int32_t dq_salary_between(
    const struct dq_salary_view *view, int32_t from, int32_t to);

/* The figures of the page; NAN where it says null. */
double dq_salary_delay(const struct dq_salary_view *view);
double dq_salary_deviation(
    const struct dq_salary_view *view, const struct dq_customer *c);
double dq_salary_months_since_miss(const struct dq_salary_view *view);
double dq_salary_regularity(const struct dq_salary_view *view);

#endif
