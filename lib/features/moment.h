/* A customer as seen on a day T: everything that the figures of the catalogue
 * are computed from, prepared once and only as far as it is needed. */
#ifndef DQ_FEATURES_MOMENT_H
#define DQ_FEATURES_MOMENT_H

#include "features/balance.h"
#include "features/payments.h"
#include "features/salary.h"

/* What a figure needs. */
enum dq_need {
	DQ_NEED_SUMS = 1,
	DQ_NEED_SALARY = 2,
	DQ_NEED_LEVELS = 4, /* of days before T */
	DQ_NEED_CLASSES = 8,
	DQ_NEED_LARGEST = 16,
	DQ_NEED_YEAR = 32,
	DQ_NEED_PAST = 64,   /* the composite of T-7 */
	DQ_NEED_TILES = 128, /* levels of 30 and 90 days, added up */
	DQ_NEED_PAYMENTS = 256,
	DQ_NEED_VALUES = 512, /* all other figures */
};

/* Levels of the days T-97 to T, day T-97 first. Those before `known` are
 * differences only, those before `first` do not exist. */
struct dq_levels {
	int64_t level[DQ_KEPT_DAYS];
	int64_t low[DQ_KEPT_DAYS];
	int first; /* DQ_KEPT_DAYS: none */
	int known;
};

/* Unpacked once for T and T-7. */
struct dq_sight {
	size_t count;
	struct dq_day days[DQ_KEPT_DAYS];
	struct dq_levels levels;
	struct dq_month month, quarter; /* of 30 and 90 days ending on T */
	struct dq_month year;		/* of the 365-day window */
};

struct dq_moment {
	const struct dq_customer *customer;
	const struct dq_sight *sight;
	int32_t T;
	int32_t history;
	int today; /* T's place in the levels */
	bool baseline_known;
	struct dq_sums recent, baseline, quarter; /* 30, 60 before it, 90 */
	int64_t week_discretionary;
	int64_t recent_class[DQ_CLASSES], baseline_class[DQ_CLASSES];
	int64_t largest; /* debit of recent; -1: none */
	int64_t level;	 /* of T */
	bool level_known;
	struct dq_payment_sums recent_due, baseline_due;
	struct dq_salary_view salary;
	double composite_past; /* that of T-7; NAN: not known */
};

/* Prepares *moment for T, which is N or later. `sight` is room that must
 * live as long; `needs` is a set of DQ_NEED bits. */
void dq_moment_init(struct dq_moment *moment, struct dq_sight *sight,
    const struct dq_customer *c, int32_t T, unsigned needs);

/* The same for 7 days before, out of what *now has in sight. */
void dq_moment_before(struct dq_moment *then, const struct dq_moment *now);

#endif
