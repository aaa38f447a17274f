/* What a rule proposes for a prediction, and the records written about it. */
#ifndef DQ_POLICY_PROPOSAL_H
#define DQ_POLICY_PROPOSAL_H

#include "policy/customer.h"
#include "record/out.h"

/* All texts are borrowed: from the policy, the prediction or a document. */
struct dq_proposal {
	struct dq_slice rule;
	struct dq_slice type;
	int channel;
	int64_t priority;
	struct dq_slice message; /* its name */
	bool adverse;
	bool hold_out;	   /* may be held out */
	int64_t cool_down; /* microseconds */
	double score;
	struct dq_slice level;
	struct dq_slice reasons; /* JSON array */
	bool explained;		 /* a reason has a code or a sentence */
	struct dq_slice prediction_id;
	struct dq_slice source; /* of the prediction, JSON; or empty */
};

/* From the rule that matched. `reasons` keeps the bytes of the array. */
void dq_proposal_make(struct dq_proposal *proposal,
    const struct dq_policy *policy, const struct dq_rule *rule,
    const struct dq_record *prediction, struct dq_buf *reasons);

/* As a review keeps it, and back; the document's texts are borrowed and
 * `reasons` keeps the bytes of the array and of the source. */
void dq_proposal_save(const struct dq_proposal *proposal, struct dq_buf *out);
bool dq_proposal_load(struct dq_proposal *proposal, struct yyjson_val *json,
    struct dq_buf *reasons);

struct dq_verdict {
	int decision; /* enum dq_decision */
	/* DQ_ACT: now; DQ_DEFER: later; DQ_HOLD_OUT: when it would have been */
	int64_t contact_time;
	char by[80]; /* DQ_SUPPRESS: what stopped it */
	const char *status;
};

/* An intervention record. */
struct dq_intervention {
	char id[DQ_ID_TEXT];
	int64_t time;
	struct dq_slice customer_id;
	struct dq_slice language;   /* the customer's, or empty */
	bool zone_assumed;	    /* the customer's is not known */
	struct dq_slice review_of;  /* the pending one it answers, or empty */
	struct dq_slice by, reason; /* of the review */
};

/* The id: a hash of customer, time, `cause` (prediction_id or the reviewed
 * intervention's id), policy, and the `kind` of decision. */
void dq_intervention_name(struct dq_intervention *intervention,
    const struct dq_policy *policy, struct dq_slice cause, const char *kind);

void dq_intervention_write(const struct dq_intervention *intervention,
    const struct dq_proposal *proposal, const struct dq_verdict *verdict,
    const struct dq_policy *policy, struct dq_out *out);

/* An outcome record; `after` is NAN when no prediction came since. */
void dq_outcome_write(const struct dq_pending *pending,
    struct dq_slice customer_id, double after, const struct dq_policy *policy,
    struct dq_out *out);

#endif
