/* Payments a customer owes: the statement in force about each, and what
 * follows from it (dq-catalogue(7), Payments). */
#ifndef DQ_FEATURES_PAYMENTS_H
#define DQ_FEATURES_PAYMENTS_H

#include "features/customer.h"

enum dq_payment_status { /* in the order in which they outrank each other */
	DQ_PAYMENT_PENDING,
	DQ_PAYMENT_LATE,
	DQ_PAYMENT_MISSED,
	DQ_PAYMENT_PARTIAL,
	DQ_PAYMENT_PAID,
};

struct dq_payment {
	uint64_t id;   /* hash */
	int64_t clock; /* event time, whole milliseconds */
	int64_t amount;
	int64_t paid_amount; /* INT64_MIN: not stated */
	int32_t due;
	int32_t paid_day; /* DQ_NO_DAY: not stated */
	int32_t day;	  /* of the statement */
	uint8_t status;
	bool utility;
	bool told; /* as overdue */
	bool spare_;
};

enum dq_statement {
	DQ_STATEMENT_IGNORED, /* not greater than the one in force */
	DQ_STATEMENT_NEW,     /* status differs from before, or none before */
	DQ_STATEMENT_SAME,    /* in force, its status as before */
	DQ_STATEMENT_DROPPED, /* in force, but not kept */
};

/* Takes a statement; N has been brought up to it. *evicted is set when a
 * payment had to make room. */
enum dq_statement dq_payments_add(
    struct dq_customer **c, const struct dq_payment *said, bool *evicted);

/* Drops payments whose due date and statement are both before N-97. */
void dq_payments_forget(struct dq_customer *c);

/* A pending payment due before T that was not told yet; tells all such. */
bool dq_payments_tell_overdue(struct dq_customer *c, int32_t T);

struct dq_payment_sums {
	int32_t due;	     /* payments due in the window */
	int32_t missed;	     /* with that status */
	int32_t part;	     /* paid in part */
	int32_t settled;     /* by T */
	int64_t shift;	     /* sum of paid less due day of the settled */
	int32_t utilities;   /* utility bills due */
	int64_t lateness;    /* sum of their days late */
	int64_t amount;	     /* sum due */
	int64_t outstanding; /* sum of what was not paid of it */
};

/* Payments due from..to as seen on T. */
struct dq_payment_sums dq_payments_sums(
    const struct dq_customer *c, int32_t from, int32_t to, int32_t T);

#endif
