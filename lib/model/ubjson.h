/* UBJSON (Universal Binary JSON, draft 12), as XGBoost writes its models in:
 * optimised arrays, floats of four bytes, big-endian. */
#ifndef DQ_MODEL_UBJSON_H
#define DQ_MODEL_UBJSON_H

#include "base/buf.h"
#include "base/err.h"

/* Do these bytes begin as an object of UBJSON does, and one of JSON not? */
bool dq_ubjson_is(struct dq_slice bytes);

/* Appends the one value that `bytes` are as JSON text, so that it has one
 * reader: floats in the shortest of nine digits that reads back the same, one
 * that is no number as null. False with err set: what is wrong at which
 * byte. */
bool dq_ubjson_to_json(
    struct dq_slice bytes, struct dq_buf *json, struct dq_err *err);

#endif
