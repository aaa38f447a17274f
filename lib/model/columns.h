/* From a record's features object to a row of the model's columns. */
#ifndef DQ_MODEL_COLUMNS_H
#define DQ_MODEL_COLUMNS_H

#include "model/model.h"
#include "record/record.h"

struct dq_columns;

/* The model must live longer. */
struct dq_columns *dq_columns_new(const struct dq_model *model);
void dq_columns_free(struct dq_columns *columns);

/* Fills a row (as wide as the model): codes for the model, and
 * the values in double for people. A feature that is null or not there is NAN;
 * members that the model does not know are left out. False with err set when
 * a known one is neither number nor null or stands there twice, or when the
 * object has none of the model's features. */
bool dq_columns_read(struct dq_columns *columns, const struct dq_record *record,
    struct dq_code *row, double *values, struct dq_err *err);

#endif
