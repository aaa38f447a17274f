/* Deciding again from what a decision carries, and comparing. */
#ifndef DQ_AUDIT_AGAIN_H
#define DQ_AUDIT_AGAIN_H

#include "base/map.h"
#include "record/record.h"

/* The line without its seal, where it has one; else as it is. Appended. */
void dq_buf_unsealed(struct dq_buf *buf, struct dq_slice line);

/* Appends the features record that a prediction (without seal) was made from,
 * byte for byte where dq-features wrote it: the snapshot is in the prediction,
 * and what dq-score did not know it passed on. */
void dq_buf_snapshot(struct dq_buf *buf, struct dq_slice prediction);

/* Decisions as they were, to be found by event_type, customer and event time.
 * Zeroed memory is an empty list; lines are borrowed. */
struct dq_decided {
	struct dq_map occasions;
	struct dq_decision_at {
		struct dq_slice line;
		uint32_t next; /* of the occasion; DQ_MAP_NONE: none */
	} * all;
	size_t count, cap;
	struct dq_decided_of {
		uint32_t first, last; /* of those not yet compared */
	} * of;			      /* by occasion */
	size_t of_cap;
	struct dq_buf key; /* scratch */
};

void dq_decided_release(struct dq_decided *decided);
void dq_decided_add(struct dq_decided *decided, struct dq_slice line);

/* The next one of the line's occasion, taken out; empty when there is none
 * left. */
struct dq_slice dq_decided_take(
    struct dq_decided *decided, struct dq_slice line);

/* The next one that nobody took; empty at the end. */
struct dq_slice dq_decided_left(struct dq_decided *decided, size_t *at);

/* Why two decisions of one occasion differ: "model", "policy", "input" (other
 * features, or a record that dq-features did not write), "decision" (of an
 * outcome: what it followed from), "program" when it is none of these; NULL
 * when they are the same bytes. */
const char *dq_decision_differs(struct dq_slice was, struct dq_slice is);

/* prediction_id or intervention_id as it stands in the line, quotes too. */
struct dq_slice dq_decision_id(struct dq_slice line);

#endif
