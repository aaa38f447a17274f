/* One day of one customer: exact sums, packed into a few bytes where they
 * rest and spread out where they are worked with. */
#ifndef DQ_FEATURES_DAY_H
#define DQ_FEATURES_DAY_H

#include "features/class.h"

#include <stdbool.h>
#include <stdint.h>

/* Money in minor units. Sums wrap beyond 2^63 rather than trap; an amount is
 * at most DQ_MONEY_LIMIT, so that takes 922 records of the greatest. */
#define DQ_MONEY_LIMIT INT64_C(10000000000000000)

enum dq_day_field {
	DQ_DAY_TRANSACTIONS, /* all of them, failed and foreign too */
	DQ_DAY_FAILED,	     /* failed debits */
	DQ_DAY_DEBITS,	     /* from here on: of those that count */
	DQ_DAY_ATMS,
	DQ_DAY_BILLS, /* debits of utilities, rent, insurance */
	DQ_DAY_FEES,
	DQ_DAY_INFLOW,
	DQ_DAY_ATM,
	DQ_DAY_TRANSFER,
	DQ_DAY_CLASS, /* DQ_CLASSES of them: spend by class */
	DQ_DAY_SUMS = DQ_DAY_CLASS + DQ_CLASSES,
	DQ_DAY_LARGEST = DQ_DAY_SUMS, /* debit; where there is one */
	DQ_DAY_BALANCE,		      /* the latest stated */
	DQ_DAY_DIP,		      /* latest less lowest stated */
	DQ_DAY_CLOCK, /* of the latest: ms since the day number * 24 h */
	DQ_DAY_FIELDS,
};

struct dq_day {
	int32_t day;
	bool stated; /* a balance is */
	int64_t field[DQ_DAY_FIELDS];
};

#define DQ_DAY_PACKED_MAX (8 + (DQ_DAY_FIELDS + 3) / 4 + 8 * DQ_DAY_FIELDS)
/* Bytes behind a packed day that dq_day_unpack may read, whatever they are. */
#define DQ_DAY_SLACK 8

/* Adds what `more` holds (the same day, at most one balance stated). */
void dq_day_merge(struct dq_day *day, const struct dq_day *more);

/* Packs into `out` (DQ_DAY_PACKED_MAX + DQ_DAY_SLACK bytes of room); the
 * bytes used. */
size_t dq_day_pack(const struct dq_day *day, uint8_t *out);

/* The number of a packed day, given any day less than 2^15 away from it. */
static inline int32_t
dq_day_packed_number(const uint8_t *packed, int32_t near)
{
	uint16_t number;

	memcpy(&number, packed + 2, 2);
	return near + (int16_t)(uint16_t)(number - (uint16_t)near);
}

/* Unpacks; the bytes read. */
size_t dq_day_unpack(const uint8_t *packed, int32_t near, struct dq_day *out);

/* Do these bytes begin with a well-formed packed day? */
bool dq_day_is_packed(const uint8_t *bytes, size_t count);

int64_t dq_day_spend(const struct dq_day *day);

static inline int64_t
dq_day_outflow(const struct dq_day *day)
{
	return (int64_t)((uint64_t)dq_day_spend(day) +
			 (uint64_t)day->field[DQ_DAY_TRANSFER]);
}

static inline int64_t
dq_day_class(const struct dq_day *day, enum dq_class class)
{
	return day->field[DQ_DAY_CLASS + class];
}

enum dq_sum {
	DQ_SUM_INFLOW,
	DQ_SUM_OUTFLOW,
	DQ_SUM_SPEND,
	DQ_SUM_DISCRETIONARY,
	DQ_SUM_ESSENTIAL,
	DQ_SUM_ATM,
	DQ_SUM_WEEKEND,
	DQ_SUM_LENDER,
	DQ_SUM_HOUSEHOLD,  /* rent, utilities */
	DQ_SUM_INSTALMENT, /* loan, card, insurance, rent */
	DQ_SUM_KINDS,
};

enum dq_count {
	DQ_COUNT_ACTIVE, /* days */
	DQ_COUNT_TRANSACTIONS,
	DQ_COUNT_FAILED,
	DQ_COUNT_DEBITS,
	DQ_COUNT_ATMS,
	DQ_COUNT_BILLS,
	DQ_COUNT_FEES,
	DQ_COUNT_SPARE_, /* keeps the array a whole number of words */
	DQ_COUNT_KINDS,
};

/* What is additive over days and asked for often. */
struct dq_sums {
	int64_t sum[DQ_SUM_KINDS];
	int32_t count[DQ_COUNT_KINDS];
};

/* The sums of one day; its active count is 1. */
void dq_sums_of_day(struct dq_sums *sums, const struct dq_day *day);

static inline void
dq_sums_add(struct dq_sums *to, const struct dq_sums *more)
{
	for (int i = 0; i < DQ_SUM_KINDS; i++)
		to->sum[i] =
		    (int64_t)((uint64_t)to->sum[i] + (uint64_t)more->sum[i]);
	for (int i = 0; i < DQ_COUNT_KINDS; i++)
		to->count[i] += more->count[i];
}

static inline void
dq_sums_subtract(struct dq_sums *from, const struct dq_sums *less)
{
	for (int i = 0; i < DQ_SUM_KINDS; i++)
		from->sum[i] =
		    (int64_t)((uint64_t)from->sum[i] - (uint64_t)less->sum[i]);
	for (int i = 0; i < DQ_COUNT_KINDS; i++)
		from->count[i] -= less->count[i];
}

#endif
