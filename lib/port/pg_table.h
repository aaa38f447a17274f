/* Which table holds which kind of record, and which column which field. The
 * tables themselves are made by share/sql. */
#ifndef DQ_PORT_PG_TABLE_H
#define DQ_PORT_PG_TABLE_H

#include "base/buf.h"
#include "base/err.h"

#define DQ_PG_TABLES_MAX 16

enum dq_pg_type {
	DQ_PG_TEXT,
	DQ_PG_NUMBER,
	DQ_PG_INT,
	DQ_PG_TIME,
	DQ_PG_MIDNIGHT, /* a time that is written as a day at midnight */
	DQ_PG_FLAG,
	DQ_PG_JSON,   /* any value */
	DQ_PG_ID,     /* a text, made where the record has none */
	DQ_PG_EVENT,  /* the record's event time */
	DQ_PG_EXTRA,  /* the fields that have no column, as an object */
	DQ_PG_RECORD, /* the record byte for byte */
};

struct dq_pg_column {
	const char *name;
	/* The member of the record: "model.version", "top_features.0.feature";
	 * NULL: none of its own. */
	const char *field;
	enum dq_pg_type type;
};

struct dq_pg_table {
	const char *name;
	const char *event_type;
	const char *key;  /* of the primary key: its columns */
	const char *time; /* rows are read in this order; NULL: by id only */
	const char *id;
	bool monthly; /* a partition for each month of `time` */
	bool newest;  /* a newer record takes the place of an older one */
	const struct dq_pg_column *columns; /* ends with a NULL name */
};

/* NULL for a name that none has. */
const struct dq_pg_table *dq_pg_table_find(struct dq_slice name);

/* The table's number of columns; the number of one of them. */
size_t dq_pg_columns(const struct dq_pg_table *table);
size_t dq_pg_column(const struct dq_pg_table *table, const char *name);

/* Is there a column that holds the whole record? */
bool dq_pg_table_whole(const struct dq_pg_table *table);

/* "a,b" as tables, or "all"; 0 with err set when one is unknown. */
size_t dq_pg_tables(const char *list,
    const struct dq_pg_table *tables[DQ_PG_TABLES_MAX], struct dq_err *err);

/* Appends "a, b, c": its columns. */
void dq_pg_column_list(const struct dq_pg_table *table, struct dq_buf *out);

#endif
