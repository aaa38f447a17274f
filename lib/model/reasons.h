/* Which features made a score what it is, in words: ranking, codes, sentences
 * of one language (share/reasons), and the sentence that sums them up. */
#ifndef DQ_MODEL_REASONS_H
#define DQ_MODEL_REASONS_H

#include "model/model.h"
#include "record/kind.h"

struct dq_reason {
	uint32_t column;
	int64_t millionths; /* of margin; above 0 raises the risk */
};

/* A margin or contribution in whole millionths, half away from zero. What is
 * printed and compared is this, so that all machines agree. */
int64_t dq_millionths(double value);

/* The `limit` largest contributions by size, ties by column; 0 is none.
 * Returns how many were put into top. */
size_t dq_reasons_rank(
    const double *phi, size_t width, size_t limit, struct dq_reason *top);

/* Texts for one model's features. */
struct dq_reasons;

/* Reads a language file:
 *     {"language": "en",
 *      "explanation": {"raised": "raised by ", "lowered": ..., "and": ...,
 *          "unknown": " (not known)", "decimal": ".",
 *          "levels": {"LOW": "Low risk", ...}},
 *      "unknown": {"before": ..., "up": ..., "down": ...},
 *      "features": {"NAME": {"code": ..., "topic": ..., "up": SENTENCE,
 *          "down": SENTENCE}, ...}}
 * The reason of a value that is not known is "before TOPIC up" or down.
 * A feature of the model that the file does not have gets its own name as
 * text; *missing counts them. NULL with err set when the file is none. */
struct dq_reasons *dq_reasons_new(struct dq_slice json,
    const struct dq_model *model, size_t *missing, struct dq_err *err);
void dq_reasons_free(struct dq_reasons *reasons);

/* The array of top_features: feature, value (by column; NAN is null),
 * contribution, direction, code, reason. */
void dq_buf_reasons(struct dq_buf *buf, const struct dq_reasons *reasons,
    const struct dq_reason *top, size_t count, const double *values);

/* The one sentence, as a JSON string: level, score, what raised it, what
 * lowered it. */
void dq_buf_explanation(struct dq_buf *buf, const struct dq_reasons *reasons,
    enum dq_level level, double score, const struct dq_reason *top,
    size_t count, const double *values);

#endif
