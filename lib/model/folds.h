/* Dividing customers into folds for cross-validation. */
#ifndef DQ_MODEL_FOLDS_H
#define DQ_MODEL_FOLDS_H

#include "base/map.h"

/* Sets fold[c], 0 to folds - 1, for every customer c of the map: all rows of
 * a customer are in one fold, customers with a positive row are spread
 * evenly, and so are the others. Depends on the ids and the seed only, not on
 * the order in which they came. */
void dq_folds(const struct dq_map *customers, const bool *positive, int folds,
    uint64_t seed, int *fold);

#endif
