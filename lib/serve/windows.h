/* Figures of windows of event time, as dq-rollup makes them, of what the server
 * hears of and does: they go to the page, and to dashboard-updates where it
 * scores itself. */
#ifndef DQ_SERVE_WINDOWS_H
#define DQ_SERVE_WINDOWS_H

#include "serve/serve.h"

void dq_windows_open(struct dq_serve *serve);

/* One of DQ_ROLLUP_KINDS. One without a time is left out. */
void dq_windows_record(struct dq_serve *serve, const struct dq_record *record);
void dq_windows_tick(struct dq_serve *serve, const struct dq_record *tick);

/* Tells of every window that changed since it was told of; frees. */
void dq_windows_close(struct dq_serve *serve);

#endif
