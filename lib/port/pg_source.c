#include "port/pg_source.h"

#include "base/mem.h"
#include "base/time.h"
#include "port/pg_client.h"
#include "port/pg_row.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE 20000 /* rows that are asked for at once */

/* One table, a page at a time: no statement and no snapshot stays open while
 * the records go their way, however slow. */
struct reader {
	const struct dq_pg_table *table;
	size_t time, id, columns; /* places among the columns */
	struct dq_buf page;	  /* rows, newlines included */
	size_t at;
	size_t rows;		      /* of the last page */
	struct dq_buf pg_time, pg_id; /* key of the last row of it */
	bool begun, ended;
	struct dq_slice fields[DQ_PG_FIELDS_MAX]; /* the row at hand */
	int64_t moment;				  /* its time */
	bool ready;
};

struct pg_source {
	struct dq_source source;
	struct dq_pg_client client;
	const struct dq_pg_options *options;
	struct reader *readers;
	size_t count;
	char *name; /* "pg:a,b" */
	struct dq_buf line;
	struct reader *last; /* that the line came from */
	struct dq_buf after; /* place behind it */
};

static void
put_bound(struct pg_source *p, const char *column, const char *how,
    int64_t time, struct dq_buf *sql)
{
	if (time == DQ_TIME_NONE)
		return;
	dq_buf_printf(sql, " AND %s %s '", column, how);
	dq_buf_time(sql, time);
	dq_buf_byte(sql, '\'');
	(void)p;
}

/* The next rows by time and id; of a table without a time by id. */
static void
make_query(struct pg_source *p, const struct reader *r, struct dq_buf *sql)
{
	const struct dq_pg_table *t = r->table;

	dq_buf_str(sql, "COPY (SELECT ");
	dq_pg_column_list(t, sql);
	dq_buf_printf(sql, " FROM %s WHERE true", t->name);
	if (t->time) {
		put_bound(p, t->time, ">=", p->options->since, sql);
		put_bound(p, t->time, "<", p->options->until, sql);
	}
	if (r->begun) {
		dq_buf_printf(sql, " AND (%s%s%s) > (", t->time ? t->time : "",
		    t->time ? ", " : "", t->id);
		if (t->time) {
			dq_pg_quote(&p->client, dq_buf_view(&r->pg_time), sql);
			dq_buf_str(sql, ", ");
		}
		dq_pg_quote(&p->client, dq_buf_view(&r->pg_id), sql);
		dq_buf_byte(sql, ')');
	}
	dq_buf_printf(sql, " ORDER BY %s%s%s LIMIT %d) TO STDOUT",
	    t->time ? t->time : "", t->time ? ", " : "", t->id, PAGE);
}

static bool
read_page(struct pg_source *p, struct reader *r, struct dq_err *err)
{
	struct dq_buf sql = {0};
	struct dq_slice line;
	char *row;
	int got = -1;

	make_query(p, r, &sql);
	r->page.len = r->at = r->rows = 0;
	if (dq_pg_copy_out(&p->client, dq_buf_text(&sql), err))
		while (
		    (got = dq_pg_copy_row(&p->client, &row, &line, err)) > 0) {
			dq_buf_slice(&r->page, line);
			dq_buf_byte(&r->page, '\n');
			r->rows++;
			PQfreemem(row);
		}
	dq_buf_release(&sql);
	return got == 0;
}

/* A page is whole or it was not read: what is given out has no gap. */
static bool
next_page(struct pg_source *p, struct reader *r)
{
	struct dq_err err;

	while (!read_page(p, r, &err)) {
		if (p->client.fault == DQ_PG_AWAY &&
		    dq_pg_again(&p->client, &err))
			continue;
		p->source.err = err;
		return false;
	}
	r->ended = r->rows < PAGE;
	return true;
}

static void
keep(struct dq_buf *buf, struct dq_slice bytes)
{
	buf->len = 0;
	dq_buf_slice(buf, bytes);
}

static bool
bad_row(struct pg_source *p, struct reader *r)
{
	return dq_err_code(&p->source.err, DQ_EXIT_BROKEN,
	    "pg:%s: a row that is not as asked for", r->table->name);
}

/* Makes the next row ready; r->ready stays false at the end. */
static bool
next_row(struct pg_source *p, struct reader *r)
{
	char *row, *end;

	if (r->at == r->page.len && !r->ended && !next_page(p, r))
		return false;
	if (r->at == r->page.len)
		return true;
	row = r->page.data + r->at;
	end = memchr(row, '\n', r->page.len - r->at);
	if (!dq_pg_row_split(row, (size_t)(end - row), r->fields, r->columns))
		return bad_row(p, r);
	r->at += (size_t)(end - row) + 1;
	r->moment = INT64_MIN;
	if (r->table->time) {
		dq_pg_row_time(r->fields[r->time], &r->moment);
		keep(&r->pg_time, r->fields[r->time]);
	}
	keep(&r->pg_id, r->fields[r->id]);
	r->begun = r->ready = true;
	return true;
}

/* Of the tables' next rows the earliest; of equals that of the first table. */
static struct reader *
earliest(struct pg_source *p)
{
	struct reader *best = NULL;

	for (size_t i = 0; i < p->count; i++) {
		struct reader *r = &p->readers[i];

		if (!r->ready && !next_row(p, r))
			return NULL;
		if (r->ready && (!best || r->moment < best->moment))
			best = r;
	}
	return best;
}

/* Where the next run can go on. */
static void
note_place(struct pg_source *p, const struct reader *r)
{
	p->after.len = 0;
	if (r->table->time)
		dq_buf_time(&p->after, r->moment);
	dq_buf_byte(&p->after, ',');
	dq_buf_slice(&p->after, r->fields[r->id]);
}

static void
give(struct pg_source *p, struct reader *r, struct dq_slice *line)
{
	size_t last = r->columns - 1;

	p->line.len = 0;
	if (dq_pg_table_whole(r->table) && r->fields[last].data)
		dq_buf_slice(&p->line, r->fields[last]);
	else
		dq_pg_row_read(r->table, r->fields, &p->line);
	note_place(p, r);
	r->ready = false;
	p->source.place.line++;
	p->source.place.offset++;
	*line = dq_buf_view(&p->line);
}

/* A person may want to go on from here. */
static enum dq_got
leave(struct pg_source *p, enum dq_got got)
{
	if (p->count == 1 && p->after.len)
		dq_warn(
		    p->name, "go on with --after '%s'", dq_buf_text(&p->after));
	return got;
}

static enum dq_got
next(struct dq_source *source, struct dq_slice *line)
{
	struct pg_source *p = (struct pg_source *)source;
	struct reader *r;

	if (source->stop && *source->stop)
		return leave(p, DQ_GOT_STOP);
	if (p->options->count && source->place.line >= p->options->count)
		return DQ_GOT_END;
	source->err.code = DQ_EXIT_OK;
	*source->err.text = 0;
	r = earliest(p);
	if (!r)
		return *source->err.text ? leave(p, DQ_GOT_FAIL) : DQ_GOT_END;
	give(p, r, line);
	return DQ_GOT_LINE;
}

static void
close_source(struct dq_source *source)
{
	struct pg_source *p = (struct pg_source *)source;

	for (size_t i = 0; i < p->count; i++) {
		dq_buf_release(&p->readers[i].page);
		dq_buf_release(&p->readers[i].pg_time);
		dq_buf_release(&p->readers[i].pg_id);
	}
	dq_pg_client_close(&p->client);
	dq_buf_release(&p->line);
	dq_buf_release(&p->after);
	free(p->readers);
	free(p->name);
	free(p);
}

static const struct dq_source_kind kind = {.next = next, .close = close_source};

/* --after "TIME,ID" */
static bool
set_after(struct pg_source *p, struct dq_err *err)
{
	const char *after = p->options->after;
	const char *comma = after ? strchr(after, ',') : NULL;
	struct reader *r = &p->readers[0];
	int64_t time;

	if (!after)
		return true;
	if (p->count != 1 || !comma ||
	    (r->table->time &&
		!dq_time_parse(
		    (struct dq_slice){after, (size_t)(comma - after)}, &time)))
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "--after: wants one table and its place \"TIME,ID\"");
	keep(&r->pg_time, (struct dq_slice){after, (size_t)(comma - after)});
	keep(&r->pg_id, DQ_SLICE(comma + 1));
	r->begun = true;
	return true;
}

static void
set_readers(struct pg_source *p, const struct dq_pg_table **list, size_t count)
{
	p->readers = dq_calloc(count, sizeof(*p->readers));
	p->count = count;
	for (size_t i = 0; i < count; i++) {
		struct reader *r = &p->readers[i];

		r->table = list[i];
		r->columns = dq_pg_columns(list[i]);
		r->id = dq_pg_column(list[i], list[i]->id);
		if (list[i]->time)
			r->time = dq_pg_column(list[i], list[i]->time);
	}
}

static bool
waiting(void *context, struct dq_err *err)
{
	struct pg_source *p = context;

	if (!p->source.stop || !*p->source.stop)
		return true;
	return dq_err_code(err, DQ_EXIT_RETRY, "asked to stop while waiting");
}

struct dq_source *
dq_pg_source_open(
    const char *tables, const struct dq_pg_options *options, struct dq_err *err)
{
	const struct dq_pg_table *list[DQ_PG_TABLES_MAX];
	size_t count = dq_pg_tables(tables, list, err);
	struct pg_source *p;
	struct dq_buf name = {0};

	if (!count)
		return NULL;
	p = dq_calloc(1, sizeof(*p));
	p->source.kind = &kind;
	p->source.watch = -1;
	p->source.stop = options->stop;
	p->options = options;
	dq_buf_printf(&name, "pg:%s", tables);
	p->name = dq_strdup(dq_buf_text(&name));
	dq_buf_release(&name);
	p->source.place = (struct dq_place){.source = p->name, .partition = -1};
	set_readers(p, list, count);
	dq_pg_client_init(&p->client, options);
	p->client.waiting = waiting;
	p->client.context = p;
	if (set_after(p, err) && dq_pg_connect(&p->client, err))
		return &p->source;
	close_source(&p->source);
	return NULL;
}
