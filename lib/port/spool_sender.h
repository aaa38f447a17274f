/* The thread that takes entries of a spool to their topics, in order, with an
 * ordinary sink of its own. Whatever goes wrong there, it begins again behind
 * the last entry that is known to be delivered. */
#ifndef DQ_PORT_SPOOL_SENDER_H
#define DQ_PORT_SPOOL_SENDER_H

#include "port/kafka.h"
#include "port/spool.h"

struct dq_sender;

/* `topics` is "a,b". `stubborn`: also what waiting will hardly mend (no such
 * topic) is tried again and again; otherwise the sender has failed then. All
 * but `topics` must outlive it. */
struct dq_sender *dq_sender_open(struct dq_spool *spool,
    const struct dq_kafka *kafka, const char *topics,
    const struct dq_kafka_options *options, bool stubborn);

/* Does a broker answer? As of now, also while there is nothing to send. */
bool dq_sender_reachable(const struct dq_sender *sender);

/* True with err set when no waiting will mend it. */
bool dq_sender_failed(struct dq_sender *sender, struct dq_err *err);

/* Ends and frees it: when all is delivered, or `more` says no. It is asked now
 * and then; NULL: no. False with err set when the sender had failed. */
bool dq_sender_close(struct dq_sender *sender,
    bool (*more)(void *context, const struct dq_sender *sender), void *context,
    struct dq_err *err);

#endif
