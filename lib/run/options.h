/* The options that tools share. */
#ifndef DQ_RUN_OPTIONS_H
#define DQ_RUN_OPTIONS_H

#include "run/tool.h"

/* Those that the tool has by what it is, with values in tool->common; to be
 * freed. */
struct dq_opt *dq_options_shared(struct dq_tool *tool);

/* A line of dq.conf may name an option that only other tools have. */
bool dq_options_known(const char *name);

#endif
