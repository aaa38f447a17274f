#include "sim/profile.h"

#include "sim/draw.h"

#include <stddef.h>

/* Winter time is used all year: the zone data of a machine must not change
 * what is simulated. */
static const struct place {
	double share;
	const char *time_zone;
	int32_t shift;
	const char *language;
} places[] = {
    {0.40, "Europe/Berlin", 3600, "de"},
    {0.20, "Europe/London", 0, "en"},
    {0.12, "Europe/Paris", 3600, "fr"},
    {0.08, "Europe/Helsinki", 7200, "en"},
    {0.08, "Asia/Kolkata", 19800, "en"},
    {0.08, "America/New_York", -18000, "en"},
    {1.00, NULL, 3600, "en"},
};

static const struct place *
draw_place(struct dq_random *random)
{
	const struct place *place = places;
	double at = dq_random_real(random);

	for (; at >= place->share; place++)
		at -= place->share;
	return place;
}

struct dq_sim_profile
dq_sim_profile(uint64_t seed, uint32_t number)
{
	static const char *const accounts[] = {"current", "salary", "joint"};
	struct dq_random random, *r = &random;
	const struct place *place;
	struct dq_sim_profile p = {0};

	/* A stream of its own: behaviour counts customers from 0 up. */
	dq_random_init(r, seed, UINT64_C(1) << 32 | number);
	place = draw_place(r);
	p.time_zone = place->time_zone;
	p.zone_shift = place->shift;
	p.language = dq_sim_chance(r, 0.6) ? place->language : "en";
	if (dq_sim_chance(r, 0.02))
		p.language = NULL;
	p.account_type = accounts[dq_random_below(r, 3)];
	p.account_age = dq_sim_pick(r, 60, 7000);
	p.asked = !dq_sim_chance(r, 0.03);
	p.phone = dq_sim_chance(r, 0.75);
	p.sms = dq_sim_chance(r, 0.82);
	p.email = dq_sim_chance(r, 0.92);
	p.vulnerable = dq_sim_chance(r, 0.04);
	p.income_known = !dq_sim_chance(r, 0.05);
	p.salary_day_known = !dq_sim_chance(r, 0.1);
	p.minimum_known = !dq_sim_chance(r, 0.2);
	return p;
}
