/* Figures of salary, spending, payments, cash and behaviour. */
#include "features/figures.h"

#include "features/merchants.h"
#include "features/ratio.h"

#define FIGURE(name) double dq_figure_##name(const struct dq_moment *m)

FIGURE(salary_delay_days)
{
	return dq_salary_delay(&m->salary);
}

FIGURE(salary_amount_deviation_pct)
{
	return dq_salary_deviation(&m->salary, m->customer);
}

FIGURE(months_since_salary_miss)
{
	return dq_salary_months_since_miss(&m->salary);
}

FIGURE(income_regularity_score)
{
	return m->history < 30 ? NAN : dq_salary_regularity(&m->salary);
}

/* A sum of recent against the same of baseline, scaled to 30 days. */
static double
change(const struct dq_moment *m, int64_t recent, int64_t baseline)
{
	if (!m->baseline_known)
		return NAN;
	return percent(2 * (wide)recent - baseline, baseline);
}

static double
change_of(const struct dq_moment *m, enum dq_sum sum)
{
	return change(m, m->recent.sum[sum], m->baseline.sum[sum]);
}

FIGURE(discretionary_spend_drop_7d_pct)
{
	wide base = 7 * (wide)m->baseline.sum[DQ_SUM_DISCRETIONARY];

	if (!m->baseline_known)
		return NAN;
	return percent(base - 60 * (wide)m->week_discretionary, base);
}

FIGURE(discretionary_spend_drop_30d_pct)
{
	return -change_of(m, DQ_SUM_DISCRETIONARY);
}

FIGURE(essential_spend_increase_pct)
{
	return change_of(m, DQ_SUM_ESSENTIAL);
}

FIGURE(total_spend_change_30d_pct)
{
	return change_of(m, DQ_SUM_SPEND);
}

FIGURE(merchant_diversity_drop_pct)
{
	const struct dq_customer *c = m->customer;
	int recent, halves;

	if (!m->baseline_known)
		return NAN;
	recent = dq_merchants_distinct(c, m->T - 29, m->T);
	halves = dq_merchants_distinct(c, m->T - 89, m->T - 60) +
		 dq_merchants_distinct(c, m->T - 59, m->T - 30);
	return percent(halves - 2 * recent, halves);
}

/* The mean of recent against that of baseline. */
static double
mean_change(const struct dq_moment *m, enum dq_sum sum, enum dq_count count)
{
	wide recent = m->recent.sum[sum], baseline = m->baseline.sum[sum];
	wide n = m->recent.count[count], of = m->baseline.count[count];

	if (!m->baseline_known || !n || !of)
		return NAN;
	return percent(recent * of - baseline * n, baseline * n);
}

FIGURE(avg_transaction_size_change_pct)
{
	return mean_change(m, DQ_SUM_OUTFLOW, DQ_COUNT_DEBITS);
}

FIGURE(weekend_spending_drop_pct)
{
	return -change_of(m, DQ_SUM_WEEKEND);
}

FIGURE(utility_payment_lateness_score)
{
	return ratio(m->recent_due.lateness, m->recent_due.utilities);
}

/* How many per 30 days there were in baseline more than in recent. */
static double
count_drop(const struct dq_moment *m, enum dq_count count)
{
	if (!m->baseline_known || !m->quarter.count[count])
		return NAN;
	return m->baseline.count[count] / 2.0 - m->recent.count[count];
}

FIGURE(bill_payment_count_drop)
{
	return count_drop(m, DQ_COUNT_BILLS);
}

FIGURE(failed_autodebit_count_30d)
{
	return m->recent.count[DQ_COUNT_FAILED] + m->recent_due.missed;
}

FIGURE(partial_payment_frequency)
{
	return ratio(m->recent_due.part + m->baseline_due.part,
	    m->recent_due.due + m->baseline_due.due);
}

FIGURE(payment_timing_shift_days)
{
	const struct dq_payment_sums *recent = &m->recent_due;
	const struct dq_payment_sums *baseline = &m->baseline_due;

	return ratio((wide)recent->shift * baseline->settled -
			 (wide)baseline->shift * recent->settled,
	    (wide)recent->settled * baseline->settled);
}

FIGURE(payment_amount_undershoot_pct)
{
	return percent(m->recent_due.outstanding, m->recent_due.amount);
}

FIGURE(cash_withdrawal_frequency_change)
{
	return -count_drop(m, DQ_COUNT_ATMS);
}

FIGURE(atm_withdrawal_size_increase_pct)
{
	return mean_change(m, DQ_SUM_ATM, DQ_COUNT_ATMS);
}

FIGURE(cash_reliance_ratio)
{
	return ratio(m->recent.sum[DQ_SUM_ATM], m->recent.sum[DQ_SUM_SPEND]);
}

FIGURE(cash_reliance_ratio_90d)
{
	if (m->history < 30)
		return NAN;
	return ratio(m->quarter.sum[DQ_SUM_ATM], m->quarter.sum[DQ_SUM_SPEND]);
}

FIGURE(cash_reliance_ratio_365d)
{
	if (m->history < 30)
		return NAN;
	return ratio(m->sight->year.atm, m->sight->year.spend);
}

FIGURE(transaction_frequency_drop_30d_pct)
{
	return -change(m, m->recent.count[DQ_COUNT_TRANSACTIONS],
	    m->baseline.count[DQ_COUNT_TRANSACTIONS]);
}

FIGURE(inactive_days_last_30d)
{
	return m->history < 30 ? NAN : 30 - m->recent.count[DQ_COUNT_ACTIVE];
}

FIGURE(behavior_consistency_score)
{
	int64_t recent = m->recent.sum[DQ_SUM_SPEND];
	int64_t baseline = m->baseline.sum[DQ_SUM_SPEND];
	double distance = 0;

	if (!m->baseline_known || !recent || !baseline)
		return NAN;
	for (int i = 0; i < DQ_CLASSES; i++)
		distance += fabs(ratio((wide)m->recent_class[i] * baseline -
					   (wide)m->baseline_class[i] * recent,
		    (wide)recent * baseline));
	return 100 * (1 - distance / 2);
}

FIGURE(penalty_count_90d)
{
	return m->quarter.count[DQ_COUNT_FEES];
}

FIGURE(penalty_count_365d)
{
	return m->sight->year.fees;
}

FIGURE(history_days)
{
	return m->history;
}
