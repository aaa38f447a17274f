/* Files that a tool reads whole: models, policies, labels, side tables. */
#ifndef DQ_RUN_FILES_H
#define DQ_RUN_FILES_H

#include "base/replace.h"
#include "record/record.h"

/* A whole file ("-" is standard input) into `out`, of at most `limit` bytes;
 * exit 2 naming the file when that cannot be. */
void dq_file_read(const char *path, size_t limit, struct dq_buf *out);

/* The same, but false with err set ("path: cannot read: ..."); `out` holds what
 * was read so far then. */
bool dq_file_load(
    const char *path, size_t limit, struct dq_buf *out, struct dq_err *err);

/* Calls `each` for every record of a file (or "-"), with the fields of these
 * kinds checked. A line that is no record ends the program with 65 and its
 * place. */
void dq_file_records(const char *path, uint32_t kinds,
    void (*each)(void *context, const struct dq_record *record), void *context);

/* Finds a file that ships with dq ("models/default.json"): in $DQ_SHARE, in
 * share/ beside the program's bin/ (or above it, in a build tree), where it
 * was installed. The path is to be freed; exit 2 when it is nowhere. */
char *dq_file_share(const char *name);

/* Holds the numbers 0 to 2 where the caller closed them, so that no file of
 * ours is taken for standard output. Reading or writing there fails. */
void dq_file_hold_standard(void);

#endif
