/* What one edge of a tree does to the integrand of quadrature.h at a point t,
 * when the product of all features' factors is carried down a path and the
 * leaves' sums are carried up again.
 *
 * An edge of feature j replaces j's factor on the path, old (1 - t) + held t,
 * by share (1 - t) + holds t, where `old` and `share` are the products of j's
 * cover ratios before and with the edge, and `held` and `holds` say whether
 * the row takes all of j's edges before, and with it. */
#ifndef DQ_MODEL_EDGE_H
#define DQ_MODEL_EDGE_H

#include "model/forest.h"

/* Multiplies the product on the way down. Where the feature did not hold
 * before, only the cover ratio is left of it. */
static inline double
dq_edge_factor(
    const struct dq_node *node, double old, bool held, bool holds, double t)
{
	if (!held)
		return node->ratio;
	return (node->share * (1 - t) + holds * t) / (old * (1 - t) + t);
}

/* Times the sum of the leaves below, integrated over t: what the edge adds to
 * the feature's contribution, less what the feature's edges above will add
 * once more. */
static inline double
dq_edge_gain(
    const struct dq_node *node, double old, bool held, bool holds, double t)
{
	double share = node->share, gain = -1 / (1 - t);

	if (!held)
		return 0;
	if (holds)
		gain = (1 - share) / (share * (1 - t) + t);
	return gain - (1 - old) / (old * (1 - t) + t);
}

#endif
