/* What is remembered about one customer, and how it is kept. */
#ifndef DQ_POLICY_CUSTOMER_H
#define DQ_POLICY_CUSTOMER_H

#include "base/map.h"
#include "policy/contact.h"
#include "record/record.h"

#define DQ_ID_TEXT 33 /* 32 hexadecimal digits and a NUL */

enum dq_consent { DQ_CONSENT_UNKNOWN, DQ_CONSENT_GIVEN, DQ_CONSENT_REFUSED };

/* A contact or held-out contact whose outcome is not known yet. */
struct dq_pending {
	char id[DQ_ID_TEXT];
	int64_t time; /* of the contact */
	int64_t due;
	double score;
	bool held_out;
};

/* An intervention that waits for a person. */
struct dq_awaiting {
	char id[DQ_ID_TEXT];
	int64_t due; /* expires then */
	int64_t priority;
	char *proposal; /* JSON of struct dq_proposal; heap */
};

struct dq_customer {
	/* profile */
	int64_t profile_time;	    /* DQ_TIME_NONE: no profile seen */
	uint32_t zone_name;	    /* number in dq_names, DQ_MAP_NONE: none */
	uint32_t language;	    /* likewise */
	const struct dq_zone *zone; /* NULL: none, or one nobody knows */
	uint8_t consent[DQ_CHANNELS];
	bool vulnerable, deleted;
	/* predictions */
	int32_t partition;
	int64_t last_time; /* DQ_TIME_NONE: none seen */
	double last_score;
	char last_id[DQ_ID_TEXT]; /* of the last decision */
	struct dq_contacts contacts;
	struct dq_pending *pending; /* by due */
	uint32_t pending_count;
	uint32_t awaiting_count;
	struct dq_awaiting *awaiting;
};

void dq_customer_init(struct dq_customer *customer);
void dq_customer_release(struct dq_customer *customer);

/* Takes the profile from a customer record, unless it is older than what is
 * known; `names` numbers the texts. False when it was older. */
bool dq_customer_profile(struct dq_customer *customer, struct dq_map *names,
    const struct dq_record *record);

void dq_customer_add_pending(
    struct dq_customer *customer, const struct dq_pending *pending);

/* Takes out the first outcome due at that time; false when there is none. */
bool dq_customer_take_pending(
    struct dq_customer *customer, int64_t due, struct dq_pending *out);

/* Takes the proposal's memory over. */
void dq_customer_add_awaiting(
    struct dq_customer *customer, const struct dq_awaiting *awaiting);

/* Takes out the review of that id, or (id NULL) the first due at that time;
 * the caller frees out->proposal. False when there is none. */
bool dq_customer_take_awaiting(struct dq_customer *customer, const char *id,
    int64_t due, struct dq_awaiting *out);

/* One row of the state, as JSON, and back; false with err set when the text
 * is no such row. */
void dq_customer_save(const struct dq_customer *customer,
    const struct dq_map *names, struct dq_buf *out);
bool dq_customer_load(struct dq_customer *customer, struct dq_map *names,
    struct dq_slice row, struct dq_err *err);

#endif
