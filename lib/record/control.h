/* Control lines: the marks that a source puts between the records of a
 * checkpointed pipeline (dq-stream(7)). They begin {"@ and belong to the
 * runner, never to a filter. */
#ifndef DQ_RECORD_CONTROL_H
#define DQ_RECORD_CONTROL_H

#include "base/err.h"
#include "record/json.h"

#define DQ_CONTROL_VERSION 1

enum dq_mark {
	DQ_MARK_BEGIN,
	DQ_MARK_ASSIGN,
	DQ_MARK_REVOKE,
	DQ_MARK_STATE,
	DQ_MARK_CHECKPOINT,
	DQ_MARK_END,
	DQ_MARK_PARTITION, /* {"@p":N}: where the next lines come from */
	DQ_MARK_OTHER,	   /* passed on unread */
};

struct dq_control {
	bool begun, ended;
	char run[64];
	int64_t seq;  /* of the last mark */
	bool records; /* set by the reader of the stream: a record came */
	/* What the last line read says: */
	enum dq_mark mark;
	/* The mark's value; NULL for DQ_MARK_PARTITION; not to be
	 * relied on for DQ_MARK_STATE (dq_control_state_read). */
	struct yyjson_val *body;
	int32_t partition;	/* of DQ_MARK_PARTITION */
	struct yyjson_doc *doc; /* ours: owns body until the next line */
};

static inline bool
dq_is_control(struct dq_slice line)
{
	return line.len > 3 && !memcmp(line.data, "{\"@", 3);
}

/* Reads a control line and holds it against the rules of the protocol: one
 * @begin before all else, one run, no gap in seq, nothing after @end. False
 * with err set when the line breaks one; its code is 2 for an unknown
 * protocol version, 75 for another fault. Before @begin every control line is
 * refused with code 65: on a plain stream no record may begin that way. */
bool dq_control_read(
    struct dq_control *control, struct dq_slice line, struct dq_err *err);

void dq_control_release(struct dq_control *control);

/* One partition in the lists of @assign and @checkpoint. */
struct dq_control_offset {
	struct dq_slice topic;
	int32_t partition;
	int64_t offset;
	bool committed; /* @assign: the group had a place there already */
};

/* Reads {"offsets":[["topic",0,17,true],...]} one by one:
 *     struct dq_json_iter iter = dq_control_offsets(control);
 *     while (dq_control_offset(&iter, &offset)) ... */
struct dq_json_iter dq_control_offsets(const struct dq_control *control);
bool dq_control_offset(
    struct dq_json_iter *iter, struct dq_control_offset *offset);

/* One row of a filter's state. */
struct dq_control_state {
	struct dq_slice tool, topic, key;
	int32_t partition;
	struct dq_slice value; /* data is NULL: the key is to be forgotten */
};

/* Reads an @state line. The row borrows from `doc` and `bytes`, the caller's
 * to release (dq_json_free, also of NULL). False with err set (75). */
bool dq_control_state_read(struct dq_slice line, struct dq_control_state *row,
    struct yyjson_doc **doc, struct dq_buf *bytes, struct dq_err *err);

/* The writing side: what a source prints. `body` is the JSON object behind the
 * mark's name; seq grows by one. Without a newline. */
void dq_control_write(struct dq_control *control, enum dq_mark mark,
    struct dq_slice body, struct dq_buf *out);

/* What a stateful filter adds, to the run of another: it has no seq. */
void dq_control_write_state(const struct dq_control *control,
    const struct dq_control_state *row, struct dq_buf *out);
void dq_control_write_partition(int32_t partition, struct dq_buf *out);

#endif
