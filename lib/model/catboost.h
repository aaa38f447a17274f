/* CatBoost's JSON model files: oblivious trees, all splits of a level alike. */
#ifndef DQ_MODEL_CATBOOST_H
#define DQ_MODEL_CATBOOST_H

#include "model/forest.h"

struct yyjson_val;

/* Is this document one? */
bool dq_catboost_is(struct yyjson_val *root);

/* Fills an empty forest (dq_forest_finish comes next). Losses Logloss and
 * CrossEntropy, symmetric trees, float features only. Covers are
 * leaf_weights, the last split is the root, as CatBoost's own contributions
 * have it. False with err set; the forest is then to be released. */
bool dq_catboost_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err);

#endif
