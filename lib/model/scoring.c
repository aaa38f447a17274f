#include "model/scoring.h"

#include "base/mem.h"
#include "model/baseline.h"

#include <stdlib.h>

static void
release_file(struct dq_scoring_model *file)
{
	free(file->stem);
	dq_buf_release(&file->bytes);
	dq_buf_release(&file->card);
}

void
dq_scoring_files_release(struct dq_scoring_files *files)
{
	release_file(&files->champion);
	release_file(&files->challenger);
	dq_buf_release(&files->baseline);
	dq_buf_release(&files->texts);
}

static bool
load_model(struct dq_scorer *scorer, const struct dq_scoring_model *file,
    struct dq_err *err)
{
	return !file->path ||
	       dq_scorer_init(scorer, dq_buf_view(&file->bytes),
		   dq_buf_view(&file->card), file->stem, err) ||
	       dq_err_at(err, "%s", file->path);
}

static bool
load_baseline(struct dq_scorer *scorer, const struct dq_scoring_files *files,
    struct dq_err *err)
{
	return !files->baseline_path ||
	       dq_baseline_use(scorer, dq_buf_view(&files->baseline), err) ||
	       dq_err_at(err, "%s", files->baseline_path);
}

static bool
load_texts(struct dq_scoring *s, const struct dq_scoring_files *files,
    size_t *missing, struct dq_err *err)
{
	s->texts = dq_reasons_new(
	    dq_buf_view(&files->texts), s->champion.model, missing, err);
	s->form.texts = s->texts;
	return s->texts || dq_err_at(err, "%s", files->texts_path);
}

static void
make_room(struct dq_scoring *s)
{
	size_t width = s->form.width;

	s->phi = dq_calloc(DQ_BATCH_ROWS * width, sizeof(*s->phi));
	s->rows = dq_calloc(DQ_BATCH_ROWS * width, sizeof(*s->rows));
}

static void
complete_form(struct dq_scoring *s)
{
	s->form.width = dq_model_width(s->champion.model);
	s->form.base = dq_model_base(s->champion.model);
	s->form.model = dq_buf_view(&s->champion.json);
	s->form.baseline = dq_buf_view(&s->champion.baseline);
	s->form.challenger = dq_buf_view(&s->challenger.json);
}

bool
dq_scoring_init(struct dq_scoring *s, const struct dq_scoring_files *files,
    bool in_double, const struct dq_prediction_form *form, size_t *missing,
    struct dq_err *err)
{
	bool good;

	*s = (struct dq_scoring){.form = *form};
	good = load_model(&s->champion, &files->champion, err);
	if (good && in_double)
		dq_model_use_double(s->champion.model);
	good = good && load_baseline(&s->champion, files, err) &&
	       load_model(&s->challenger, &files->challenger, err) &&
	       load_texts(s, files, missing, err);
	if (!good) {
		dq_scoring_release(s);
		return false;
	}
	complete_form(s);
	make_room(s);
	return true;
}

void
dq_scoring_twin(struct dq_scoring *twin, const struct dq_scoring *first)
{
	*twin = (struct dq_scoring){
	    .texts = first->texts,
	    .form = first->form,
	    .explain_above = first->explain_above,
	    .borrows = true,
	};
	dq_scorer_twin(&twin->champion, &first->champion);
	if (first->challenger.model)
		dq_scorer_twin(&twin->challenger, &first->challenger);
	make_room(twin);
}

void
dq_scoring_release(struct dq_scoring *s)
{
	if (s->champion.model)
		dq_scorer_release(&s->champion);
	if (s->challenger.model)
		dq_scorer_release(&s->challenger);
	if (!s->borrows)
		dq_reasons_free(s->texts);
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
