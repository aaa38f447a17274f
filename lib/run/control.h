/* Control lines: the marks that a source puts between the records of a
 * checkpointed pipeline (dq-stream(7)). They begin {"@ and belong to the
 * runner, never to a filter. */
#ifndef DQ_RUN_CONTROL_H
#define DQ_RUN_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

enum dq_mark {
	DQ_MARK_BEGIN,
	DQ_MARK_ASSIGN,
	DQ_MARK_REVOKE,
	DQ_MARK_STATE,
	DQ_MARK_CHECKPOINT,
	DQ_MARK_END,
	DQ_MARK_OTHER, /* passed on unread */
};

struct dq_control {
	bool begun, ended;
	char run[64];
	int64_t seq; /* of the last mark */
};

static inline bool
dq_is_control(struct dq_slice line)
{
	return line.len > 3 && !memcmp(line.data, "{\"@", 3);
}

/* Reads a control line and holds it against the rules of the protocol: one
 * @begin, one run, no gap in seq, nothing after @end. False with err set and
 * *code (2: an unknown protocol version; 75: another fault) when the line
 * breaks one. Before @begin every control line is refused with code 65: on a
 * plain stream no record may begin that way. */
bool dq_control_read(struct dq_control *control, struct dq_slice line,
    enum dq_mark *mark, enum dq_exit *code, struct dq_err *err);

#endif
