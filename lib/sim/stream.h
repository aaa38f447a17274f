/* The simulation from inside: shared by the files that make its stream. */
#ifndef DQ_SIM_STREAM_H
#define DQ_SIM_STREAM_H

#include "sim/customer.h"

struct dq_sim {
	struct dq_sim_options options;
	struct dq_sim_customer *customers;
	uint32_t profiles; /* given so far */
	int64_t day;	   /* being given */
	bool day_made;
	struct dq_sim_events events; /* of that day */
	uint64_t *order;	     /* second << 32 | index in events */
	size_t order_cap, next;
	struct dq_sim_event event; /* what the last call returned */
	struct dq_random random;   /* of dq_sim_random */
	bool random_ready;
	struct dq_buf labels;
};

/* truth.c: looks at everybody on the evening of sim->day. */
void dq_sim_observe(struct dq_sim *sim);

#endif
