/* LightGBM's text model files, as versions 2.x to 4.x write them. */
#ifndef DQ_MODEL_LIGHTGBM_H
#define DQ_MODEL_LIGHTGBM_H

#include "model/forest.h"

/* Are these bytes one? */
bool dq_lightgbm_is(struct dq_slice bytes);

/* Fills an empty forest (dq_forest_finish comes next). Objectives binary and
 * cross_entropy, splits on numbers, no linear leaves; any boosting. Covers
 * are leaf_count and internal_count. False with err set ("line 31: ..."); the
 * forest is then to be released.
 *
 * LightGBM compares doubles by <=. What is missing depends on each split's
 * missing_type: of None and Zero a missing value is 0, of Zero 0 goes the
 * default way, of NaN a missing value does. Values up to 1e-35 count as 0. */
bool dq_lightgbm_read(
    struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err);

#endif
