/* Our own model files: scorecards and logistic regressions in JSON, for
 * people to write and read (dq-model(5)). */
#ifndef DQ_MODEL_SCORECARD_H
#define DQ_MODEL_SCORECARD_H

#include "model/forest.h"

struct yyjson_val;

/* Is this document one? */
bool dq_scorecard_is(struct yyjson_val *root);

/* Fills an empty forest (dq_forest_finish comes next): a feature with bins
 * becomes a tree of its own, whose covers are the bins' shares, one with a
 * weight a term. So a contribution is what the feature's value counts less
 * its mean over the population. False with err set; the forest is then to be
 * released. */
bool dq_scorecard_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err);

#endif
