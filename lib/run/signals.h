/* SIGTERM and SIGINT ask a tool to stop after what it has already read; SIGHUP
 * to read its files again. */
#ifndef DQ_RUN_SIGNALS_H
#define DQ_RUN_SIGNALS_H

#include <signal.h>

void dq_signals_catch(void);

/* SIGHUP sets dq_signals_reload from here on. */
void dq_signals_catch_reload(void);

/* Set when the tool was asked to stop, and to read its files again; the only
 * globals of the runner. */
extern volatile sig_atomic_t dq_signals_stop, dq_signals_reload;

#endif
