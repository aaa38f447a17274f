/* The model card: what a person must know before a model is used. */
#ifndef DQ_LEARN_CARD_H
#define DQ_LEARN_CARD_H

#include "learn/booster.h"
#include "model/evaluate.h"

struct dq_card {
	const char *name, *version, *owner;
	const char *data;      /* where the records come from */
	const char *limits;    /* what it is not for */
	const char *file;      /* of the model, without directories */
	struct dq_slice model; /* its bytes */
	const struct dq_boost *boost;
	const struct dq_table *table;
	bool money; /* has figures in a currency */
	int64_t folds, shuffles;
	const struct dq_evaluation *out_of_fold; /* NULL: not measured */
	const struct dq_evaluation *held_out;	 /* NULL: not measured */
};

/* The card as JSON, a member a line. Names no day on which it was made: the
 * same training gives the same bytes. */
void dq_card_write(const struct dq_card *card, struct dq_buf *out);

#endif
