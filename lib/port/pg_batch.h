/* Rows of one table on their way into it: in COPY's text format, each with the
 * line it was made of, so that a refused one can be told apart. */
#ifndef DQ_PORT_PG_BATCH_H
#define DQ_PORT_PG_BATCH_H

#include "port/pg_client.h"
#include "port/pg_row.h"

#define DQ_PG_FIRST_YEAR 1970
#define DQ_PG_MONTHS (230 * 12)

struct dq_pg_note {
	size_t row_end;	 /* in rows */
	size_t line_end; /* in lines, without newline */
	struct dq_place place;
	bool refused; /* told once */
};

struct dq_pg_batch {
	const struct dq_pg_table *table;
	struct dq_buf rows, lines;
	struct dq_pg_note *notes;
	size_t count, cap;
	bool months[DQ_PG_MONTHS]; /* from that year on: rows need it */
	/* Rows of earlier runs are in the way: go through a table of our own
	 * that leaves those out. */
	bool staged;
	int64_t skipped; /* rows of it that are there already */
	/* Rows on their way before the batch is full. */
	bool made[DQ_PG_MONTHS]; /* months that are there */
	bool open;		 /* COPY takes rows */
	size_t sent;		 /* bytes of them */
	struct dq_buf copy, stage, copy_stage, insert; /* statements */
};

/* What becomes of a refused row: false with err set ends the transaction. */
struct dq_pg_refused {
	bool (*row)(void *context, const struct dq_place *place,
	    struct dq_slice line, const char *why, struct dq_err *err);
	void *context;
};

void dq_pg_batch_init(
    struct dq_pg_batch *batch, const struct dq_pg_table *table);
void dq_pg_batch_release(struct dq_pg_batch *batch);
void dq_pg_batch_clear(struct dq_pg_batch *batch);

/* Adds a record. */
void dq_pg_batch_add(struct dq_pg_batch *batch, const struct dq_record *record);

/* Puts all rows into the table, inside the transaction that is open. False
 * with err set: client->fault says whether it is the database, or
 * DQ_PG_ROW when `refused` said stop: the rows before the refused one are
 * in. */
bool dq_pg_batch_put(struct dq_pg_batch *batch, struct dq_pg_client *client,
    const struct dq_pg_refused *refused, struct dq_err *err);

/* The same by and by, so that the server works while more rows are made: sends
 * those that it has not got yet. False with err set: the transaction is void,
 * and dq_pg_batch_put in another one finds out why. */
bool dq_pg_batch_send(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err);
/* Sends the rest and waits until all of them are in. */
bool dq_pg_batch_finish(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err);

#endif
