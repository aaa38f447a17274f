/* The work of dq-score between a features record and a prediction record. */
#ifndef DQ_MODEL_SCORING_H
#define DQ_MODEL_SCORING_H

#include "model/prediction.h"
#include "model/scorer.h"
#include "record/out.h"

struct dq_scoring_model {
	const char *path; /* for messages; NULL: there is no such model */
	char *stem;	  /* its name where no card names it */
	struct dq_buf bytes, card;
};

/* What a scoring is made of: files, read by the caller. */
struct dq_scoring_files {
	struct dq_scoring_model champion, challenger;
	const char *baseline_path; /* NULL: the population of the training */
	struct dq_buf baseline;
	const char *texts_path;
	struct dq_buf texts;
};

/* For one thread at a time. */
struct dq_scoring {
	struct dq_scorer champion;
	struct dq_scorer challenger; /* model NULL: none */
	struct dq_reasons *texts;
	struct dq_prediction_form form;
	double explain_above; /* scores below are not explained */
	double *phi;	      /* contributions of a batch */
	struct dq_code *rows; /* those of it that are explained */
	bool borrows;	      /* the texts */
};

/* Frees the bytes and the stems. */
void dq_scoring_files_release(struct dq_scoring_files *files);

/* Makes a scoring; the files are not needed any more then. Of `form` the
 * caller gives levels and the number of reasons. *missing: features of the
 * model without a text. False with err set ("path: what"), and nothing is to be
 * released. */
bool dq_scoring_init(struct dq_scoring *scoring,
    const struct dq_scoring_files *files, bool in_double,
    const struct dq_prediction_form *form, size_t *missing, struct dq_err *err);

/* The same for another thread; it borrows models and texts, so the first one
 * must live longer. */
void dq_scoring_twin(struct dq_scoring *twin, const struct dq_scoring *first);
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
