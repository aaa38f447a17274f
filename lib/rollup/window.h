/* What is counted in a window of event time, and the dashboard record that
 * tells it. */
#ifndef DQ_ROLLUP_WINDOW_H
#define DQ_ROLLUP_WINDOW_H

#include "rollup/effect.h"
#include "rollup/tally.h"

#define DQ_SCORE_UNITS                                                         \
	1000000 /* scores are whole millionths: sums are exact                 \
		 */

/* Customers by the level of their latest prediction. */
struct dq_standing {
	int64_t customers[DQ_LEVELS];
	int64_t score_sum; /* of their scores, in DQ_SCORE_UNITS */
};

enum dq_verdict_by_person { DQ_APPROVED, DQ_OVERRIDDEN, DQ_VERDICTS };

/* Zeroed memory with `start` set is an empty window. */
struct dq_window {
	int64_t start;
	int64_t revision;	     /* of the next record about it */
	bool changed;		     /* since the last one */
	struct dq_standing standing; /* at the window's end */
	int64_t predictions;
	int64_t alerts[DQ_LEVELS]; /* of HIGH and CRITICAL */
	struct dq_tally reasons;   /* "code\tfeature" of what raised the risk */
	struct dq_tally decisions; /* "decision\tchannel" */
	struct dq_tally suppressors;
	int64_t reviews[DQ_VERDICTS];
	struct dq_effect effect;
};

void dq_window_release(struct dq_window *window);

/* Counts a prediction's reasons, an intervention, an outcome or a review. The
 * caller sees to predictions, alerts and the standing. */
void dq_window_add(struct dq_window *window, const struct dq_record *record);

/* What a record about a window says beside its figures. */
struct dq_window_place {
	int64_t event_time;
	int64_t length;	       /* of the window */
	struct dq_slice topic; /* empty: none */
	int32_t partition;     /* -1: none */
	int64_t late;	       /* records left out so far */
	int64_t top;	       /* reasons named at most */
};

/* Appends the dashboard record. */
void dq_window_write(const struct dq_window *window,
    const struct dq_window_place *place, struct dq_buf *out);

/* A window as a row of the state: JSON. Load replaces the window, which holds
 * nothing before; false with err set, and an empty window, on a faulty row. */
void dq_window_save(const struct dq_window *window, struct dq_buf *out);
bool dq_window_load(
    struct dq_window *window, struct dq_slice row, struct dq_err *err);

/* A standing as a member of such a row, {"LOW":N,...,"sum":N}. */
void dq_standing_save(
    const struct dq_standing *standing, const char *key, struct dq_buf *out);
bool dq_standing_load(struct dq_standing *standing, struct yyjson_val *row);

#endif
