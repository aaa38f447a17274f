/* What the room knows of one customer, and the steps of one day. */
#ifndef DQ_SIM_CUSTOMER_H
#define DQ_SIM_CUSTOMER_H

#include "base/random.h"
#include "base/time.h"
#include "sim/sim.h"

enum dq_sim_category {
	/* what habits.c plans, in the order of its table */
	DQ_SIM_GROCERIES,
	DQ_SIM_TRANSPORT,
	DQ_SIM_DINING,
	DQ_SIM_ENTERTAINMENT,
	DQ_SIM_SHOPPING,
	DQ_SIM_HEALTHCARE,
	DQ_SIM_EDUCATION,
	DQ_SIM_CASH,
	DQ_SIM_GAMBLING,
	DQ_SIM_HABITS, /* the number of them */
	DQ_SIM_LENDING_APP = DQ_SIM_HABITS,
	DQ_SIM_CASH_ADVANCE,
	DQ_SIM_RENT,
	DQ_SIM_UTILITIES,
	DQ_SIM_INSURANCE,
	DQ_SIM_LOAN,
	DQ_SIM_CARD,
	DQ_SIM_TRANSFER,
	DQ_SIM_SALARY,
	DQ_SIM_INCOME,
	DQ_SIM_BENEFIT,
	DQ_SIM_BONUS_PAY,
	DQ_SIM_PENALTY,
	DQ_SIM_OVERDRAFT_FEE,
	DQ_SIM_LATE_FEE,
	DQ_SIM_CATEGORIES,
};

enum dq_sim_channel {
	DQ_SIM_POS,
	DQ_SIM_ATM,
	DQ_SIM_ONLINE,
	DQ_SIM_MOBILE,
	DQ_SIM_BRANCH,
};

enum dq_sim_bill_type {
	DQ_SIM_LOAN_EMI,
	DQ_SIM_CREDIT_CARD,
	DQ_SIM_UTILITY_BILL,
	DQ_SIM_INSURANCE_BILL,
	DQ_SIM_RENT_BILL,
};

enum dq_sim_status {
	DQ_SIM_PENDING,
	DQ_SIM_PAID,
	DQ_SIM_PARTIAL,
	DQ_SIM_MISSED,
	DQ_SIM_LATE,
};

/* What happens to people. The harmful ones come first. */
enum dq_sim_cause {
	DQ_SIM_JOB_LOSS,
	DQ_SIM_ILLNESS,
	DQ_SIM_DIVORCE,
	DQ_SIM_GAMBLING_SHOCK,
	DQ_SIM_OVER_LENDING,
	DQ_SIM_HARMFUL, /* the number of harmful ones */
	DQ_SIM_HOLIDAY = DQ_SIM_HARMFUL,
	DQ_SIM_BONUS,
	DQ_SIM_JOB_CHANGE,
	DQ_SIM_CAUSES,
	DQ_SIM_NO_CAUSE = DQ_SIM_CAUSES,
};

#define DQ_SIM_BILLS 6
#define DQ_SIM_GRACE 5 /* days past due before an instalment is missed */
#define DQ_SIM_NEVER INT32_MAX

/* A monthly obligation and its current instance. */
struct dq_sim_bill {
	uint8_t type;	 /* enum dq_sim_bill_type */
	uint8_t due_day; /* 1-28 */
	uint8_t state;	 /* enum in bills.c */
	int8_t habit;	 /* paid by hand: days from the due date */
	bool autopay;
	bool seasonal; /* heating */
	uint16_t number;
	int32_t due, try_on; /* days */
	int64_t usual;	     /* minor units a month */
	int64_t owed;	     /* of this instance */
};

struct dq_sim_shock {
	uint8_t cause; /* enum dq_sim_cause */
	int32_t onset; /* day */
	int32_t ramp;  /* days from onset to its full force */
	int32_t turn;  /* day: income breaks (job lost, sick pay ends) */
	int32_t until; /* day: it begins to heal */
	double severity;
};

/* How today differs from a day without any shock; factors are 1 and sums 0
 * on such a day. */
struct dq_sim_strain {
	double stress; /* 0-1 */
	double income; /* factor on pay */
	double delay;  /* days that pay comes later */
	double discretionary, essential, health, cash; /* factors on spend */
	double gambling;			       /* stakes a day */
	double lending; /* loans from lending apps a day */
	double costs;	/* extra transfers out a day */
	double late;	/* days that bills are paid later */
	double novelty; /* factor on trying new merchants */
};

struct dq_sim_customer {
	struct dq_random random;
	uint32_t number;
	uint32_t transactions; /* so far */
	/* who it is */
	int64_t income; /* usual monthly pay, minor units */
	uint8_t salary_day;
	bool irregular;	    /* pay comes in pieces, on no fixed day */
	bool balance_shown; /* transactions carry balance_after */
	uint8_t benefit_day;
	int64_t benefit; /* monthly, 0: none */
	int64_t overdraft;
	int64_t cushion;    /* what is left on the account by habit */
	int64_t budget;	    /* a month's money for living */
	int32_t zone_shift; /* seconds east of UTC */
	double reaction;    /* how much stress shows in behaviour */
	double cash_taste, night_taste;
	double gambling_taste, lending_taste; /* a day, without any shock */
	double forgets; /* chance that a bill is paid much too late */
	double novelty; /* chance of a merchant outside the usual ones */
	/* how it stands */
	int64_t balance;
	int64_t reserve;    /* elsewhere: no record shows it */
	int64_t debt;	    /* to lending apps */
	int32_t pay_on;	    /* day the next pay comes */
	int32_t paid_on;    /* day the last one came */
	bool delayed;	    /* the pay day of this cycle has been put off */
	double mood, drift; /* AR(1), fast and slow */
	struct dq_sim_shock shock;
	struct dq_sim_bill bills[DQ_SIM_BILLS];
	uint8_t bill_count;
	bool below_zero; /* since the last overdraft fee */
	/* what the truth file says */
	uint8_t cause;	  /* enum dq_sim_cause: harmful ones only */
	uint8_t standing; /* bit i: good i observations ago */
	int32_t onset;
	int32_t first_missed; /* DQ_SIM_NEVER: not yet */
};

/* What is the same for everybody on a day. */
struct dq_sim_calendar {
	int64_t day;
	struct dq_date date;
	int weekday;		    /* 0 is Monday */
	double rate[DQ_SIM_HABITS]; /* by weekday and season */
	double heating;
};

/* Something a customer is going to do today. */
struct dq_sim_move {
	int32_t second; /* of the UTC day */
	uint8_t category, channel;
	bool credit;
	int8_t bill; /* index of the bill that it pays, or -1 */
	uint32_t merchant;
	int64_t amount;
};

#define DQ_SIM_MOVES 96

/* One customer's day in the making. */
struct dq_sim_day {
	const struct dq_sim_calendar *calendar;
	struct dq_sim_customer *customer;
	struct dq_sim_strain strain;
	struct dq_sim_move moves[DQ_SIM_MOVES];
	int count;
	struct dq_sim_events *out;
};

/* Events of one day, unsorted; grows. */
struct dq_sim_events {
	struct dq_sim_event *list;
	size_t count, cap;
};

/* A zeroed event at the end of the list. */
struct dq_sim_event *dq_sim_events_add(struct dq_sim_events *events);

/* customer.c: a new customer by seed and number, as of that day. */
void dq_sim_customer_init(struct dq_sim_customer *customer, uint64_t seed,
    uint32_t number, int64_t day);

/* shock.c: ends, begins and measures what befalls the customer. */
const char *dq_sim_cause_name(enum dq_sim_cause cause);
void dq_sim_shock_step(struct dq_sim_day *day);

/* income.c: pay, benefits, to and from savings. */
void dq_sim_plan_income(struct dq_sim_day *day);
int32_t dq_sim_next_pay(struct dq_sim_customer *customer, int64_t after);

/* habits.c: what is bought, withdrawn, staked and borrowed. */
void dq_sim_calendar_set(struct dq_sim_calendar *calendar, int64_t day);
void dq_sim_plan_habits(struct dq_sim_day *day);
uint32_t dq_sim_merchant(struct dq_sim_customer *customer,
    enum dq_sim_category category, double novelty);

/* bills.c: what is due; a payment attempt when its move comes; what the day's
 * end changes. */
void dq_sim_bills_init(struct dq_sim_customer *customer, int64_t day);
void dq_sim_plan_bills(struct dq_sim_day *day);
void dq_sim_pay_bill(struct dq_sim_day *day, const struct dq_sim_move *move);
/* Is an instalment unpaid on the evening of its due day, or later? */
bool dq_sim_overdue(const struct dq_sim_customer *customer, int64_t day);

/* day.c: the whole of one customer's day, into day->out. */
void dq_sim_day_run(struct dq_sim_day *day);
struct dq_sim_move *dq_sim_plan(struct dq_sim_day *day,
    enum dq_sim_category category, int64_t amount, int hour_low, int hour_high);
void dq_sim_book(
    struct dq_sim_day *day, const struct dq_sim_move *move, bool failed);

#endif
