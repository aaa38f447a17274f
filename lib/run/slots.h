/* Numbers for the members of a group that start by themselves, such as the
 * replicas of a container: the lowest that nobody on this host holds. */
#ifndef DQ_RUN_SLOTS_H
#define DQ_RUN_SLOTS_H

#include "base/err.h"

#include <stdint.h>

#define DQ_SLOTS_MAX 1000

/* Claims a number by a locked file of that name in a directory (made if it is
 * not there) that all members share. It is held until the process dies,
 * however that happens; two claims of one process get two numbers. -1 with err
 * set when the directory cannot be used or all are taken. */
int64_t dq_slot_claim(const char *directory, struct dq_err *err);

#endif
