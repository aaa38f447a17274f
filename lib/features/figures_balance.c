/* Figures of balances and of levels against the customer's own money. */
#include "features/figures.h"

#include "features/ratio.h"

#define FIGURE(name) double dq_figure_##name(const struct dq_moment *m)

#define DAYS_MIN 30 /* a figure over fewer known days is null */

static double
drawdown(const struct dq_moment *m, int days)
{
	const struct dq_levels *levels = &m->sight->levels;
	int i = m->today - days;

	if (i < levels->known || levels->level[i] <= 0)
		return NAN;
	return percent((wide)levels->level[i] - m->level, levels->level[i]);
}

FIGURE(savings_drawdown_7d_pct)
{
	return drawdown(m, 7);
}

FIGURE(savings_drawdown_14d_pct)
{
	return drawdown(m, 14);
}

FIGURE(savings_drawdown_30d_pct)
{
	return drawdown(m, 30);
}

static bool
enough(const struct dq_moment *m, const struct dq_month *tile)
{
	return m->history >= 30 && tile->days >= DAYS_MIN;
}

static double
volatility(const struct dq_moment *m, const struct dq_month *tile)
{
	unsigned __int128 square =
	    (unsigned __int128)tile->square[1] << 64 | tile->square[0];
	unsigned __int128 spread =
	    square * (unsigned)tile->days -
	    (unsigned __int128)((wide)tile->sum * tile->sum);

	if (!enough(m, tile) || !tile->sum)
		return NAN;
	return 100 * sqrt((double)spread) / fabs((double)tile->sum);
}

FIGURE(balance_volatility_30d)
{
	const struct dq_month *tile = &m->sight->month;

	return volatility(m, tile);
}

FIGURE(balance_volatility_90d)
{
	const struct dq_month *tile = &m->sight->quarter;

	return volatility(m, tile);
}

FIGURE(balance_volatility_365d)
{
	return volatility(m, &m->sight->year);
}

/* The ceil(n/10)-th lowest of n lows (30 <= n <= 60), by keeping the lowest
 * few in order. */
static int64_t
tenth_percentile(const int64_t *lows, int n)
{
	int64_t kept[6];
	int want = (n + 9) / 10, have = 0;

	for (int i = 0; i < n; i++) {
		int at = have;

		if (have == want && lows[i] >= kept[want - 1])
			continue;
		if (have < want)
			have++;
		else
			at = want - 1;
		for (; at > 0 && kept[at - 1] > lows[i]; at--)
			kept[at] = kept[at - 1];
		kept[at] = lows[i];
	}
	return kept[want - 1];
}

FIGURE(days_below_minimum_balance_30d)
{
	const struct dq_levels *levels = &m->sight->levels;
	bool relative = levels->known > m->today;
	int begin = relative ? levels->first : levels->known;
	int from = m->today - 89 > begin ? m->today - 89 : begin;
	int recent = m->today - 29, days = 0;
	int64_t limit = m->customer->minimum_balance;

	if (begin > recent)
		return NAN;
	if (relative || !m->customer->has_minimum) {
		if (!m->baseline_known || recent - from < 30)
			return NAN;
		limit = tenth_percentile(levels->low + from, recent - from);
	}
	for (int i = recent; i <= m->today; i++)
		days += levels->low[i] < limit;
	return days;
}

/* Days that the 90-day sums stand for; 0 while history is short. */
static int
span(const struct dq_moment *m)
{
	if (m->history < 30)
		return 0;
	return m->history < 90 ? m->history : 90;
}

/* Against M. */
static double
to_income(const struct dq_moment *m, wide amount)
{
	if (!span(m))
		return NAN;
	return ratio(
	    amount * span(m), 30 * (wide)m->quarter.sum[DQ_SUM_INFLOW]);
}

FIGURE(balance_to_outflow_days)
{
	if (!span(m) || !m->level_known)
		return NAN;
	return ratio((wide)m->level * span(m), m->quarter.sum[DQ_SUM_OUTFLOW]);
}

FIGURE(min_balance_to_income_90d)
{
	const struct dq_month *tile = &m->sight->quarter;

	return enough(m, tile) ? to_income(m, tile->low) : NAN;
}

FIGURE(min_balance_to_income_30d)
{
	const struct dq_month *tile = &m->sight->month;

	return enough(m, tile) ? to_income(m, tile->low) : NAN;
}

FIGURE(overdraft_depth_to_income_30d)
{
	const struct dq_month *tile = &m->sight->month;

	if (!enough(m, tile))
		return NAN;
	return to_income(m, tile->low < 0 ? -(wide)tile->low : 0);
}

FIGURE(negative_balance_days_90d)
{
	const struct dq_levels *levels = &m->sight->levels;
	int from = m->today - 89;
	int count = 0;

	if (from < levels->known)
		from = levels->known;
	if (m->history < 30 || m->today - from + 1 < DAYS_MIN)
		return NAN;
	for (int i = from; i <= m->today; i++)
		count += levels->low[i] < 0;
	return count;
}

static double
sums_ratio(const struct dq_moment *m, const struct dq_sums *sums, enum dq_sum a,
    enum dq_sum b)
{
	return m->history < 30 ? NAN : ratio(sums->sum[a], sums->sum[b]);
}

FIGURE(outflow_to_inflow_ratio_30d)
{
	return sums_ratio(m, &m->recent, DQ_SUM_OUTFLOW, DQ_SUM_INFLOW);
}

FIGURE(outflow_to_inflow_ratio_90d)
{
	return sums_ratio(m, &m->quarter, DQ_SUM_OUTFLOW, DQ_SUM_INFLOW);
}

FIGURE(inflow_drop_30d_pct)
{
	wide baseline = m->baseline.sum[DQ_SUM_INFLOW];

	if (!m->baseline_known)
		return NAN;
	return percent(
	    baseline - 2 * (wide)m->recent.sum[DQ_SUM_INFLOW], baseline);
}

FIGURE(instalment_to_income_ratio_90d)
{
	return sums_ratio(m, &m->quarter, DQ_SUM_INSTALMENT, DQ_SUM_INFLOW);
}

FIGURE(household_share_90d)
{
	return sums_ratio(m, &m->quarter, DQ_SUM_HOUSEHOLD, DQ_SUM_INFLOW);
}

FIGURE(gambling_lender_share_30d)
{
	return sums_ratio(m, &m->recent, DQ_SUM_LENDER, DQ_SUM_SPEND);
}

FIGURE(balance_trend_90d_pct)
{
	const struct dq_levels *levels = &m->sight->levels;
	bool relative = levels->known > m->today;
	int from = relative ? levels->first : levels->known, n;
	wide sum_y = 0, sum_xy = 0;
	int64_t sum_x = 0, sum_xx = 0;

	if (from < m->today - 89)
		from = m->today - 89;
	n = m->today - from + 1;
	if (n < DAYS_MIN || !span(m))
		return NAN;
	for (int x = 0; x < n; x++) {
		sum_x += x;
		sum_xx += x * x;
		sum_y += levels->level[from + x];
		sum_xy += x * (wide)levels->level[from + x];
	}
	return 100 * ratio((n * sum_xy - sum_x * sum_y) * span(m),
			 (wide)(n * sum_xx - sum_x * sum_x) *
			     m->quarter.sum[DQ_SUM_INFLOW]);
}

FIGURE(largest_debit_to_income_30d)
{
	return m->largest < 0 ? NAN : to_income(m, m->largest);
}

FIGURE(days_since_last_credit)
{
	int32_t credit = m->customer->credit;

	return credit == DQ_NO_DAY ? NAN : m->T - credit;
}

static double
low_to_high(const struct dq_moment *m, const struct dq_month *tile)
{
	if (!enough(m, tile) || tile->high <= 0)
		return NAN;
	return ratio(tile->low, tile->high);
}

FIGURE(min_to_max_balance_90d)
{
	const struct dq_month *tile = &m->sight->quarter;

	return low_to_high(m, tile);
}

FIGURE(min_to_max_balance_365d)
{
	return low_to_high(m, &m->sight->year);
}

/* Minor units in one major unit of the account's currency. */
static wide
unit(const struct dq_moment *m)
{
	return dq_money_rescale(1, 0, m->customer->digits);
}

FIGURE(min_balance_90d)
{
	const struct dq_month *tile = &m->sight->quarter;

	return enough(m, tile) ? ratio(tile->low, unit(m)) : NAN;
}

FIGURE(mean_balance_90d)
{
	const struct dq_month *tile = &m->sight->quarter;

	return enough(m, tile) ? ratio(tile->sum, tile->days * unit(m)) : NAN;
}

FIGURE(last_balance)
{
	return m->level_known ? ratio(m->level, unit(m)) : NAN;
}

FIGURE(monthly_inflow_90d)
{
	if (!span(m))
		return NAN;
	return ratio(
	    30 * (wide)m->quarter.sum[DQ_SUM_INFLOW], span(m) * unit(m));
}
