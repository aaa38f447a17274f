/* All rows of a filter's state in one file, with a checksum. */
#ifndef DQ_RUN_SNAPSHOT_H
#define DQ_RUN_SNAPSHOT_H

#include "run/filter.h"

/* Writes the file and makes it durable; false with err set on failure. */
bool dq_snapshot_write(const char *path, const char *tool, const char *version,
    const struct dq_filter *filter, struct dq_err *err);

/* Gives every row to filter->load. Ends the program with 2 when the file is
 * of another version, with 70 when it is damaged. */
void dq_snapshot_read(
    const char *path, const char *version, const struct dq_filter *filter);

#endif
