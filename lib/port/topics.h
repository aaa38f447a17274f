/* The topics of a bank's pipeline: what dq-topics makes and checks, and where
 * a record of a kind belongs when several topics are written to. */
#ifndef DQ_PORT_TOPICS_H
#define DQ_PORT_TOPICS_H

#include "record/kind.h"

struct dq_topic {
	const char *name;
	int partitions;
	int days;	/* of retention; 0: for ever */
	bool compact;	/* cleanup.policy, else delete */
	uint32_t kinds; /* DQ_KIND_BITs that belong there */
};

/* The rows in order; a row without a name ends them. */
const struct dq_topic *dq_topics(void);

const struct dq_topic *dq_topic_find(const char *name);

#endif
