#include "port/topics.h"

static const struct dq_topic topics[] = {
    {"transactions-stream", 3, 7, false,
	DQ_KIND_BIT(DQ_KIND_TRANSACTION) | DQ_KIND_BIT(DQ_KIND_PAYMENT) |
	    DQ_KIND_BIT(DQ_KIND_TICK)},
    {"predictions-stream", 3, 30, false, DQ_KIND_BIT(DQ_KIND_PREDICTION)},
    {"interventions-stream", 2, 90, false,
	DQ_KIND_BIT(DQ_KIND_INTERVENTION) | DQ_KIND_BIT(DQ_KIND_OUTCOME) |
	    DQ_KIND_BIT(DQ_KIND_REVIEW)},
    {"customer-updates", 2, 30, true, DQ_KIND_BIT(DQ_KIND_CUSTOMER)},
    {"dashboard-updates", 1, 1, false, DQ_KIND_BIT(DQ_KIND_DASHBOARD)},
    {"dead-letters", 3, 30, false, DQ_KIND_BIT(DQ_KIND_DEAD_LETTER)},
    {"dq-state-features", 3, 0, true, 0},
    {"dq-state-intervene", 3, 0, true, 0},
    {0},
};

const struct dq_topic *
dq_topics(void)
{
	return topics;
}

const struct dq_topic *
dq_topic_find(const char *name)
{
	for (const struct dq_topic *topic = topics; topic->name; topic++)
		if (!strcmp(topic->name, name))
			return topic;
	return NULL;
}
