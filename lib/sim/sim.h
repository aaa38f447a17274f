/* Simulated bank customers: a stream of events in event-time order, the same
 * for the same options on every machine. Pure: no I/O, no clock. */
#ifndef DQ_SIM_SIM_H
#define DQ_SIM_SIM_H

#include "base/buf.h"
#include "record/kind.h"

/* How many transactions a customer makes in a day, about. */
#define DQ_SIM_DAILY 1.45

struct dq_sim_options {
	uint64_t seed;
	int64_t first_day;  /* days since 1970 */
	int64_t days;	    /* 0: without end */
	uint32_t customers; /* at least 1 */
	bool ticks;	    /* one at the end of each day */
	bool labels;	    /* keep what dq_sim_labels gives */
};

/* Something that happened. Which members count depends on kind. */
struct dq_sim_event {
	int64_t time; /* microseconds since 1970 */
	uint32_t customer;
	uint8_t kind; /* CUSTOMER, TRANSACTION, PAYMENT or TICK */
	/* transaction */
	uint8_t category; /* enum dq_sim_category */
	uint8_t channel;  /* enum dq_sim_channel */
	bool credit;
	bool failed;
	bool balance_known;
	uint32_t merchant; /* 0: none */
	int64_t balance_after;
	/* payment */
	uint8_t bill;	      /* which of the customer's bills */
	uint8_t type;	      /* enum dq_sim_bill_type */
	uint8_t status;	      /* enum dq_sim_status */
	int64_t due, paid_on; /* days; paid_on 0: not paid */
	int64_t paid;
	/* both */
	int64_t amount; /* minor units */
	uint32_t number;
};

struct dq_sim;

struct dq_sim *dq_sim_new(const struct dq_sim_options *options);
void dq_sim_free(struct dq_sim *sim);

/* The next event, or NULL when the days are over: every customer's profile
 * first, then by time, ties by customer. Valid until the next call. */
const struct dq_sim_event *dq_sim_next(struct dq_sim *sim);

/* The event as one JSON object, without a newline. */
void dq_sim_write(const struct dq_sim *sim, const struct dq_sim_event *event,
    struct dq_buf *out);

/* "C000001"; text holds it, and the slice is of text. */
struct dq_slice dq_sim_customer_id(uint32_t customer, char text[16]);

/* A transaction at that time by a customer of whom nothing but habits is
 * asked: what `dq-simulate live` sends. Not to be mixed with dq_sim_next
 * once that has given all profiles. */
const struct dq_sim_event *dq_sim_random(struct dq_sim *sim, int64_t time);

/* Lines that have become known since the last call, moved to the end of out:
 *     {"event_type":"label","event_time":T,"customer_id":C,"label":0|1}
 * one per customer and week, from the eighth week on, while the customer is
 * in good standing: no loan or card instalment missed so far, none due and
 * unpaid at T. 1: the first missed one falls due in the 30 days after T. A
 * label is known six weeks after T. */
void dq_sim_labels(struct dq_sim *sim, struct dq_buf *out);

/* {"event_type":"truth","event_time":NOW,"customer_id":C,"cause":...,
 * "onset":day,"first_missed":day}, a line per customer. Cause and onset are
 * those of the shock under which the first instalment was missed, else of
 * the last harmful one; null where there is none. */
void dq_sim_truth(const struct dq_sim *sim, struct dq_buf *out);

#endif
