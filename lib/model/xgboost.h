/* XGBoost's own model files: the JSON that 1.7 to 3.x write, and their UBJSON
 * once it is JSON (ubjson.h). */
#ifndef DQ_MODEL_XGBOOST_H
#define DQ_MODEL_XGBOOST_H

#include "model/forest.h"

struct yyjson_val;

/* Is this document one? */
bool dq_xgboost_is(struct yyjson_val *root);

/* Fills an empty forest (not yet finished: dq_forest_finish comes next).
 * Boosters gbtree and dart; objectives binary:logistic and reg:logistic. Base
 * score in either spelling, as a probability. Attributes "name" and "version"
 * of the learner become the forest's; with "best_iteration", which early
 * stopping leaves there, the rounds behind it are left out, as
 * XGBoost's scikit-learn classes do. False with err set on anything else; the
 * forest may then hold a part and is to be released. */
bool dq_xgboost_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err);

#endif
