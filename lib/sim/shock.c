#include "sim/customer.h"
#include "sim/draw.h"

#define HEALING 45 /* days from `until` to as before */

struct range {
	short low, high; /* days */
};

/* What a cause does at full stress. Factors are given as what they add to 1;
 * "after" is what is lost of the pay once the turn has come. */
static const struct effect {
	const char *name;
	double hazard; /* a day, for a customer without any shock */
	struct range ramp, turn, until;
	double income, after, delay;
	double discretionary, essential, health, cash;
	double gambling, lending, costs, late, novelty;
} effects[DQ_SIM_CAUSES] = {
    [DQ_SIM_JOB_LOSS] = {"job_loss", 4.0e-4, {20, 45}, {25, 55}, {90, 240},
	.income = -0.15, .after = -1, .delay = 6, .discretionary = -0.6,
	.essential = -0.1, .cash = 0.6, .late = 4, .novelty = -0.6},
    [DQ_SIM_ILLNESS] = {"illness", 3.2e-4, {15, 40}, {25, 50}, {60, 180},
	.income = -0.08, .after = -0.7, .delay = 1, .discretionary = -0.5,
	.essential = 0.1, .health = 7, .cash = 0.3, .costs = 0.02, .late = 5,
	.novelty = -0.7},
    [DQ_SIM_DIVORCE] = {"divorce", 2.8e-4, {25, 60}, {30, 60}, {120, 300},
	.income = -0.05, .after = -0.5, .discretionary = -0.1,
	.essential = 0.35, .health = 0.6, .cash = 0.8, .costs = 0.09, .late = 4,
	.novelty = 0.7},
    [DQ_SIM_GAMBLING_SHOCK] = {"gambling", 3.2e-4, {30, 80}, {0, 0}, {120, 300},
	.discretionary = -0.4, .essential = -0.2, .cash = 1.6, .gambling = 1.5,
	.lending = 0.012, .costs = 0.01, .late = 3, .novelty = -0.4},
    [DQ_SIM_OVER_LENDING] = {"over_lending", 3.2e-4, {30, 70}, {0, 0},
	{90, 240}, .discretionary = 0.15, .essential = 0.05, .cash = 0.4,
	.gambling = 0.02, .lending = 0.14, .costs = 0.14, .late = 3},
    [DQ_SIM_HOLIDAY] = {"holiday", 1.4e-3, {1, 4}, {0, 0}, {10, 22},
	.discretionary = 1.0, .essential = -0.2, .cash = 1.2, .costs = 0.01,
	.late = 2, .novelty = 2},
    [DQ_SIM_BONUS] = {"bonus", 6e-4, {1, 5}, {0, 0}, {20, 60},
	.discretionary = 0.5, .novelty = 0.5},
    [DQ_SIM_JOB_CHANGE] = {"job_change", 4e-4, {5, 15}, {0, 0}, {25, 60},
	.delay = 1, .discretionary = -0.3, .cash = 0.2, .late = 1},
};

const char *
dq_sim_cause_name(enum dq_sim_cause cause)
{
	return effects[cause].name;
}

static int32_t
within(struct dq_random *random, struct range range)
{
	return dq_sim_pick(random, range.low, range.high);
}

static void
plan_bonus(struct dq_sim_day *day)
{
	struct dq_sim_customer *c = day->customer;
	double months = dq_sim_between(&c->random, 0.4, 1.8);
	struct dq_sim_move *move = dq_sim_plan(
	    day, DQ_SIM_BONUS_PAY, (int64_t)((double)c->income * months), 1, 4);

	move->credit = true;
}

/* A new employer: a gap, another pay day, usually a little more. */
static void
change_job(struct dq_sim_customer *c)
{
	static const uint8_t days[] = {1, 10, 15, 25, 27, 28, 30, 31};

	c->salary_day = days[dq_random_below(&c->random, sizeof(days))];
	c->income = (int64_t)((double)c->income *
			      dq_sim_between(&c->random, 0.95, 1.2));
	c->pay_on += dq_sim_pick(&c->random, 6, 24);
	c->delayed = true;
}

static void
begin(struct dq_sim_day *day, enum dq_sim_cause cause)
{
	struct dq_sim_customer *c = day->customer;
	const struct effect *effect = &effects[cause];
	struct dq_sim_shock *shock = &c->shock;

	shock->cause = (uint8_t)cause;
	shock->onset = (int32_t)day->calendar->day;
	shock->ramp = within(&c->random, effect->ramp);
	shock->turn = shock->onset + within(&c->random, effect->turn);
	shock->until = shock->onset + within(&c->random, effect->until);
	shock->severity = dq_sim_between(&c->random, 0.3, 1);
	if (cause == DQ_SIM_BONUS)
		plan_bonus(day);
	if (cause == DQ_SIM_JOB_CHANGE && !c->irregular)
		change_job(c);
	if (cause < DQ_SIM_HARMFUL && c->first_missed == DQ_SIM_NEVER) {
		c->cause = (uint8_t)cause;
		c->onset = shock->onset;
	}
}

static void
maybe_begin(struct dq_sim_day *day)
{
	double at = dq_random_real(&day->customer->random);

	for (int cause = 0; cause < DQ_SIM_CAUSES; cause++) {
		at -= effects[cause].hazard;
		if (at < 0) {
			begin(day, (enum dq_sim_cause)cause);
			return;
		}
	}
}

/* 0 at onset, severity at the end of the ramp, 0 again when healed. */
static double
stress_now(const struct dq_sim_shock *shock, int64_t day)
{
	double rise = (double)(day - shock->onset) / shock->ramp;
	double fall = 1 - (double)(day - shock->until) / HEALING;

	return shock->severity * dq_sim_clamp(rise, 0, 1) *
	       dq_sim_clamp(fall, 0, 1);
}

static double
pay_factor(const struct effect *effect, const struct dq_sim_shock *shock,
    double stress, int64_t day)
{
	if (effect->after == 0 || day < shock->turn || day > shock->until)
		return 1 + effect->income * stress;
	/* A lost job is lost, however well it is borne. */
	if (effect->after <= -1)
		return 0;
	return 1 + effect->after * (0.4 + 0.6 * shock->severity);
}

static void
measure(struct dq_sim_day *day, double stress)
{
	struct dq_sim_customer *c = day->customer;
	const struct effect *effect = &effects[c->shock.cause];
	double shown = stress * c->reaction;

	day->strain = (struct dq_sim_strain){
	    .stress = c->shock.cause < DQ_SIM_HARMFUL ? stress : 0,
	    .income = pay_factor(effect, &c->shock, stress, day->calendar->day),
	    .delay = effect->delay * stress,
	    .discretionary =
		dq_sim_clamp(1 + effect->discretionary * shown, 0.2, 4),
	    .essential = 1 + effect->essential * shown,
	    .health = 1 + effect->health * stress,
	    .cash = 1 + effect->cash * shown,
	    .gambling = effect->gambling * stress,
	    .lending = effect->lending * stress,
	    .costs = effect->costs * stress,
	    .late = effect->late * shown,
	    .novelty = dq_sim_clamp(1 + effect->novelty * shown, 0.1, 4),
	};
}

void
dq_sim_shock_step(struct dq_sim_day *day)
{
	struct dq_sim_shock *shock = &day->customer->shock;

	day->strain = (struct dq_sim_strain){.income = 1,
	    .discretionary = 1,
	    .essential = 1,
	    .health = 1,
	    .cash = 1,
	    .novelty = 1};
	if (shock->cause == DQ_SIM_NO_CAUSE)
		maybe_begin(day);
	else if (day->calendar->day >= shock->until + HEALING)
		shock->cause = DQ_SIM_NO_CAUSE;
	if (shock->cause != DQ_SIM_NO_CAUSE)
		measure(day, stress_now(shock, day->calendar->day));
}
