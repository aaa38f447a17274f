/* Two sets of predictions of the same occasions: what another model, or
 * another time, would have said. */
#ifndef DQ_MODEL_COMPARE_H
#define DQ_MODEL_COMPARE_H

#include "base/err.h"
#include "base/map.h"
#include "record/record.h"

#define DQ_COMPARE_BINS 10

/* What is kept of a prediction. */
struct dq_compared {
	double score;
	uint64_t reason; /* of the strongest one's code, a hash; 0: none */
	int level;
};

/* Zeroed memory has seen nothing. */
struct dq_compare {
	struct dq_map occasions; /* of the predictions before */
	struct dq_map times;	 /* how often each was seen now */
	struct dq_compared *before;
	size_t before_cap;
	double *now; /* all scores */
	size_t now_count, now_cap;
	struct dq_buf key; /* scratch */
	/* of the matched ones */
	int64_t matched;
	int64_t levels[DQ_LEVELS][DQ_LEVELS]; /* before, now */
	int64_t other_reason;
	double change, absolute, greatest; /* sums; the greatest |change| */
	int64_t *seen;			   /* ours: of each occasion's key */
	size_t seen_cap;
};

/* The findings. */
struct dq_comparison {
	int64_t matched, only_before, only_now;
	int64_t other_level, other_reason;
	double mean_change, mean_absolute, greatest; /* NAN: none matched */
	double psi; /* NAN: one side is empty */
};

void dq_compare_release(struct dq_compare *compare);

/* Takes a prediction of the first set, then all of the second: matched by
 * customer, event time and trigger; the second of the same with the second.
 * False with err set when its score or level cannot be read. */
bool dq_compare_before(struct dq_compare *compare,
    const struct dq_record *record, struct dq_err *err);
bool dq_compare_now(struct dq_compare *compare, const struct dq_record *record,
    struct dq_err *err);

/* The population stability index is the sum over tenths of the first set's
 * scores of (q - p) ln(q / p), p and q being the shares of the two sets in it
 * (Siddiqi 2006, Credit Risk Scorecards, ch. 9); an empty share counts as half
 * a row. */
void dq_compare_finish(struct dq_compare *compare, struct dq_comparison *out);

#endif
