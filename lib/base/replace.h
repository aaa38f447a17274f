/* Files that are there whole or not at all. */
#ifndef DQ_BASE_REPLACE_H
#define DQ_BASE_REPLACE_H

#include "base/buf.h"
#include "base/err.h"

/* Writes it by a temporary file, fsync and rename; false with err set when
 * that failed. */
bool dq_file_replace(
    const char *path, struct dq_slice bytes, struct dq_err *err);

#endif
