/* From what a model says to a probability that holds in its population: fitted
 * on held-out customers and kept in the model's card. */
#ifndef DQ_MODEL_CALIBRATION_H
#define DQ_MODEL_CALIBRATION_H

#include "base/buf.h"
#include "base/err.h"

struct yyjson_val;

enum dq_calibration_method {
	DQ_CALIBRATION_NONE,
	DQ_CALIBRATION_PLATT,
	DQ_CALIBRATION_ISOTONIC,
};

/* Zeroed memory leaves probabilities as they are. */
struct dq_calibration {
	enum dq_calibration_method method;
	/* Platt 1999: p = 1 / (1 + exp(-(slope * margin + offset))) */
	double slope, offset;
	/* Isotonic regression: points of the model's own probability and the
	 * one that holds, both ascending; straight lines between. */
	size_t count;
	double *scores, *probabilities;
};

/* Reads {"method":"platt","slope":...,"offset":...} or {"method":"isotonic",
 * "scores":[...],"probabilities":[...]}; no value is none. False with err set;
 * nothing is then to be released. */
bool dq_calibration_read(struct yyjson_val *value,
    struct dq_calibration *calibration, struct dq_err *err);
void dq_calibration_release(struct dq_calibration *calibration);

/* The calibrated probability; never falls where the model's own rises. */
double dq_calibration_apply(const struct dq_calibration *calibration,
    double margin, double probability);

/* Appends "calibration: ..." and a newline; nothing without one. */
void dq_calibration_describe(
    const struct dq_calibration *calibration, struct dq_buf *out);

#endif
