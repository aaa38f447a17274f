/* One model at work on batches, and how records name it. */
#ifndef DQ_MODEL_SCORER_H
#define DQ_MODEL_SCORER_H

#include "model/batch.h"
#include "model/calibration.h"

struct dq_scorer {
	struct dq_model *model;
	struct dq_batch batch;
	struct dq_calibration calibration;
	double margins[DQ_BATCH_ROWS];
	double scores[DQ_BATCH_ROWS];
	struct dq_buf json;	/* {"name":...,"version":...,"sha256":...} */
	struct dq_buf baseline; /* {"rows":...,"sha256":...}; or empty */
	bool borrows;		/* all but the work spaces */
};

/* Loads a model. `card` is its model card, a JSON object with the texts
 * "name" and "version", and perhaps a "calibration" and the model's "sha256",
 * which must then be right; without one (empty) the
 * model's own attributes of these names count, and without them `stem` and "0".
 * False with err set when the model or the card is faulty; nothing is then to
 * be released. */
bool dq_scorer_init(struct dq_scorer *scorer, struct dq_slice bytes,
    struct dq_slice card, const char *stem, struct dq_err *err);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
void dq_scorer_twin(struct dq_scorer *twin, const struct dq_scorer *first);
void dq_scorer_release(struct dq_scorer *scorer);

/* Fills margins and (calibrated) scores of the batch's rows. */
void dq_scorer_score(struct dq_scorer *scorer);

#endif
