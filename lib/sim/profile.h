/* What a customer's profile says that no behaviour depends on: drawn again
 * whenever it is wanted, so that it takes no memory. */
#ifndef DQ_SIM_PROFILE_H
#define DQ_SIM_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* A text is NULL where the bank does not know. */
struct dq_sim_profile {
	const char *time_zone; /* IANA */
	int32_t zone_shift;    /* its winter time, seconds east of UTC */
	const char *language;
	const char *account_type;
	int account_age; /* days */
	bool asked;	 /* for consent */
	bool phone, sms, email;
	bool vulnerable;
	bool income_known, salary_day_known, minimum_known;
};

struct dq_sim_profile dq_sim_profile(uint64_t seed, uint32_t number);

#endif
