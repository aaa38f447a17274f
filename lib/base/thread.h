/* Threads that no signal reaches: those are for the main one, whose waits must
 * end with them. */
#ifndef DQ_BASE_THREAD_H
#define DQ_BASE_THREAD_H

#include <pthread.h>

/* To be joined. Where the system gives no thread the program ends with 75;
 * `what` names what it was for. */
pthread_t dq_thread_start(
    const char *what, void *(*run)(void *context), void *context);

#endif
