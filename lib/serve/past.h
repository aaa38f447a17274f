/* The tables behind the server, which remember what it no longer does. A
 * thread asks them, one question after the other: the loop never waits. */
#ifndef DQ_SERVE_PAST_H
#define DQ_SERVE_PAST_H

#include "port/pg.h"

/* NULL stands for a server without --pg. */
struct dq_past;

/* A question, until it is forgotten. */
struct dq_past_job;

enum dq_past_state {
	DQ_PAST_WAITING,
	DQ_PAST_GOOD,
	DQ_PAST_AWAY,	 /* no database answers */
	DQ_PAST_REFUSED, /* by the database; its words went to standard error */
};

/* Connects, as long as the options say, and looks whether the tables are there
 * and may be written. NULL with err set: 2 or 75. */
struct dq_past *dq_past_open(
    const struct dq_pg_options *options, struct dq_err *err);

/* Calls `each` with the values of every row; a value is NULL where the column
 * is. Only before dq_past_start. False with err set. */
bool dq_past_each(struct dq_past *past, const char *sql,
    void (*each)(void *context, const char *const *values), void *context,
    struct dq_err *err);

/* Starts the thread; it calls `wake` whenever a question was answered. */
void dq_past_start(
    struct dq_past *past, void (*wake)(void *context), void *context);

/* Asks; `sql` must live as long as the program, values (at most 6) are copied.
 * NULL: the database is away, or too many wait: nothing was asked. */
struct dq_past_job *dq_past_ask(struct dq_past *past, const char *sql,
    int count, const struct dq_slice *values);

enum dq_past_state dq_past_look(
    struct dq_past *past, const struct dq_past_job *job);

/* Of a good one: its rows. */
size_t dq_past_rows(const struct dq_past_job *job);
const char *dq_past_value(
    const struct dq_past_job *job, size_t row, int column);

/* Whoever asked must call it, answered or not; it is asked all the same. */
void dq_past_forget(struct dq_past *past, struct dq_past_job *job);

/* False with err->text set: why it does not. True without --pg. */
bool dq_past_reachable(struct dq_past *past, struct dq_err *err);

/* Waits at most 5 s for what was asked. */
void dq_past_close(struct dq_past *past);

#endif
