/* The topics of a bank's pipeline: what dq-topics makes and checks, and where
 * a record of a kind belongs when several topics are written to. */
#ifndef DQ_PORT_TOPICS_H
#define DQ_PORT_TOPICS_H

#include "base/err.h"
#include "record/kind.h"

struct dq_topic {
	const char *name;
	int partitions;
	int days;	    /* of retention; 0: for ever */
	bool compact;	    /* cleanup.policy, else delete */
	uint32_t kinds;	    /* DQ_KIND_BITs that belong there */
	const char *groups; /* that read it, "a,b"; or NULL */
	int longest;	    /* message in bytes, 0: the broker's default */
};

/* The rows in order; a row without a name ends them. */
const struct dq_topic *dq_topics(void);

const struct dq_topic *dq_topic_find(const char *name);

/* The settings that a topic of the table has: names and values, at most
 * DQ_TOPIC_SETTINGS; the number of them. */
#define DQ_TOPIC_SETTINGS 4

struct dq_topic_setting {
	const char *name;
	char value[32];
};

size_t dq_topic_settings(const struct dq_topic *topic,
    struct dq_topic_setting settings[DQ_TOPIC_SETTINGS]);

/* A table from lines of {"name":"x","partitions":3,"days":7,"compact":false};
 * never freed. NULL with err set on a faulty line. */
const struct dq_topic *dq_topics_read(struct dq_slice text, struct dq_err *err);

#endif
