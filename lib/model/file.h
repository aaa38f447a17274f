/* Model files: whose it is shows in its first bytes and keys. */
#ifndef DQ_MODEL_FILE_H
#define DQ_MODEL_FILE_H

#include "model/forest.h"

/* Fills an empty forest, finished, from a model file of any kind that
 * dq-model(5) lists. False with err set to what is wrong and where; the
 * forest is to be released either way. */
bool dq_forest_read(
    struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err);

#endif
