/* The composite and what follows from it; weights as dq-catalogue(7),
 * COMPOSITE. */
#include "features/figures.h"

#include <math.h>

static const struct {
	dq_figure *figure;
	double from, to; /* no stress, full stress */
	int weight;
} components[] = {
    {dq_figure_savings_drawdown_30d_pct, 0, 60, 15},
    {dq_figure_balance_to_outflow_days, 30, 0, 15},
    {dq_figure_salary_delay_days, 3, 15, 15},
    {dq_figure_failed_autodebit_count_30d, 0, 3, 15},
    {dq_figure_days_below_minimum_balance_30d, 0, 15, 10},
    {dq_figure_inflow_drop_30d_pct, 0, 60, 10},
    {dq_figure_payment_amount_undershoot_pct, 0, 50, 10},
    {dq_figure_discretionary_spend_drop_30d_pct, 20, 80, 5},
    {dq_figure_gambling_lender_share_30d, 0, 0.3, 5},
};

#define COMPONENTS (sizeof(components) / sizeof(*components))
#define KNOWN_MIN 4

double
dq_figure_financial_stress_composite_score(const struct dq_moment *m)
{
	double sum = 0;
	int weights = 0, known = 0;

	if (!m->history)
		return NAN;
	for (size_t i = 0; i < COMPONENTS; i++) {
		double value = components[i].figure(m), share;

		if (isnan(value))
			continue;
		share = (value - components[i].from) /
			(components[i].to - components[i].from);
		share = share < 0 ? 0 : share > 1 ? 1 : share;
		sum += components[i].weight * share;
		weights += components[i].weight;
		known++;
	}
	return known < KNOWN_MIN ? NAN : 100 * sum / weights;
}

double
dq_figure_risk_velocity_7d(const struct dq_moment *m)
{
	return dq_figure_financial_stress_composite_score(m) -
	       m->composite_past;
}

/* Counted over the finished row (selection.c). */
double
dq_figure_behavioral_anomaly_count_30d(const struct dq_moment *m)
{
	(void)m;
	return NAN;
}
