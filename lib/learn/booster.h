/* Gradient boosted trees by libxgboost: the only file that knows it. */
#ifndef DQ_LEARN_BOOSTER_H
#define DQ_LEARN_BOOSTER_H

#include "learn/table.h"

/* How a model is grown. The same settings, rows and library give the same
 * model: one thread, histograms, every draw from the seed. */
struct dq_boost {
	int64_t trees;	  /* boosting rounds */
	int64_t parallel; /* trees grown side by side in each round */
	int64_t depth;
	double rate;	/* shrinkage of each round */
	double rows;	/* share of rows that a tree sees */
	double columns; /* share of features that a tree sees */
	double min_child_weight;
	double lambda;	  /* L2 on leaf values */
	const int *signs; /* per column: 1 the score may only rise with the
			   * value, -1 only fall, 0 free; NULL: all free */
	int64_t seed;
};

/* False with err set, naming the option, where a setting is out of range. */
bool dq_boost_check(const struct dq_boost *boost, struct dq_err *err);

struct dq_booster;

/* Learns the rows of the table that are picked (NULL: all), log loss. NULL
 * with err set when libxgboost refuses, or when there is only one label. */
struct dq_booster *dq_booster_train(const struct dq_boost *boost,
    const struct dq_table *table, const bool *picked, struct dq_err *err);
void dq_booster_free(struct dq_booster *booster);

/* score[i] for each picked row i, a probability; other scores are left. */
bool dq_booster_predict(struct dq_booster *booster,
    const struct dq_table *table, const bool *picked, double *score,
    struct dq_err *err);

/* The model as XGBoost's JSON, with the table's feature names and the
 * attributes `name` and `version`. */
bool dq_booster_json(struct dq_booster *booster, const struct dq_table *table,
    const char *name, const char *version, struct dq_buf *out,
    struct dq_err *err);

/* "xgboost 1.7.4" */
void dq_booster_library(char text[32]);

#endif
