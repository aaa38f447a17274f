/* What a model would say about customers that it has not seen. */
#ifndef DQ_LEARN_VALIDATE_H
#define DQ_LEARN_VALIDATE_H

#include "learn/booster.h"
#include "model/evaluate.h"

/* score[i] for every row i of the table, from a model that learned all rows
 * but those of the customer's fold; folds are drawn from fold_seed. False
 * with err set when a model cannot be made. */
bool dq_cross_validate(const struct dq_boost *boost,
    const struct dq_table *table, int folds, uint64_t fold_seed, double *score,
    struct dq_err *err);

/* Scores of the table's rows against its labels. */
void dq_table_evaluate(const struct dq_table *table, const double *score,
    const struct dq_evaluate_options *options, struct dq_evaluation *out);

#endif
