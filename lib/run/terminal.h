/* What the place that we write to can show, by the environment. */
#ifndef DQ_RUN_TERMINAL_H
#define DQ_RUN_TERMINAL_H

#include <stdbool.h>

/* COLUMNS where that is a number from 40 to 1000, else 80. */
int dq_terminal_columns(void);

/* Does the locale write UTF-8? */
bool dq_terminal_utf8(void);

/* Is the descriptor a terminal that takes colours, and NO_COLOR not set? */
bool dq_terminal_colour(int fd);

#endif
