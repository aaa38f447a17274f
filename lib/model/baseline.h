/* What a scorer's contributions are counted from, from a file: the rows that
 * customers are compared with. */
#ifndef DQ_MODEL_BASELINE_H
#define DQ_MODEL_BASELINE_H

#include "model/background.h"
#include "model/scorer.h"

#define DQ_BASELINE_BYTES (256u << 20) /* of the file */

/* Reads NDJSON, features or prediction records (others are left out), and
 * makes their features the background of the scorer's model: base and
 * contributions, how records name it, and their ids, are of these from here
 * on. At most DQ_BACKGROUND_LIMIT rows. Comes after dq_model_use_double.
 * False with err set to the line and what is wrong with it. */
bool dq_baseline_use(
    struct dq_scorer *scorer, struct dq_slice ndjson, struct dq_err *err);

/* Appends "baseline: ..." and a newline. */
void dq_baseline_describe(const struct dq_scorer *scorer, struct dq_buf *out);

#endif
