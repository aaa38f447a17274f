/* A model ready for work: rows in, margins and exact contributions out. */
#ifndef DQ_MODEL_MODEL_H
#define DQ_MODEL_MODEL_H

#include "model/explain.h"
#include "record/digest.h"

#define DQ_MODEL_LIMIT (512u << 20) /* bytes of a model file */

struct dq_model;

/* A figure as the model's kernels read it (cuts.h), NAN is missing. Made by
 * dq_model_code alone: a type of its own, so that a plain number, which most
 * models would take for another one, is refused by the compiler. */
struct dq_code {
	float code_;
};

/* Reads a model file's bytes (dq-model(5)) and prepares the kernels. NULL
 * with err set when it is none or not supported: what and where. */
struct dq_model *dq_model_new(struct dq_slice bytes, struct dq_err *err);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_model *dq_model_twin(const struct dq_model *model);
void dq_model_free(struct dq_model *model);

/* The trees, for facts; lives as long as the model. */
const struct dq_forest *dq_model_forest(const struct dq_model *model);

/* Of the file's bytes, as 64 hexadecimal digits. */
const char *dq_model_sha256(const struct dq_model *model);

/* Number of features = values of a row; the name of one. */
size_t dq_model_width(const struct dq_model *model);
struct dq_slice dq_model_feature(const struct dq_model *model, size_t column);

/* From here on all contributions are worked in double (to about 1e-12), some
 * ten times slower. */
void dq_model_use_double(struct dq_model *model);

/* Codes a row: as many figures as the model is wide, NAN is missing. */
void dq_model_code(
    const struct dq_model *model, const double *values, struct dq_code *row);

/* From here on contributions are counted from the mean margin of these rows
 * (background.h) and not from that of the training's as the covers tell it:
 * count * width codes, 1 to DQ_BACKGROUND_LIMIT rows. Comes after
 * dq_model_use_double. False with err set where the model is too deep for so
 * many; the model is as before then. */
bool dq_model_use_background(struct dq_model *model, const struct dq_code *rows,
    size_t count, struct dq_err *err);

/* How its trees are explained. */
struct dq_explainer_facts dq_model_facts(const struct dq_model *model);

/* Appends the model's facts, a "name: value" line each, then a line per
 * feature. */
void dq_model_describe(const struct dq_model *model, struct dq_buf *out);

/* The margin of no knowledge: what contributions are counted from. */
double dq_model_base(const struct dq_model *model);

/* Margins of `count` rows (count * width codes): base and leaves added in tree
 * order, in float for XGBoost and in double for others, as the library itself
 * does. Neither this nor dq_model_explain for two threads at once: the work
 * space is the model's. */
void dq_model_score(struct dq_model *model, const struct dq_code *rows,
    size_t count, double *margins);

/* The probability (0 to 1) that a margin means. */
double dq_model_probability(const struct dq_model *model, double margin);

/* Contributions of `count` rows: count * width doubles. With the base they
 * add up to the margin. */
void dq_model_explain(struct dq_model *model, const struct dq_code *rows,
    size_t count, double *phi);

#endif
