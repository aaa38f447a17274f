/* How good scores are, once it is known what happened. */
#ifndef DQ_MODEL_EVALUATE_H
#define DQ_MODEL_EVALUATE_H

#include "base/buf.h"

/* One scored row. */
struct dq_scored {
	double score;	   /* a probability, 0 to 1 */
	uint32_t customer; /* dense number: rows of one are not independent */
	bool label;	   /* true: it happened */
};

struct dq_evaluate_options {
	int64_t replicates; /* of the bootstrap; 0: no interval */
	uint64_t seed;
	double share; /* of the rows that lift looks at, 0 to 1 */
};

/* NAN is "not known": a figure that needs both labels when there is only
 * one, an interval without replicates. */
struct dq_evaluation {
	size_t rows, positives, customers;
	double auc;		  /* ties count half */
	double auc_low, auc_high; /* 95 % percentile interval */
	double ks;		  /* greatest distance of the two ROC rates */
	double brier;		  /* mean squared error of the probability */
	double lift; /* rate among the highest `share`, over the rate of all */
	double share;
};

struct dq_calibration_bin {
	size_t rows;
	double low, high; /* scores in it */
	double predicted; /* mean score */
	double observed;  /* share of positives */
};

/* Sorts the rows by score, highest first, and fills `out`. The interval is of
 * a bootstrap over customers (Efron and Tibshirani 1993, 13.3; whole clusters
 * drawn, Field and Welsh 2007). Rows of equal score are never told apart: a
 * cut among them takes the same share of each label. */
void dq_evaluate(struct dq_scored *rows, size_t n,
    const struct dq_evaluate_options *options, struct dq_evaluation *out);

/* Divides rows sorted by dq_evaluate into `count` bins of equal size (to a
 * row), the lowest scores first. */
void dq_calibrate(const struct dq_scored *sorted, size_t n,
    struct dq_calibration_bin *bins, size_t count);

/* The evaluation as members of the object being written. */
void dq_buf_evaluation(struct dq_buf *buf, const struct dq_evaluation *e);

#endif
