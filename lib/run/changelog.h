/* --state of a topic's reader, kafka:TOPIC or a directory: which keys changed
 * since the last checkpoint, and the state of the partitions that were just
 * assigned. Rules 7 to 10 of
 * dq-stream(7). */
#ifndef DQ_RUN_CHANGELOG_H
#define DQ_RUN_CHANGELOG_H

#include "record/control.h"
#include "run/filter.h"
#include "run/tool.h"

struct dq_changelog;

typedef bool dq_changelog_put(
    void *context, const struct dq_control_state *row, struct dq_err *err);

/* NULL where the state is in no topic, and not in a directory while the input
 * is one; ends the program with 2 when the filter cannot have it. */
struct dq_changelog *dq_changelog_new(
    const struct dq_tool *tool, const struct dq_filter *filter);
void dq_changelog_free(struct dq_changelog *log);

/* A record of this customer was processed. */
void dq_changelog_touch(
    struct dq_changelog *log, struct dq_slice key, int32_t partition);

/* The filter says so: a key that is known already, or one that begins with '@'
 * and is of the partition of the record in hand. */
void dq_changelog_changed(void *log, struct dq_slice key);

/* Time moved in that partition: any of its customers may have changed. */
void dq_changelog_touch_all(struct dq_changelog *log, int32_t partition);

/* @assign: forgets everything, loads afresh. `waiting` is called meanwhile.
 * False with err set: the state is not that of the start offsets (75), or
 * cannot be read. */
bool dq_changelog_load(struct dq_changelog *log,
    const struct dq_control *assign,
    bool (*waiting)(void *context, struct dq_err *err), void *context,
    struct dq_err *err);

/* @checkpoint: calls put, or writes to the directory, with a row for every key
 * whose value changed, and for the offset of every partition that moved. */
bool dq_changelog_save(struct dq_changelog *log,
    const struct dq_control *checkpoint, dq_changelog_put *put, void *context,
    struct dq_err *err);

/* Is the state in a directory? */
bool dq_changelog_local(const struct dq_changelog *log);

/* Are there files that have grown so much that they should be written anew?
 * That may be done when what was saved last is committed and nothing was read
 * since. */
bool dq_changelog_grown(const struct dq_changelog *log);
bool dq_changelog_renew(struct dq_changelog *log, struct dq_err *err);

#endif
