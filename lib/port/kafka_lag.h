/* How far consumer groups are behind. */
#ifndef DQ_PORT_KAFKA_LAG_H
#define DQ_PORT_KAFKA_LAG_H

#include "port/kafka.h"

struct dq_kafka_lags;

/* One partition of one group. Numbers that are not to be had are -1. */
struct dq_kafka_lag {
	const char *group; /* the caller's */
	char *topic;	   /* NULL: the group has none that we can see */
	int32_t partition;
	bool reader;	   /* a member has it, or the group is just dividing */
	int64_t committed; /* the offset that the group goes on from */
	int64_t end;	   /* read_committed readers come as far as this */
	int64_t messages;  /* that such a reader has before it */
	int64_t pending;   /* offsets behind end: an open transaction's, and
			      what waits for it */
	int64_t time;	   /* microseconds: the first record that the group has
			      not got past, pending ones too; DQ_TIME_NONE */
	char why[160];	   /* where something is not to be had */
};

/* Waits for a broker as --timeout says. NULL with err set. */
struct dq_kafka_lags *dq_kafka_lags_open(
    const struct dq_kafka_options *options, struct dq_err *err);
void dq_kafka_lags_close(struct dq_kafka_lags *lags);

/* The names of all groups of the cluster, to be freed by the caller. */
bool dq_kafka_lags_groups(struct dq_kafka_lags *lags, char ***groups,
    size_t *count, struct dq_err *err);

/* Appends a group's rows, at least one, by topic and partition. False with err
 * set when the brokers do not answer, or forbid it (75). */
bool dq_kafka_lags_look(struct dq_kafka_lags *lags, const char *group,
    struct dq_kafka_lag **rows, size_t *count, struct dq_err *err);
void dq_kafka_lags_free(struct dq_kafka_lag *rows, size_t count);

#endif
