#include "model/gauss.h"
#include "unit.h"

/* n points integrate every power of t up to 2n - 1 exactly. */
int
main(void)
{
	double points[64], weights[64];

	for (int n = 1; n <= 64; n++) {
		dq_gauss(n, points, weights);
		for (int power = 0; power < 2 * n; power++) {
			double sum = 0;

			for (int i = 0; i < n; i++)
				sum += weights[i] * pow(points[i], power);
			CHECK_NEAR(sum, 1.0 / (power + 1), 2e-14);
		}
		for (int i = 1; i < n; i++)
			CHECK(points[i - 1] < points[i]);
		CHECK(points[0] > 0 && points[n - 1] < 1);
	}
	return unit_done();
}
