#include "model/quadrature.h"

#include "model_forests.h"
#include "unit.h"

/* With a floored ratio two children's ratios may add up to more than 1; the
 * mean of the forest counts them as the game does. */
static void
check_row(struct dq_quadrature *quadrature, const struct dq_forest *forest,
    const float *x, int features)
{
	double phi[16], want[16], sum = dq_forest_mean(forest);

	dq_quadrature_explain(quadrature, forest, x, phi);
	brute_force(forest, x, features, want);
	for (int i = 0; i < features; i++) {
		CHECK_NEAR(phi[i], want[i], 1e-12);
		sum += phi[i];
	}
	CHECK_NEAR(sum, game(forest, x, (1u << features) - 1), 1e-11);
	CHECK_NEAR(dq_forest_mean(forest), game(forest, x, 0), 1e-12);
}

static void
check_forests(uint64_t seed, int depth, int features, double early, double zero)
{
	struct growth g = {
	    .depth = depth, .features = features, .early = early, .zero = zero};
	struct dq_forest forest;
	struct dq_quadrature *quadrature;
	float x[16];

	dq_random_init(&g.random, seed, 1);
	grow_forest(&forest, &g, 3);
	quadrature = dq_quadrature_new(&forest);
	for (int i = 0; i < 5; i++) {
		make_row(&g.random, x, features);
		check_row(quadrature, &forest, x, features);
	}
	dq_quadrature_free(quadrature);
	dq_forest_release(&forest);
}

int
main(void)
{
	uint64_t seed = 1;

	for (int depth = 0; depth <= 7; depth++)
		for (int features = 1; features <= 8; features++)
			for (int early = 0; early < 2; early++)
				check_forests(
				    seed++, depth, features, early * 0.3, 0);
	check_forests(seed++, 12, 10, 0.3, 0);
	for (int depth = 1; depth <= 6; depth++)
		for (int i = 0; i < 10; i++)
			check_forests(seed++, depth, 5, 0.2, 0.3);
	return unit_done();
}
