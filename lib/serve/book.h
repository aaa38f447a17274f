/* What the server knows of each customer beside the features' state: profile,
 * latest prediction, scores by day, decisions; and the sums over all of them.
 * Built from records, in the order of their coming. */
#ifndef DQ_SERVE_BOOK_H
#define DQ_SERVE_BOOK_H

#include "record/record.h"
#include "rollup/effect.h"
#include "serve/decisions.h"
#include "serve/rank.h"
#include "serve/scores.h"

#define DQ_BOOK_DECISIONS 16 /* of one customer, the latest */
#define DQ_BOOK_BARS 20	     /* of the histogram of scores */
#define DQ_BOOK_TALLIES 4096 /* different texts that are counted */

struct dq_book_customer {
	char *profile;	  /* the record's line, or NULL */
	char *prediction; /* the latest one's line without features, or NULL */
	int64_t time;	  /* of the prediction; DQ_TIME_NONE */
	double score;	  /* NAN: never scored */
	enum dq_level level;
	uint32_t reason;   /* number in texts of what weighs most, or none */
	uint32_t decision; /* the newest, or DQ_MAP_NONE; it may have gone */
	char *assignment;  /* {"assigned_to":...}, or NULL */
	struct dq_scores scores;
};

struct dq_book {
	struct dq_map ids;
	struct dq_book_customer *customers; /* by number in ids */
	size_t cap;
	struct dq_rank rank;
	struct dq_decisions decisions;
	/* sums over customers that are scored */
	int64_t scored;
	int64_t levels[DQ_LEVELS];
	int64_t bars[DQ_BOOK_BARS];
	double score_sum;
	/* alerts of the day that event time is at */
	int32_t alert_day;
	int64_t alerts;
	int64_t updated; /* event time of the latest change */
	/* counted texts: decisions, channels, suppressors; first reasons of
	 * those who are HIGH or CRITICAL now */
	struct dq_map texts;
	struct dq_book_tally {
		int64_t decisions, channels, suppressors, reasons;
		uint32_t code; /* of a reason: number in texts + 1 */
	} * tallies;
	struct dq_effect effect;
	int64_t version; /* one more with each change */
	/* Who is expected, and who is to look after them. */
	struct dq_map expected;
	char **expected_json; /* by number; NULL: they came */
	size_t expected_cap;
};

/* Decisions are kept for so long of event time, in microseconds. */
void dq_book_init(struct dq_book *book, int64_t keep);
void dq_book_release(struct dq_book *book);

/* DQ_MAP_NONE: nothing is known of such a customer. */
uint32_t dq_book_find(const struct dq_book *book, struct dq_slice id);

static inline struct dq_slice
dq_book_id(const struct dq_book *book, uint32_t customer)
{
	return dq_map_key(&book->ids, customer);
}

/* A change of level by a prediction. */
struct dq_book_change {
	bool taken; /* false: a later prediction is known already */
	bool first; /* no score was known before */
	bool alert; /* newly HIGH or CRITICAL */
	enum dq_level before, now;
};

/* The text `key` of what weighs most in a prediction; empty: nothing does. */
struct dq_slice dq_book_top_reason(
    const struct dq_record *prediction, const char *key);

void dq_book_profile(struct dq_book *book, const struct dq_record *customer);
struct dq_book_change dq_book_prediction(
    struct dq_book *book, const struct dq_record *prediction);

/* False: this one is known already. */
bool dq_book_decide(struct dq_book *book, const struct dq_record *intervention);

/* False: no such decision is known (any more). */
bool dq_book_review(struct dq_book *book, const struct dq_record *review);

/* The decision on a customer that holds as of the latest change, `newest` being
 * the newest (or DQ_MAP_NONE). One that only says that an earlier one stands
 * gives way to that, while it is a review that is open, or a contact to come or
 * of the last 24 hours. */
uint32_t dq_book_in_force(const struct dq_book *book, uint32_t newest);

void dq_book_outcome(struct dq_book *book, const struct dq_record *outcome);

/* `json` is an object; it takes the place of the one before. */
void dq_book_assign(
    struct dq_book *book, uint32_t customer, struct dq_slice json);

/* The same of one who may not be known yet: it waits until then. */
void dq_book_expect(
    struct dq_book *book, struct dq_slice id, struct dq_slice json);

/* The score of `days` days before the latest prediction, or of the oldest that
 * is kept; NAN: none. */
double dq_book_score_before(const struct dq_book_customer *customer, int days);

#endif
