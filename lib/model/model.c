#include "model/model.h"

#include "base/mem.h"
#include "base/num.h"
#include "model/cuts.h"
#include "model/file.h"
#include "model/walk.h"

#include <math.h>
#include <stdlib.h>

struct dq_model {
	struct dq_forest forest;
	struct dq_explainer *explainer;
	struct dq_walk *walk;
	double base;
	double *term_means; /* over the background; NULL: those of the terms */
	bool exact;
	bool borrows; /* all but the work spaces */
	char sha256[DQ_SHA256_TEXT];
};

struct dq_model *
dq_model_new(struct dq_slice bytes, struct dq_err *err)
{
	struct dq_model *model = dq_calloc(1, sizeof(*model));

	if (!dq_forest_read(bytes, &model->forest, err)) {
		dq_model_free(model);
		return NULL;
	}
	dq_sha256_text(bytes, model->sha256);
	model->explainer =
	    dq_explainer_new(&model->forest, dq_lanes_best(), false);
	model->walk = dq_walk_new(&model->forest);
	model->base = dq_forest_mean(&model->forest);
	return model;
}

struct dq_model *
dq_model_twin(const struct dq_model *first)
{
	struct dq_model *model = dq_calloc(1, sizeof(*model));

	*model = *first;
	model->borrows = true;
	model->explainer = dq_explainer_twin(first->explainer);
	model->walk = dq_walk_twin(first->walk);
	return model;
}

void
dq_model_free(struct dq_model *model)
{
	if (!model)
		return;
	dq_explainer_free(model->explainer);
	dq_walk_free(model->walk);
	if (!model->borrows) {
		dq_forest_release(&model->forest);
		free(model->term_means);
	}
	free(model);
}

const struct dq_forest *
dq_model_forest(const struct dq_model *model)
{
	return &model->forest;
}

const char *
dq_model_sha256(const struct dq_model *model)
{
	return model->sha256;
}

size_t
dq_model_width(const struct dq_model *model)
{
	return model->forest.names.count;
}

struct dq_slice
dq_model_feature(const struct dq_model *model, size_t column)
{
	return dq_map_key(&model->forest.names, (uint32_t)column);
}

void
dq_model_use_double(struct dq_model *model)
{
	dq_explainer_free(model->explainer);
	model->explainer =
	    dq_explainer_new(&model->forest, dq_lanes_best(), true);
	model->exact = true;
}

static void
find_term_means(struct dq_model *model, const struct dq_background *background)
{
	size_t width = dq_model_width(model);

	free(model->term_means);
	model->term_means = dq_calloc(width + 1, sizeof(double));
	for (size_t i = 0; model->forest.terms && i < width; i++)
		model->term_means[i] =
		    dq_background_term(background, &model->forest.terms[i], i);
}

bool
dq_model_use_background(struct dq_model *model, const struct dq_code *rows,
    size_t count, struct dq_err *err)
{
	struct dq_background *background =
	    dq_background_new(&rows->code_, count, dq_model_width(model));
	struct dq_explainer *explainer = dq_explainer_against(
	    &model->forest, dq_lanes_best(), model->exact, background, err);

	if (explainer) {
		dq_explainer_free(model->explainer);
		model->explainer = explainer;
		model->base = dq_background_mean(background, &model->forest);
		find_term_means(model, background);
	}
	dq_background_free(background);
	return explainer;
}

struct dq_explainer_facts
dq_model_facts(const struct dq_model *model)
{
	return dq_explainer_facts(model->explainer);
}

void
dq_model_describe(const struct dq_model *model, struct dq_buf *out)
{
	const struct dq_forest *forest = &model->forest;
	int depth = 0, unique = 0;
	int64_t splits = 0;
	struct dq_explainer_facts facts;

	for (size_t i = 0; i < forest->count; i++) {
		const struct dq_tree *tree = &forest->trees[i];

		depth = tree->depth > depth ? tree->depth : depth;
		unique = tree->unique > unique ? tree->unique : unique;
		splits += tree->splits;
	}
	facts = dq_explainer_facts(model->explainer);
	dq_buf_printf(out,
	    "origin: %s\nsha256: %s\ntrees: %zu\ndepth: %d\n"
	    "features on a path: %d\nsplits: %lld\nbase: ",
	    forest->origin, model->sha256, forest->count, depth, unique,
	    (long long)splits);
	dq_buf_real(out, model->base);
	dq_buf_printf(out,
	    "\nexplained by tables: %zu trees\n"
	    "explained by quadrature: %zu trees\n"
	    "explained by quadrature in double: %zu trees\n"
	    "tables: %zu bytes\nkernels: %s",
	    facts.by_table, facts.by_lanes, facts.by_double, facts.bytes,
	    facts.machine);
	if (facts.by_sets)
		dq_buf_printf(out,
		    "\nexplained by sets of the baseline: %zu trees",
		    facts.by_sets);
	dq_buf_printf(out, "\nfeatures: %u\n", forest->names.count);
	for (size_t i = 0; i < forest->names.count; i++) {
		dq_buf_str(out, "feature: ");
		dq_buf_slice(out, dq_model_feature(model, i));
		dq_buf_byte(out, '\n');
	}
}

void
dq_model_code(
    const struct dq_model *model, const double *values, struct dq_code *row)
{
	size_t width = dq_model_width(model);

	for (size_t i = 0; i < width; i++)
		row[i].code_ = dq_forest_code(&model->forest, i, values[i]);
}

double
dq_model_base(const struct dq_model *model)
{
	return model->base;
}

void
dq_model_score(struct dq_model *model, const struct dq_code *rows, size_t count,
    double *margins)
{
	size_t width = dq_model_width(model);

	dq_walk_run(model->walk, &rows->code_, count, margins);
	for (size_t i = 0; model->forest.terms && i < count * width; i++)
		margins[i / width] += dq_term_value(
		    &model->forest.terms[i % width], rows[i].code_);
}

double
dq_model_probability(const struct dq_model *model, double margin)
{
	if (model->forest.link == DQ_LINK_IDENTITY)
		return margin;
	return 1 / (1 + exp(-model->forest.slope * margin));
}

static void
explain_terms(
    const struct dq_model *model, const struct dq_code *x, double *phi)
{
	const struct dq_term *terms = model->forest.terms;

	for (size_t i = 0; i < dq_model_width(model); i++)
		phi[i] += dq_term_value(&terms[i], x[i].code_) -
			  (model->term_means ? model->term_means[i] : 0);
}

void
dq_model_explain(struct dq_model *model, const struct dq_code *rows,
    size_t count, double *phi)
{
	size_t width = dq_model_width(model);

	dq_explainer_run(model->explainer, &rows->code_, count, phi);
	for (size_t i = 0; model->forest.terms && i < count; i++)
		explain_terms(model, rows + i * width, phi + i * width);
}
