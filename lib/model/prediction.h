/* The line that dq-score writes: a features record's bytes and what a model
 * says of it, made into a prediction record. */
#ifndef DQ_MODEL_PREDICTION_H
#define DQ_MODEL_PREDICTION_H

#include "model/reasons.h"
#include "record/record.h"

#define DQ_REASONS_LIMIT 64

/* What all lines of one run share. */
struct dq_prediction_form {
	double critical, high, medium; /* lowest score of each level */
	size_t width;		       /* features of the model */
	size_t reasons; /* at most so many, not above DQ_REASONS_LIMIT */
	const struct dq_reasons *texts;
	double base;
	struct dq_slice model;	    /* JSON object: name, version, sha256 */
	struct dq_slice baseline;   /* JSON object: rows, sha256; or empty */
	struct dq_slice challenger; /* as model; empty without */
};

/* What a prediction takes over from its features record. */
struct dq_prediction_members {
	struct dq_slice customer, trigger, features; /* values, as they stand */
};

/* What is said of one row. */
struct dq_prediction {
	struct dq_slice id;
	struct dq_prediction_members members;
	struct dq_slice others; /* the members that no prediction has */
	int64_t time;		/* DQ_TIME_NONE: it has none */
	double margin;
	double score;
	double challenger_score;
	const double *phi;    /* NULL: is not to be explained */
	const double *values; /* as dq_columns_read gives them */
};

/* The level of a score, as it is printed: of the six decimals. */
enum dq_level dq_level_of(const struct dq_prediction_form *form, double score);

/* Finds the members in a features record, and appends those that no prediction
 * declares to `others`, each behind a comma. */
void dq_prediction_members(const struct dq_record *record,
    struct dq_prediction_members *members, struct dq_buf *others);

/* Appends the record (no newline). Order: records.md; `others` come last, in
 * their bytes. */
void dq_buf_prediction(struct dq_buf *buf,
    const struct dq_prediction_form *form, const struct dq_prediction *p);

#endif
