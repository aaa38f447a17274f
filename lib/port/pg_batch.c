#include "port/pg_batch.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

/* INSERT ... SELECT from the table of our own. */
static void
make_insert(struct dq_pg_batch *batch)
{
	const struct dq_pg_table *t = batch->table;
	const char *time = t->columns[0].name;
	struct dq_buf columns = {0}, *out = &batch->insert;

	dq_pg_column_list(t, &columns);
	dq_buf_text(&columns);
	dq_buf_printf(
	    out, "INSERT INTO %s (%s) SELECT ", t->name, columns.data);
	if (!t->newest) {
		dq_buf_printf(out,
		    "%s FROM dq_new_%s ORDER BY dq_row ON CONFLICT (%s) DO "
		    "NOTHING",
		    columns.data, t->name, t->key);
		dq_buf_release(&columns);
		return;
	}
	dq_buf_printf(out,
	    "DISTINCT ON (%s) %s FROM dq_new_%s ORDER BY %s, %s DESC NULLS "
	    "LAST, dq_row DESC ON CONFLICT (%s) DO UPDATE SET ",
	    t->key, columns.data, t->name, t->key, time, t->key);
	for (size_t i = 0; t->columns[i].name; i++)
		dq_buf_printf(out, "%s%s = excluded.%s", i ? ", " : "",
		    t->columns[i].name, t->columns[i].name);
	dq_buf_printf(out, " WHERE (excluded.%s >= %s.%s) IS NOT FALSE", time,
	    t->name, time);
	dq_buf_release(&columns);
}

void
dq_pg_batch_init(struct dq_pg_batch *batch, const struct dq_pg_table *table)
{
	struct dq_buf columns = {0};

	*batch = (struct dq_pg_batch){.table = table, .staged = table->newest};
	dq_pg_column_list(table, &columns);
	dq_buf_text(&columns);
	dq_buf_printf(
	    &batch->copy, "COPY %s (%s) FROM STDIN", table->name, columns.data);
	dq_buf_printf(&batch->copy_stage, "COPY dq_new_%s (%s) FROM STDIN",
	    table->name, columns.data);
	dq_buf_printf(&batch->stage,
	    "CREATE TEMP TABLE IF NOT EXISTS dq_new_%s (LIKE %s, dq_row bigint "
	    "GENERATED ALWAYS AS IDENTITY) ON COMMIT DELETE ROWS",
	    table->name, table->name);
	make_insert(batch);
	dq_buf_release(&columns);
}

void
dq_pg_batch_release(struct dq_pg_batch *batch)
{
	dq_buf_release(&batch->rows);
	dq_buf_release(&batch->lines);
	dq_buf_release(&batch->copy);
	dq_buf_release(&batch->stage);
	dq_buf_release(&batch->copy_stage);
	dq_buf_release(&batch->insert);
	free(batch->notes);
}

void
dq_pg_batch_clear(struct dq_pg_batch *batch)
{
	batch->rows.len = batch->lines.len = 0;
	memset(batch->months, 0, sizeof(batch->months));
	batch->count = batch->sent = 0;
}

static void
note_month(struct dq_pg_batch *batch, int64_t time)
{
	struct dq_date date = dq_date_from_day(dq_day_of(time));
	int month = (date.year - DQ_PG_FIRST_YEAR) * 12 + date.month - 1;

	if (month >= 0 && month < DQ_PG_MONTHS)
		batch->months[month] = true;
}

void
dq_pg_batch_add(struct dq_pg_batch *batch, const struct dq_record *record)
{
	if (batch->count == batch->cap) {
		batch->cap = batch->cap ? batch->cap * 2 : 1024;
		batch->notes = dq_realloc_array(
		    batch->notes, batch->cap, sizeof(*batch->notes));
	}
	dq_pg_row_write(batch->table, record, &batch->rows);
	dq_buf_slice(&batch->lines, record->line);
	if (batch->table->monthly && record->time != DQ_TIME_NONE)
		note_month(batch, record->time);
	batch->notes[batch->count++] = (struct dq_pg_note){
	    .row_end = batch->rows.len,
	    .line_end = batch->lines.len,
	    .place = record->place,
	};
}

static struct dq_slice
rows_of(const struct dq_pg_batch *batch, size_t from, size_t to)
{
	size_t begin = from ? batch->notes[from - 1].row_end : 0;

	return (struct dq_slice){
	    batch->rows.data + begin, batch->notes[to - 1].row_end - begin};
}

static struct dq_slice
line_of(const struct dq_pg_batch *batch, size_t i)
{
	size_t begin = i ? batch->notes[i - 1].line_end : 0;

	return (struct dq_slice){
	    batch->lines.data + begin, batch->notes[i].line_end - begin};
}

static bool
make_month(struct dq_pg_batch *batch, struct dq_pg_client *client, int month,
    struct dq_err *err)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "SAVEPOINT m; SELECT dq_month('%s', '%04d-%02d-01'); RELEASE m",
	    batch->table->name, DQ_PG_FIRST_YEAR + month / 12, month % 12 + 1);
	return dq_pg_do(client, sql, err);
}

/* Where a month is refused its rows will be, one by one, in COPY's words: "no
 * partition". The function's own are better, so they are kept. */
static bool
make_months(struct dq_pg_batch *batch, struct dq_pg_client *client,
    struct dq_err *why, struct dq_err *err)
{
	for (int i = 0; i < DQ_PG_MONTHS; i++) {
		if (!batch->months[i] || make_month(batch, client, i, err))
			continue;
		if (client->fault != DQ_PG_ROW)
			return false;
		*why = *err;
		if (!dq_pg_do(client, "ROLLBACK TO m; RELEASE m", err))
			return false;
	}
	return true;
}

static int64_t
tuples(PGresult *result)
{
	const char *text = PQcmdTuples(result);
	int64_t n = 0;

	dq_num_int(DQ_SLICE(text), &n);
	return n;
}

static bool
put_staged(struct dq_pg_batch *batch, struct dq_pg_client *client, size_t from,
    size_t to, struct dq_err *err)
{
	PGresult *result;
	char sql[80];

	snprintf(sql, sizeof(sql), "DELETE FROM dq_new_%s", batch->table->name);
	if (!dq_pg_do(client, dq_buf_text(&batch->stage), err) ||
	    !dq_pg_copy(client, dq_buf_text(&batch->copy_stage),
		rows_of(batch, from, to), err) ||
	    !dq_pg_run(
		client, &result, err, dq_buf_text(&batch->insert), 0, NULL))
		return false;
	if (!batch->table->newest)
		batch->skipped += (int64_t)(to - from) - tuples(result);
	PQclear(result);
	return dq_pg_do(client, sql, err);
}

static bool put_range(struct dq_pg_batch *batch, struct dq_pg_client *client,
    size_t from, size_t to, const struct dq_pg_refused *refused,
    const struct dq_err *why, struct dq_err *err);

/* The range holds a row that the database refuses, for the reason in err. */
static bool
isolate(struct dq_pg_batch *batch, struct dq_pg_client *client, size_t from,
    size_t to, const struct dq_pg_refused *refused, const struct dq_err *why,
    struct dq_err *err)
{
	struct dq_pg_note *note = &batch->notes[from];
	size_t middle = from + (to - from) / 2;
	bool no_month = !strcmp(client->state, "23514") && *why->text &&
			!strncmp(err->text, "no partition", 12);
	struct dq_err told = no_month ? *why : *err;

	if (!dq_pg_do(client, "ROLLBACK TO r; RELEASE r", err))
		return false;
	if (to - from > 1)
		return put_range(
			   batch, client, from, middle, refused, why, err) &&
		       put_range(batch, client, middle, to, refused, why, err);
	if (note->refused)
		return true;
	note->refused = true;
	client->fault = DQ_PG_ROW;
	return refused->row(refused->context, &note->place,
	    line_of(batch, from), told.text, err);
}

/* The short way first; its rows that are there already make it fail. */
static bool
put_rows(struct dq_pg_batch *batch, struct dq_pg_client *client, size_t from,
    size_t to, struct dq_err *err)
{
	if (!batch->staged) {
		if (dq_pg_copy(client, dq_buf_text(&batch->copy),
			rows_of(batch, from, to), err))
			return true;
		if (client->fault != DQ_PG_ROW ||
		    strcmp(client->state, "23505") != 0)
			return false;
		batch->staged = true;
		if (!dq_pg_do(client, "ROLLBACK TO r", err))
			return false;
	}
	return put_staged(batch, client, from, to, err);
}

static bool
put_range(struct dq_pg_batch *batch, struct dq_pg_client *client, size_t from,
    size_t to, const struct dq_pg_refused *refused, const struct dq_err *why,
    struct dq_err *err)
{
	if (!dq_pg_do(client, "SAVEPOINT r", err))
		return false;
	if (put_rows(batch, client, from, to, err))
		return dq_pg_do(client, "RELEASE r", err);
	return client->fault == DQ_PG_ROW &&
	       isolate(batch, client, from, to, refused, why, err);
}

bool
dq_pg_batch_put(struct dq_pg_batch *batch, struct dq_pg_client *client,
    const struct dq_pg_refused *refused, struct dq_err *err)
{
	struct dq_err why = {0};

	if (!batch->count)
		return true;
	batch->skipped = 0;
	if (!make_months(batch, client, &why, err) ||
	    !put_range(batch, client, 0, batch->count, refused, &why, err))
		return false;
	batch->staged = batch->table->newest || batch->skipped;
	return true;
}

/* A month that has no partition yet; -1: none. */
static int
new_month(const struct dq_pg_batch *batch)
{
	if (memcmp(batch->months, batch->made, sizeof(batch->made)) != 0)
		for (int i = 0; i < DQ_PG_MONTHS; i++)
			if (batch->months[i] && !batch->made[i])
				return i;
	return -1;
}

static bool
end_copy(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err)
{
	bool open = batch->open;

	batch->open = false;
	return !open || dq_pg_copy_end(client, err);
}

static bool
send_rows(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err)
{
	int month;

	if (batch->sent == batch->rows.len)
		return true;
	while ((month = new_month(batch)) >= 0) {
		if (!end_copy(batch, client, err) ||
		    !make_month(batch, client, month, err))
			return false;
		batch->made[month] = true;
	}
	if (!batch->open && !dq_pg_do(client, dq_buf_text(&batch->copy), err))
		return false;
	batch->open = true;
	if (!dq_pg_copy_put(client,
		(struct dq_slice){batch->rows.data + batch->sent,
		    batch->rows.len - batch->sent},
		err))
		return false;
	batch->sent = batch->rows.len;
	return true;
}

/* Nothing of the transaction remains, its months neither. */
static bool
give_up(struct dq_pg_batch *batch)
{
	batch->open = false;
	batch->sent = 0;
	memset(batch->made, 0, sizeof(batch->made));
	return false;
}

bool
dq_pg_batch_send(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err)
{
	return send_rows(batch, client, err) || give_up(batch);
}

bool
dq_pg_batch_finish(
    struct dq_pg_batch *batch, struct dq_pg_client *client, struct dq_err *err)
{
	return (send_rows(batch, client, err) &&
		   end_copy(batch, client, err)) ||
	       give_up(batch);
}
