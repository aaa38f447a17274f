#include "model/scoring.h"

#include "base/mem.h"

#include <stdlib.h>

void
dq_scoring_start(struct dq_scoring *s)
{
	size_t width = dq_model_width(s->champion.model);

	s->phi = dq_calloc(DQ_BATCH_ROWS * width, sizeof(*s->phi));
	s->rows = dq_calloc(DQ_BATCH_ROWS * width, sizeof(*s->rows));
	s->form.width = width;
	s->form.base = dq_model_base(s->champion.model);
	s->form.model = dq_buf_view(&s->champion.json);
	s->form.baseline = dq_buf_view(&s->champion.baseline);
	s->form.challenger = dq_buf_view(&s->challenger.json);
}

void
dq_scoring_release(struct dq_scoring *s)
{
	dq_scorer_release(&s->champion);
	if (s->challenger.model)
		dq_scorer_release(&s->challenger);
	free(s->phi);
	free(s->rows);
}

bool
dq_scoring_add(
    struct dq_scoring *s, const struct dq_record *record, struct dq_err *err)
{
	if (!dq_batch_add(&s->champion.batch, record, err))
		return false;
	if (!s->challenger.model ||
	    dq_batch_add(&s->challenger.batch, record, err))
		return true;
	dq_batch_drop(&s->champion.batch);
	return dq_err_at(err, "challenger");
}

/* phi[i]: row i's contributions, NULL where it is not explained. Rows to be
 * explained are packed, so that the kernel gets whole blocks. */
static void
explain(struct dq_scoring *s, const double *phi[DQ_BATCH_ROWS])
{
	const struct dq_batch *batch = &s->champion.batch;
	size_t width = s->form.width, count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		phi[i] = NULL;
		if (s->champion.scores[i] < s->explain_above)
			continue;
		memcpy(s->rows + count * width, batch->rows + i * width,
		    width * sizeof(*s->rows));
		phi[i] = s->phi + count++ * width;
	}
	dq_model_explain(s->champion.model, s->rows, count, s->phi);
}

void
dq_scoring_write(struct dq_scoring *s, struct dq_out *out)
{
	struct dq_batch *batch = &s->champion.batch;
	const double *phi[DQ_BATCH_ROWS];
	char ids[DQ_BATCH_ROWS][DQ_ID_LEN];

	dq_scorer_score(&s->champion);
	if (s->challenger.model)
		dq_scorer_score(&s->challenger);
	explain(s, phi);
	dq_batch_name(batch, ids);
	for (size_t i = 0; i < batch->count; i++) {
		struct dq_prediction prediction = {
		    .id = {ids[i], DQ_ID_LEN},
		    .margin = s->champion.margins[i],
		    .score = s->champion.scores[i],
		    .challenger_score = s->challenger.scores[i],
		    .phi = phi[i],
		};

		dq_batch_prediction(batch, i, &prediction);
		dq_buf_prediction(dq_out_begin(out), &s->form, &prediction);
		dq_out_end(out, dq_batch_customer(batch, i));
	}
	dq_batch_clear(batch);
	dq_batch_clear(&s->challenger.batch);
}
