/* Users' jq programs (libjq): conditions and maps over JSON values. Not for
 * hot paths. Integers above 2^53 are rounded by jq: use on copies only. */
#ifndef DQ_RECORD_JQ_H
#define DQ_RECORD_JQ_H

#include "base/buf.h"
#include "base/err.h"

struct dq_jq;

/* Compiles; NULL with err set (jq's own words) on a faulty program. */
struct dq_jq *dq_jq_new(const char *text, struct dq_err *err);
void dq_jq_free(struct dq_jq *jq);

/* Runs it over one JSON text. *yes: its first result is neither false nor
 * null (no result is no). False with err set when the text is no JSON or
 * the program ends in an error. */
bool dq_jq_test(
    struct dq_jq *jq, struct dq_slice json, bool *yes, struct dq_err *err);

/* Runs it and appends each result as compact JSON and a newline. */
bool dq_jq_map(struct dq_jq *jq, struct dq_slice json, struct dq_buf *out,
    struct dq_err *err);

#endif
