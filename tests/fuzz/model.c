/* A model file of anyone's making: read whole, or refused with its place. One
 * that is read scores and explains any row, and the contributions add up. */
#include "model/model.h"
#include "fuzz.h"

#include <math.h>

#define WIDTH_LIMIT 64

/* The size of the largest sum that a row could come to. Children may weigh
 * more than their parent in such a file: then the game's sums do too. */
static double
largest_of(const struct dq_tree *tree)
{
	double *reach = calloc((size_t)tree->count, sizeof(*reach)), sum = 0;

	for (int32_t i = 0; i < tree->count; i++) {
		const struct dq_node *node = &tree->nodes[i];

		reach[i] = i ? reach[node->parent] : 1;
		reach[i] *= node->ratio > 1 ? node->ratio : 1;
		sum += node->left ? 0 : reach[i] * fabs(node->value);
	}
	free(reach);
	return sum;
}

static double
largest(const struct dq_forest *forest)
{
	double sum = fabs(forest->base);

	for (size_t i = 0; i < forest->count; i++)
		sum += largest_of(&forest->trees[i]);
	for (size_t i = 0; forest->terms && i < forest->names.count; i++)
		sum += DQ_TERM_LIMIT +
		       fabs(forest->terms[i].weight * forest->terms[i].mean);
	return sum;
}

static void
check_row(struct dq_model *model, const double *values)
{
	struct dq_code row[WIDTH_LIMIT];
	size_t width = dq_model_width(model);
	double phi[WIDTH_LIMIT], sum = dq_model_base(model), score;
	double limit = largest(dq_model_forest(model));
	double margin;

	dq_model_code(model, values, row);
	dq_model_score(model, row, 1, &margin);
	dq_model_explain(model, row, 1, phi);
	score = dq_model_probability(model, margin);
	for (size_t i = 0; i < width; i++)
		sum += phi[i];
	/* Beyond that sums of floats overflow. */
	if (!(limit < 1e30))
		return;
	MUST(score >= 0 && score <= 1);
	MUST(fabs(sum - margin) <= 1e-4 * (1 + limit));
}

static void
make_values(double *values, size_t number)
{
	static const double figures[] = {0, 1, -1, 5, 10, 1e30, NAN};

	for (size_t i = 0; i < WIDTH_LIMIT; i++)
		values[i] = figures[(i * number + number) % 7];
}

static void
check_rows(struct dq_model *model)
{
	double values[WIDTH_LIMIT];

	for (size_t k = 0; k < 7; k++) {
		make_values(values, k);
		check_row(model, values);
	}
}

/* The same against rows of its own. */
static void
check_background(struct dq_model *model)
{
	static struct dq_code rows[3 * WIDTH_LIMIT];
	double values[WIDTH_LIMIT];
	struct dq_err err = {.text = ""};

	for (size_t k = 0; k < 3; k++) {
		make_values(values, 2 * k + 1);
		dq_model_code(model, values, rows + k * dq_model_width(model));
	}
	if (dq_model_use_background(model, rows, 3, &err))
		check_rows(model);
	else
		MUST(err.text[0]);
}

static void
check_model(struct dq_model *model)
{
	struct dq_buf words = {0};

	dq_model_describe(model, &words);
	MUST(words.len);
	dq_buf_release(&words);
	if (dq_model_width(model) > WIDTH_LIMIT)
		return;
	check_rows(model);
	check_background(model);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_slice bytes = {(const char *)data, size};
	struct dq_err err = {.text = ""};
	struct dq_model *model = dq_model_new(bytes, &err);

	if (!model) {
		MUST(err.text[0]);
		return 0;
	}
	check_model(model);
	dq_model_free(model);
	return 0;
}
