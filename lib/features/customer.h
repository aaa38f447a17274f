/* What is kept of one customer: a block of memory that grows, a fixed head
 * and behind it parts of changing length. About 1.7 KB at 30 active days.
 *
 * A function that takes `struct dq_customer **` may move the block: pointers
 * into it die, *c is the new place. */
#ifndef DQ_FEATURES_CUSTOMER_H
#define DQ_FEATURES_CUSTOMER_H

#include "features/day.h"

#include <stddef.h>

#define DQ_KEPT_DAYS 98 /* N-97 to N: T-7 looks back 90 days more */
#define DQ_LATE_DAYS 90 /* a record this much before N is accepted */
#define DQ_NO_DAY INT32_MIN
#define DQ_SALARIES_KEPT 12
#define DQ_PAYMENTS_KEPT 32
#define DQ_MERCHANTS_KEPT 256

enum dq_part {
	DQ_PART_DAYS,	   /* packed days, ascending */
	DQ_PART_SEEN,	   /* uint64_t: hashes of ids, a ring */
	DQ_PART_MERCHANTS, /* struct dq_merchant */
	DQ_PART_PAYMENTS,  /* struct dq_payment, in order of arrival */
	DQ_PART_SALARIES,  /* struct dq_salary, ascending */
	DQ_PART_MONTHS,	   /* struct dq_month, ascending */
	DQ_PARTS,
};

/* Windows whose sums run along with N. */
enum dq_window { DQ_WINDOW_30, DQ_WINDOW_90, DQ_WINDOW_7, DQ_WINDOWS };

struct dq_customer {
	uint32_t begin[DQ_PARTS + 1]; /* bytes from the head's begin */
	uint32_t used[DQ_PARTS];      /* bytes */

	int32_t newest; /* N; DQ_NO_DAY without an accepted record */
	int32_t first;	/* F */
	int32_t active; /* newest active day */
	int32_t credit; /* newest day with a credit */
	int32_t told_salary;
	int32_t told_silent;
	int32_t payments_until; /* no payment goes before N-97 passes it */
	uint32_t place;		/* in the order of first appearance */
	int32_t partition;
	int64_t newest_time; /* greatest event time of N's records */

	/* The level before the first kept day, N-97 or F. */
	int64_t base_level;
	int64_t monthly_income;
	int64_t minimum_balance;

	uint16_t currency;  /* number of its text, 0: none yet */
	uint16_t seen_head; /* next place of the ring */
	uint8_t digits;
	uint8_t salary_day;  /* 0: not stated */
	uint8_t every;	     /* accepted transactions modulo 10 */
	bool base_known : 1; /* base_level is a level, not a difference */
	bool opening : 1;    /* a profile has stated the opening balance */
	bool has_income : 1;
	bool has_minimum : 1;
	bool day_open : 1; /* N still owes its daily record */

	/* From here on: what follows from the packed days and runs along. */
	bool level_known : 1; /* level is one, not a difference */
	int32_t largest_day;
	int64_t level;		    /* of N; without N base_level */
	int64_t largest;	    /* debit of DQ_WINDOW_30; -1: none */
	uint32_t last;		    /* where the newest packed day begins */
	uint32_t edge[DQ_WINDOWS];  /* where a window's first day begins */
	int64_t week_discretionary; /* of DQ_WINDOW_7 */
	struct dq_sums window[2];   /* of DQ_WINDOW_30 and _90 */
};

struct dq_customer *dq_customer_new(void);
void dq_customer_free(struct dq_customer *c);

static inline void *
dq_customer_part(const struct dq_customer *c, enum dq_part part)
{
	return (char *)c + c->begin[part];
}

/* Makes room for `more` bytes behind those in use (which it does not count
 * as used yet); where the part begins now. */
void *dq_customer_room(
    struct dq_customer **c, enum dq_part part, uint32_t more);

/* Replaces `old` bytes at offset `at` of a part by room for `new` ones and
 * counts them as used; where that room is. */
void *dq_customer_splice(struct dq_customer **c, enum dq_part part, uint32_t at,
    uint32_t old, uint32_t new);

/* Bytes of memory it takes. */
static inline size_t
dq_customer_size(const struct dq_customer *c)
{
	return c->begin[DQ_PARTS] + DQ_DAY_SLACK;
}

/* The first day still kept as a day, N-97 or F. */
static inline int32_t
dq_customer_kept_from(const struct dq_customer *c)
{
	int32_t kept = c->newest - DQ_KEPT_DAYS + 1;

	return kept > c->first ? kept : c->first;
}

/* The most recent customer's money fields in other digits, toward 0. */
int64_t dq_money_rescale(int64_t amount, int from, int to);

#endif
