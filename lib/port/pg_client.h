/* One connection of libpq: made and waited for, statements run without
 * blocking the process, and what a failure means. */
#ifndef DQ_PORT_PG_CLIENT_H
#define DQ_PORT_PG_CLIENT_H

#include "port/pg.h"

#include <postgresql/libpq-fe.h>

enum dq_pg_fault {
	DQ_PG_NONE,
	DQ_PG_AWAY,  /* the connection or the server is gone, or busy: later */
	DQ_PG_ROW,   /* the database refuses what it was given */
	DQ_PG_FATAL, /* anything else: no such table, not allowed */
};

struct dq_pg_client {
	PGconn *conn; /* NULL: not connected */
	const struct dq_pg_options *options;
	/* Called again and again while the server lets us wait; false with err
	 * set gives up. NULL: just waits. */
	bool (*waiting)(void *context, struct dq_err *err);
	void *context;
	enum dq_pg_fault fault;	  /* of the last failure */
	char state[6];		  /* its SQLSTATE, or empty */
	int64_t down_since, told; /* steady clock; 0: it answers */
};

void dq_pg_client_init(
    struct dq_pg_client *client, const struct dq_pg_options *options);
void dq_pg_client_close(struct dq_pg_client *client);

/* Connects unless connected, as long as --timeout says. False with err set:
 * wrong settings (2), no database (75). */
bool dq_pg_connect(struct dq_pg_client *client, struct dq_err *err);

/* After a failure that is DQ_PG_AWAY: drops the connection and makes another.
 * False with err set when the time is up. */
bool dq_pg_again(struct dq_pg_client *client, struct dq_err *err);

/* Runs one statement, or, without arguments, several. True with the last
 * result in *result (may be NULL) to be cleared by the caller; false with
 * client->fault and err set, its text the database's own words. */
bool dq_pg_run(struct dq_pg_client *client, PGresult **result,
    struct dq_err *err, const char *sql, int count, const char *const *values);

static inline bool
dq_pg_do(struct dq_pg_client *client, const char *sql, struct dq_err *err)
{
	return dq_pg_run(client, NULL, err, sql, 0, NULL);
}

/* COPY ... FROM STDIN: `rows` in COPY's text format. */
bool dq_pg_copy(struct dq_pg_client *client, const char *sql,
    struct dq_slice rows, struct dq_err *err);

/* The same in parts: dq_pg_do begins it. Rows are not waited for: what the
 * server does not take yet is libpq's to hold and to send with the next. */
bool dq_pg_copy_put(
    struct dq_pg_client *client, struct dq_slice rows, struct dq_err *err);
bool dq_pg_copy_end(struct dq_pg_client *client, struct dq_err *err);

/* COPY ... TO STDOUT: begins; then a row at a time, without its newline, valid
 * until the next call. 1: a row, 0: no more, -1: failed, with err set. */
bool dq_pg_copy_out(
    struct dq_pg_client *client, const char *sql, struct dq_err *err);
int dq_pg_copy_row(struct dq_pg_client *client, char **row,
    struct dq_slice *line, struct dq_err *err);

/* What a SQLSTATE means; an empty one: nobody answers. */
enum dq_pg_fault dq_pg_fault_of(const char *state);

/* Ours, for pg_client.c and pg_connect.c. The database's own words on one line
 * into err, what they mean into client->fault; returns false. */
bool dq_pg_say(
    struct dq_pg_client *client, const char *text, struct dq_err *err);
/* To be called while nothing comes; false with err set: give up. */
bool dq_pg_look_around(struct dq_pg_client *client, struct dq_err *err);

/* 'text' quoted for a statement. */
void dq_pg_quote(
    struct dq_pg_client *client, struct dq_slice text, struct dq_buf *out);

#endif
