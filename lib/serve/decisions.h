/* Decisions of all customers, by number and by id, oldest first. They stand on
 * shelves of limited size and span, and an old shelf goes as a whole: what
 * names a decision of it names none from then on. */
#ifndef DQ_SERVE_DECISIONS_H
#define DQ_SERVE_DECISIONS_H

#include "base/map.h"
#include "policy/policy.h"

#define DQ_SHELF 16384	   /* decisions of one */
#define DQ_SHELVES_KEPT 16 /* at least, where none is full */

/* What a decision gives way to. */
enum dq_gives_way {
	DQ_WAY_STANDS,	/* nothing */
	DQ_WAY_REVIEW,	/* a review that is open */
	DQ_WAY_CONTACT, /* a contact that was made or is to come */
};

/* A decision of the policy, and what a person said of it. */
struct dq_book_decision {
	char *line; /* the record; NULL: one of too many, dropped */
	uint32_t length;
	char *review; /* the latest review record, or NULL */
	uint32_t customer;
	uint32_t older; /* of the same customer; DQ_MAP_NONE: none */
	int64_t time;
	int64_t contact; /* when it is to be made: at once, or not before */
	enum dq_decision decision; /* DQ_DECISIONS: another */
	enum dq_gives_way way;
};

struct dq_shelf {
	struct dq_map ids;
	struct dq_book_decision *decisions;
	uint32_t cap;
	int64_t from, to; /* times of its first and its latest */
};

/* Zeroed memory with `keep` set has none. */
struct dq_decisions {
	struct dq_shelf *shelves; /* oldest first */
	uint32_t count;
	uint32_t first; /* shelves that have gone */
	int64_t keep;	/* microseconds; 0: for ever */
	uint32_t own;	/* ids that were made up */
};

void dq_decisions_release(struct dq_decisions *decisions);

/* Frees what the decision holds. */
void dq_decision_drop(struct dq_book_decision *decision);

/* NULL for DQ_MAP_NONE and for one that has gone; valid until the next add. */
struct dq_book_decision *dq_decisions_get(
    const struct dq_decisions *decisions, uint32_t number);
struct dq_slice dq_decisions_id(
    const struct dq_decisions *decisions, uint32_t number);

/* DQ_MAP_NONE: no such id. */
uint32_t dq_decisions_find(
    const struct dq_decisions *decisions, struct dq_slice id);

/* A number for a decision with that id, or where it is empty one of its own;
 * all of it but the time is yet to be set. DQ_MAP_NONE: the id is known. */
uint32_t dq_decisions_add(
    struct dq_decisions *decisions, struct dq_slice id, int64_t time);

/* The one that came before this, or before any (DQ_MAP_NONE): the newest. */
uint32_t dq_decisions_before(
    const struct dq_decisions *decisions, uint32_t number);

/* Event time has come to `now`: what is older than `keep`, and some beside it
 * of the same shelf not yet, goes. */
void dq_decisions_prune(struct dq_decisions *decisions, int64_t now);

/* DQ_DECISIONS where none is called that. */
enum dq_decision dq_decision_named(struct dq_slice name);

#endif
