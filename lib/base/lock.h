/* Sole ownership on this machine, for as long as a descriptor is open. An owner
 * that was killed a moment ago may not be gone yet, as when a supervisor dies
 * and is started again: it is waited for, two seconds at most. */
#ifndef DQ_BASE_LOCK_H
#define DQ_BASE_LOCK_H

#include <stdbool.h>

/* Of the open file. False with errno set; EWOULDBLOCK: another process has
 * it. */
bool dq_lock_file(int fd);

/* Of a name, of which the first 100 bytes or so count: the descriptor, or -1
 * with errno set; EADDRINUSE: another process has it. */
int dq_lock_name(const char *name);

#endif
