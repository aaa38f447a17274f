#include "learn/validate.h"

#include "base/mem.h"
#include "model/folds.h"

#include <stdlib.h>

/* One fold: learn the others, score it. */
static bool
validate_fold(const struct dq_boost *boost, const struct dq_table *table,
    const int *fold, int f, double *score, struct dq_err *err)
{
	bool *picked = dq_malloc(table->count + 1);
	struct dq_booster *booster;
	bool good = false;

	for (size_t i = 0; i < table->count; i++)
		picked[i] = fold[table->rows[i].customer] != f;
	booster = dq_booster_train(boost, table, picked, err);
	for (size_t i = 0; i < table->count; i++)
		picked[i] = !picked[i];
	if (booster)
		good = dq_booster_predict(booster, table, picked, score, err);
	else
		dq_err_at(err, "fold %d", f + 1);
	dq_booster_free(booster);
	free(picked);
	return good;
}

bool
dq_cross_validate(const struct dq_boost *boost, const struct dq_table *table,
    int folds, uint64_t fold_seed, double *score, struct dq_err *err)
{
	uint32_t customers = table->customers.count;
	bool *positive = dq_calloc(customers + 1, sizeof(*positive));
	int *fold = dq_calloc(customers + 1, sizeof(*fold));
	bool good = true;

	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].label)
			positive[table->rows[i].customer] = true;
	dq_folds(&table->customers, positive, folds, fold_seed, fold);
	for (int f = 0; good && f < folds; f++)
		good = validate_fold(boost, table, fold, f, score, err);
	free(positive);
	free(fold);
	return good;
}

void
dq_table_evaluate(const struct dq_table *table, const double *score,
    const struct dq_evaluate_options *options, struct dq_evaluation *out)
{
	struct dq_scored *rows =
	    dq_realloc_array(NULL, table->count + 1, sizeof(*rows));

	for (size_t i = 0; i < table->count; i++)
		rows[i] = (struct dq_scored){
		    score[i], table->rows[i].customer, table->rows[i].label};
	dq_evaluate(rows, table->count, options, out);
	free(rows);
}
