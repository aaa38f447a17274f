/* Features records held until there are enough for a block, or none follow:
 * the kernels work through trees outside and rows inside. */
#ifndef DQ_MODEL_BATCH_H
#define DQ_MODEL_BATCH_H

#include "base/hash.h"
#include "model/columns.h"
#include "model/prediction.h"
#include "record/record.h"

#define DQ_BATCH_ROWS 64

struct dq_batch_entry {
	size_t begin; /* in bytes: the seed, the line, the customer, others */
	size_t line_len, customer_len, others_len;
	size_t name, name_len; /* in bytes: the seed and what is hashed */
	struct dq_batch_value {
		size_t begin, len; /* in the line */
	} customer, trigger, features;
	int64_t time;
};

struct dq_batch {
	const struct dq_model *model;
	struct dq_columns *columns;
	char seed[DQ_SHA256_TEXT]; /* what names the work: the model's */
	size_t count;
	struct dq_code *rows; /* DQ_BATCH_ROWS of them, as wide as the model */
	double *values;	      /* the same in double */
	struct dq_batch_entry entries[DQ_BATCH_ROWS];
	struct dq_buf bytes;
};

void dq_batch_init(struct dq_batch *batch, const struct dq_model *model);
void dq_batch_release(struct dq_batch *batch);

/* Copies what is needed of the record. The batch must not be full. False with
 * err set as dq_columns_read; the batch is then as before. */
bool dq_batch_add(
    struct dq_batch *batch, const struct dq_record *record, struct dq_err *err);

/* Names each row's prediction: the hash of seed and line, but for its source:
 * the same figures read from elsewhere make the same prediction. */
void dq_batch_name(const struct dq_batch *batch, char (*ids)[DQ_ID_LEN]);

/* Sets what a prediction has of its record: members, others, time, values.
 * Valid until the batch is changed. */
void dq_batch_prediction(
    const struct dq_batch *batch, size_t row, struct dq_prediction *prediction);

/* The customer, as a key. */
struct dq_slice dq_batch_customer(const struct dq_batch *batch, size_t row);

/* Takes the last one out again. */
void dq_batch_drop(struct dq_batch *batch);

void dq_batch_clear(struct dq_batch *batch);

#endif
