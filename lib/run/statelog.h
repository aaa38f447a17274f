/* --state DIR from a topic: the state of each partition as a file of rows that
 * only grows, until it is written anew. A row of the key "@offset" ends what
 * was saved together; a hash behind it shows that it is whole. The group's
 * committed offset says up to which of them the file counts: what was saved but
 * never committed is cut off. */
#ifndef DQ_RUN_STATELOG_H
#define DQ_RUN_STATELOG_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct dq_statelog;

/* What the rows depend on; others than those of a file that is there are
 * refused with 2. */
struct dq_statelog_names {
	const char *tool, *version, *topic, *group;
};

/* Makes the directory and takes its lock; ends the program with 2 when that
 * cannot be. The names must outlive it. */
struct dq_statelog *dq_statelog_open(
    const char *path, const struct dq_statelog_names *names);
void dq_statelog_close(struct dq_statelog *log);

/* Gives all rows of a partition up to the "@offset" row of that value to
 * `row` (an empty value: the key is forgotten), in the order of their writing,
 * and cuts the file there. offset -1: the group has committed nothing. False
 * with err set: the file is not of that offset (2), or cannot be read (74). */
bool dq_statelog_load(struct dq_statelog *log, int32_t partition,
    int64_t offset,
    bool (*row)(void *context, int32_t partition, struct dq_slice key,
	struct dq_slice value, struct dq_err *err),
    void *context, struct dq_err *err);

/* Adds a row. One of "@offset" says that all rows so far belong to it, and is
 * durable with them when this returns. */
bool dq_statelog_put(struct dq_statelog *log, int32_t partition,
    struct dq_slice key, struct dq_slice value, struct dq_err *err);

/* Has the file grown so much that it should be written anew? (DQ_STATE_LARGE
 * in the environment: bytes below which it is not, 64 MiB.) */
bool dq_statelog_large(const struct dq_statelog *log, int32_t partition);

/* Begins a new file, to which all rows are put again; their "@offset" puts it
 * in the place of the old one. Only when what was put last is committed. */
bool dq_statelog_renew(
    struct dq_statelog *log, int32_t partition, struct dq_err *err);

/* Closes the files: they are loaded before they are written again. */
void dq_statelog_forget(struct dq_statelog *log);

#endif
