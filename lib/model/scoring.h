/* The work of dq-score between a features record and a prediction record. */
#ifndef DQ_MODEL_SCORING_H
#define DQ_MODEL_SCORING_H

#include "model/prediction.h"
#include "model/scorer.h"
#include "record/out.h"

/* To be filled by the caller but for what is ours. Zeroed memory and the form
 * are the beginning; dq_scoring_start comes when models and texts are set. */
struct dq_scoring {
	struct dq_scorer champion;
	struct dq_scorer challenger; /* model NULL: none */
	struct dq_prediction_form form;
	double explain_above; /* scores below are not explained */
	double *phi;	      /* ours: contributions of a batch */
	struct dq_code *rows; /* ours: those of it that are explained */
};

void dq_scoring_start(struct dq_scoring *scoring);

/* Frees everything but form.texts. */
void dq_scoring_release(struct dq_scoring *scoring);

/* Takes a record into the batch; false with err set when its features are
 * faulty, nothing is then taken. */
bool dq_scoring_add(struct dq_scoring *scoring, const struct dq_record *record,
    struct dq_err *err);

static inline bool
dq_scoring_full(const struct dq_scoring *scoring)
{
	return scoring->champion.batch.count == DQ_BATCH_ROWS;
}

/* Writes the batch's predictions in the order of its records; it is empty
 * then. */
void dq_scoring_write(struct dq_scoring *scoring, struct dq_out *out);

#endif
