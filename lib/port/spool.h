/* A queue of lines on disk: what cannot go to its topic now waits here, in
 * order, until it can. One thread at a time appends and one takes.
 *
 * In the directory: "lock" (one owner), segments of entries with checksums
 * (spool_segment.h), and "position", replaced whole: up to where entries were
 * delivered. An entry survives the death of the process as soon as it is put,
 * and that of the machine once it is synced, which happens every 100 ms and
 * whenever dq_spool_sync is called. What was delivered just before a death is
 * taken again: at least once. */
#ifndef DQ_PORT_SPOOL_H
#define DQ_PORT_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

#define DQ_SPOOL_LIMIT (INT64_C(1) << 30)
#define DQ_SPOOL_LIMIT_MIN (INT64_C(1) << 20)

struct dq_spool;

struct dq_spool_entry {
	struct dq_slice topic; /* empty: where its kind goes */
	struct dq_slice key;   /* customer_id, or empty */
	struct dq_slice line;  /* without a newline */
	int32_t partition;     /* -1: by the key */
};

enum dq_spool_put { DQ_SPOOL_OK, DQ_SPOOL_FULL, DQ_SPOOL_FAILED };

/* `to` says what the entries are for: a spool that holds some for another
 * purpose is refused. `limit`: bytes that may wait. What a crash tore is cut
 * off with a line that says so, and kept beside. NULL with err set: another
 * process has it, or it is for something else (2), it cannot be read (74). */
struct dq_spool *dq_spool_open(
    const char *directory, const char *to, int64_t limit, struct dq_err *err);

/* The thread that takes must have ended. Makes all durable; false with err set
 * when that failed. */
bool dq_spool_close(struct dq_spool *spool, struct dq_err *err);

/* Appends all of them or none. FULL: the limit (unless they `must` go in), or
 * the disk's end, is reached; the first time a line says so. FAILED: err is
 * set. */
enum dq_spool_put dq_spool_put(struct dq_spool *spool,
    const struct dq_spool_entry *entries, size_t count, bool must,
    struct dq_err *err);

/* All that was put is on the disk. */
bool dq_spool_sync(struct dq_spool *spool, struct dq_err *err);

/* Wait at most so long (ms) until there may be room, something to take. */
void dq_spool_wait_room(struct dq_spool *spool, int ms);
void dq_spool_wait_entry(struct dq_spool *spool, int ms);

/* The next entry, valid until the next call; false when there is none, or,
 * with err->text not empty, when it cannot be read. */
bool dq_spool_take(
    struct dq_spool *spool, struct dq_spool_entry *entry, struct dq_err *err);

/* All that was taken was delivered. "position" is written not more often than
 * every 200 ms, unless `now`. */
bool dq_spool_deliver(struct dq_spool *spool, bool now, struct dq_err *err);

/* What was taken and not delivered is taken again. */
void dq_spool_rewind(struct dq_spool *spool);

/* What waits. */
struct dq_spool_figures {
	int64_t records, bytes, limit;
};
struct dq_spool_figures dq_spool_figures(struct dq_spool *spool);

const char *dq_spool_directory(const struct dq_spool *spool);

#endif
