/* A record as a row in COPY's text format, and back. */
#ifndef DQ_PORT_PG_ROW_H
#define DQ_PORT_PG_ROW_H

#include "port/pg_table.h"
#include "record/record.h"

#define DQ_PG_FIELDS_MAX 32

/* Appends the record as a row, newline included. Where it has no id of its
 * own, one is made: of the place it was read from, or, where the kind has
 * none, of what it says. */
void dq_pg_row_write(const struct dq_pg_table *table,
    const struct dq_record *record, struct dq_buf *out);

/* Splits a row (no newline) in place; the fields' bytes are unescaped, data is
 * NULL for a null. False when there are not `count` of them. */
bool dq_pg_row_split(
    char *row, size_t len, struct dq_slice *fields, size_t count);

/* The time in a field, as the database writes it with time zone UTC. */
bool dq_pg_row_time(struct dq_slice field, int64_t *time);

/* Appends the record of a row of all the table's columns, without newline. */
void dq_pg_row_read(const struct dq_pg_table *table,
    const struct dq_slice *fields, struct dq_buf *out);

#endif
