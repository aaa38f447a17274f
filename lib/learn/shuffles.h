/* Cross-validation done several times with other folds: how much of a figure
 * is the luck of the draw. */
#ifndef DQ_LEARN_SHUFFLES_H
#define DQ_LEARN_SHUFFLES_H

#include "learn/validate.h"
#include "record/out.h"

struct dq_shuffles {
	const struct dq_boost *boost; /* shuffle s takes its seed + s - 1 */
	const struct dq_table *table;
	const struct dq_evaluate_options *options;
	int folds;
	int64_t count;
	double *score; /* room for every row: the first shuffle's */
	struct dq_evaluation first; /* of them */
};

/* Writes a cross_validation record per shuffle and one of their mean. */
bool dq_shuffles_run(
    struct dq_shuffles *shuffles, struct dq_out *out, struct dq_err *err);

/* One evaluation as a record of that event_type; shuffle 0: none is named. */
void dq_evaluation_report(struct dq_out *out, const char *event_type,
    int64_t shuffle, const struct dq_evaluation *e);

#endif
