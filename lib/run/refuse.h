/* What becomes of a line that is no record: one clear message, and by
 * --on-bad the end, nothing more, or a dead letter with its exact bytes. */
#ifndef DQ_RUN_REFUSE_H
#define DQ_RUN_REFUSE_H

#include "port/sink.h"
#include "run/tool.h"

struct dq_refuse {
	int on_bad; /* enum dq_on_bad */
	struct dq_sink *letters;
	int64_t count;
	bool unsynced; /* letters were written since the last sync */
};

/* Opens --dlq where it is given, a topic beside `sink` where that is one; ends
 * the program with 74 or the port's code when it cannot. */
void dq_refuse_init(
    struct dq_refuse *refuse, const struct dq_tool *tool, struct dq_sink *sink);

/* Deals with a refused line. False: the run must end with 65 (--on-bad stop)
 * or, with *code set, with another. */
bool dq_refuse_line(struct dq_refuse *refuse, const struct dq_place *place,
    struct dq_slice line, const char *why, enum dq_exit *code);

/* Makes the dead letters so far durable; false with err set on failure. */
bool dq_refuse_sync(struct dq_refuse *refuse, struct dq_err *err);

/* The same, and closes. */
bool dq_refuse_close(struct dq_refuse *refuse, struct dq_err *err);

#endif
