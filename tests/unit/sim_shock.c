/* Each harmful shock shows in its own figures, weeks before the miss. */
#include "sim/stream.h"

#include "unit.h"

#define CUSTOMERS 20000
#define DAYS 240
#define BEFORE 60 /* days up to the onset... */
#define FROM 40	  /* ...against the days FROM to FROM + SPAN behind it */
#define SPAN 60

static const struct dq_sim_options options = {
    .seed = 3, .first_day = 20454, .days = DAYS, .customers = CUSTOMERS};

enum { PAY, HEALTH, TRANSFERS, STAKES, LOANS, DISCRETIONARY, CASH, FIGURES };

static float sums[CUSTOMERS][DAYS][FIGURES];

static int
figure_of(const struct dq_sim_event *event)
{
	switch (event->category) {
	case DQ_SIM_SALARY:
	case DQ_SIM_INCOME:
		return PAY;
	case DQ_SIM_HEALTHCARE:
		return HEALTH;
	case DQ_SIM_TRANSFER:
		return event->credit ? -1 : TRANSFERS;
	case DQ_SIM_GAMBLING:
		return STAKES;
	case DQ_SIM_LENDING_APP:
		return LOANS;
	case DQ_SIM_DINING:
	case DQ_SIM_ENTERTAINMENT:
		return DISCRETIONARY;
	case DQ_SIM_CASH:
		return CASH;
	default:
		return -1;
	}
}

/* The figure behind the onset over that before it, over all whom the cause
 * befell early enough. */
static double
change(const struct dq_sim *sim, int cause, int figure)
{
	double before = 0, after = 0;

	for (int i = 0; i < CUSTOMERS; i++) {
		const struct dq_sim_customer *c = &sim->customers[i];
		int64_t onset = c->onset - options.first_day;

		if (c->cause != cause || onset < BEFORE ||
		    onset + FROM + SPAN > DAYS)
			continue;
		for (int d = 0; d < BEFORE; d++)
			before += sums[i][onset - 1 - d][figure];
		for (int d = 0; d < SPAN; d++)
			after += sums[i][onset + FROM + d][figure];
	}
	return after / SPAN / (before / BEFORE);
}

int
main(void)
{
	struct dq_sim *sim = dq_sim_new(&options);
	const struct dq_sim_event *event;

	while ((event = dq_sim_next(sim))) {
		int figure =
		    event->kind == DQ_KIND_TRANSACTION && !event->failed
			? figure_of(event)
			: -1;
		int64_t day = dq_day_of(event->time) - options.first_day;

		if (figure >= 0)
			sums[event->customer][day][figure] +=
			    (float)event->amount;
	}
	CHECK(change(sim, DQ_SIM_JOB_LOSS, PAY) < 0.4);
	CHECK(change(sim, DQ_SIM_JOB_LOSS, DISCRETIONARY) < 0.8);
	CHECK(change(sim, DQ_SIM_ILLNESS, HEALTH) > 2);
	CHECK(change(sim, DQ_SIM_ILLNESS, PAY) < 0.85);
	CHECK(change(sim, DQ_SIM_DIVORCE, TRANSFERS) > 1.5);
	CHECK(change(sim, DQ_SIM_GAMBLING_SHOCK, STAKES) > 5);
	CHECK(change(sim, DQ_SIM_GAMBLING_SHOCK, CASH) > 1.1);
	CHECK(change(sim, DQ_SIM_OVER_LENDING, LOANS) > 3);
	/* Who was not struck goes on as before. */
	CHECK_NEAR(change(sim, DQ_SIM_OVER_LENDING, PAY), 1, 0.15);
	CHECK_NEAR(change(sim, DQ_SIM_GAMBLING_SHOCK, HEALTH), 1, 0.25);
	dq_sim_free(sim);
	return unit_done();
}
