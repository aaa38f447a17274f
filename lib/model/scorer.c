#include "model/scorer.h"

#include "record/json.h"

/* Appends how records name the model. */
static bool
name_model(struct dq_scorer *scorer, struct yyjson_val *card, const char *stem,
    struct dq_err *err)
{
	const struct dq_forest *forest = dq_model_forest(scorer->model);
	const char *name = forest->name, *version = forest->version;

	if (card) {
		name = yyjson_get_str(dq_json_get(card, "name"));
		version = yyjson_get_str(dq_json_get(card, "version"));
		if (!name || !version)
			return dq_err_set(err, "the model card needs the texts "
					       "\"name\" and \"version\"");
	}
	dq_buf_byte(&scorer->json, '{');
	dq_buf_member_str(&scorer->json, "name", name ? name : stem);
	dq_buf_member_str(&scorer->json, "version", version ? version : "0");
	dq_buf_member_str(
	    &scorer->json, "sha256", dq_model_sha256(scorer->model));
	dq_buf_byte(&scorer->json, '}');
	return true;
}

/* A card that says whose it is must be this model's: a calibration of another
 * one would be wrong in silence. */
static bool
check_digest(
    const struct dq_scorer *scorer, struct yyjson_val *card, struct dq_err *err)
{
	struct yyjson_val *member = dq_json_get(card, "sha256");
	struct dq_slice digest = dq_json_text(member);
	const char *ours = dq_model_sha256(scorer->model);

	return !member || dq_slice_is(digest, ours) ||
	       dq_err_set(err,
		   "the model card is of another model: its sha256 is "
		   "%.*s..., the file's %.12s...; copy both together",
		   (int)(digest.len < 12 ? digest.len : 12), digest.data, ours);
}

static bool
read_card(struct dq_scorer *scorer, struct dq_slice card, const char *stem,
    struct dq_err *err)
{
	struct yyjson_doc *doc;
	bool good;

	if (!card.len)
		return name_model(scorer, NULL, stem, err);
	doc = dq_json_parse(card, err);
	if (!doc)
		return dq_err_at(err, "model card");
	good = check_digest(scorer, dq_json_root(doc), err) &&
	       name_model(scorer, dq_json_root(doc), stem, err);
	if (good &&
	    !dq_calibration_read(dq_json_get(dq_json_root(doc), "calibration"),
		&scorer->calibration, err))
		good = dq_err_at(err, "model card");
	dq_json_free(doc);
	return good;
}

bool
dq_scorer_init(struct dq_scorer *scorer, struct dq_slice bytes,
    struct dq_slice card, const char *stem, struct dq_err *err)
{
	*scorer = (struct dq_scorer){0};
	scorer->model = dq_model_new(bytes, err);
	if (!scorer->model)
		return false;
	dq_batch_init(&scorer->batch, scorer->model);
	if (read_card(scorer, card, stem, err))
		return true;
	dq_scorer_release(scorer);
	return false;
}

void
dq_scorer_twin(struct dq_scorer *twin, const struct dq_scorer *first)
{
	*twin = (struct dq_scorer){
	    .model = dq_model_twin(first->model),
	    .calibration = first->calibration,
	    .borrows = true,
	};
	dq_batch_init(&twin->batch, twin->model);
	memcpy(twin->batch.seed, first->batch.seed, sizeof(twin->batch.seed));
}

void
dq_scorer_release(struct dq_scorer *scorer)
{
	dq_batch_release(&scorer->batch);
	if (!scorer->borrows)
		dq_calibration_release(&scorer->calibration);
	dq_model_free(scorer->model);
	dq_buf_release(&scorer->json);
	dq_buf_release(&scorer->baseline);
	*scorer = (struct dq_scorer){0};
}

void
dq_scorer_score(struct dq_scorer *scorer)
{
	size_t count = scorer->batch.count;

	dq_model_score(
	    scorer->model, scorer->batch.rows, count, scorer->margins);
	for (size_t i = 0; i < count; i++) {
		double margin = scorer->margins[i];

		scorer->scores[i] = dq_calibration_apply(&scorer->calibration,
		    margin, dq_model_probability(scorer->model, margin));
	}
}
