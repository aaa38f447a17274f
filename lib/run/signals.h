/* SIGTERM and SIGINT ask a tool to stop after what it has already read. */
#ifndef DQ_RUN_SIGNALS_H
#define DQ_RUN_SIGNALS_H

#include <signal.h>

void dq_signals_catch(void);

/* Set when the tool was asked to stop; the only global of the runner. */
extern volatile sig_atomic_t dq_signals_stop;

#endif
