/* The pipeline inside the server: records become features, features become
 * predictions, predictions become decisions, by the same code and in the same
 * order as `dq-features | dq-score | dq-intervene`. */
#ifndef DQ_SERVE_DESK_H
#define DQ_SERVE_DESK_H

#include "assets/scoring_files.h"
#include "features/features.h"
#include "policy/engine.h"

struct dq_desk_options {
	struct dq_scoring_paths paths;
	struct dq_prediction_form form; /* levels, number of reasons */
	const char *policy;		/* NULL: policies/default.json */
	bool allow_unapproved;
	bool scores;  /* what a trigger asks for */
	bool decides; /* on those predictions */
};

struct dq_desk {
	const struct dq_desk_options *options;
	struct dq_features features;
	struct dq_scoring scoring;
	struct dq_policy *policy;
	struct dq_engine *engine;
	/* Called with every record that is made, in the order of making. */
	void (*made)(void *context, const struct dq_record *record);
	void *context;
	struct dq_reader *readers[2]; /* of features, of what follows */
	struct dq_out features_out, predictions_out, decisions_out;
};

/* False with err set where files are missing or wrong. */
bool dq_desk_open(struct dq_desk *desk, const struct dq_desk_options *options,
    struct dq_err *err);
void dq_desk_close(struct dq_desk *desk);

/* What a desk works with. */
struct dq_desk_files {
	struct dq_scoring scoring;
	struct dq_policy *policy;
};

/* Reads model, card, texts and policy, in any thread. False with err set, and
 * nothing is to be released. */
bool dq_desk_read(const struct dq_desk_options *options,
    struct dq_desk_files *files, struct dq_err *err);
void dq_desk_files_release(struct dq_desk_files *files);

/* Works with these from here on, and frees those before; consumes them. False
 * with err set: what was there before still holds. */
bool dq_desk_take(
    struct dq_desk *desk, struct dq_desk_files *files, struct dq_err *err);

/* A transaction, payment, customer, tick or features record. False with err
 * set when it cannot be taken. */
bool dq_desk_record(
    struct dq_desk *desk, const struct dq_record *record, struct dq_err *err);

/* A review of a decision that is pending here; false with err set when none
 * is. */
bool dq_desk_pending(const struct dq_desk *desk, struct dq_slice id);
bool dq_desk_review(
    struct dq_desk *desk, const struct dq_record *review, struct dq_err *err);

/* The prediction for a customer as of `time` (DQ_TIME_NONE: as of the latest
 * record). The line is valid until the next call, and only with DQ_KNOWN. Tells
 * nobody. */
enum dq_known dq_desk_predict(struct dq_desk *desk, struct dq_slice id,
    int64_t time, struct dq_slice *line);

/* The figures of a customer as of the latest record: an object, valid until
 * the next call. False: nothing is known. */
bool dq_desk_features(
    struct dq_desk *desk, struct dq_slice id, struct dq_slice *json);

/* The prediction for a line that is a features record. False with err set when
 * it is none. */
bool dq_desk_score(struct dq_desk *desk, struct dq_slice features,
    struct dq_slice *line, struct dq_err *err);

/* Decides on a prediction by the policy, whatever the options say. */
bool dq_desk_decide(
    struct dq_desk *desk, struct dq_slice prediction, struct dq_err *err);

#endif
