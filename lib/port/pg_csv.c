#include "port/pg_csv.h"

#include "base/mem.h"
#include "base/num.h"
#include "port/pg_table.h"
#include "record/json.h"

#include <stdlib.h>

struct column {
	struct dq_slice name; /* of the record's field */
	enum dq_pg_type type;
};

struct csv {
	struct dq_source source;
	const struct dq_pg_table *table; /* NULL: lines of JSON only */
	bool begun, json;
	struct dq_buf names; /* the first line; columns point into it */
	struct column *columns;
	size_t count;
	struct dq_buf row;  /* more lines than one: a quoted newline */
	struct dq_buf cell; /* unquoted */
	struct dq_buf line; /* the record */
};

/* The length of the next cell, with its quotes; without them in `cell`. */
static size_t
read_cell(const struct dq_slice *rest, struct dq_buf *cell)
{
	const char *comma = memchr(rest->data, ',', rest->len);
	size_t i = comma ? (size_t)(comma - rest->data) : rest->len;
	bool quoted = false;

	if (!memchr(rest->data, '"', i)) {
		dq_buf_add(cell, rest->data, i);
		return i;
	}
	for (i = 0; i < rest->len; i++) {
		char c = rest->data[i];

		if (c == '"') {
			if (quoted && i + 1 < rest->len &&
			    rest->data[i + 1] == '"')
				dq_buf_byte(cell, rest->data[++i]);
			else
				quoted = !quoted;
		} else if (c == ',' && !quoted) {
			break;
		} else {
			dq_buf_byte(cell, c);
		}
	}
	return i;
}

/* The next cell of a row; false behind the last. */
static bool
next_cell(struct dq_slice *rest, struct dq_buf *cell)
{
	size_t i;

	if (!rest->data)
		return false;
	cell->len = 0;
	i = read_cell(rest, cell);
	if (i < rest->len)
		*rest =
		    (struct dq_slice){rest->data + i + 1, rest->len - i - 1};
	else
		rest->data = NULL;
	return true;
}

static struct dq_slice
without_return(struct dq_slice line)
{
	line.len -= line.len && line.data[line.len - 1] == '\r';
	return line;
}

/* What a column's name means. */
static struct column
meaning(const struct dq_pg_table *table, struct dq_slice name)
{
	for (const struct dq_pg_column *c = table->columns; c->name; c++)
		if (c->field && !strchr(c->field, '.') &&
		    (dq_slice_is(name, c->name) || dq_slice_is(name, c->field)))
			return (struct column){DQ_SLICE(c->field), c->type};
	return (struct column){name, DQ_PG_TEXT};
}

static void
read_names(struct csv *csv, struct dq_slice line)
{
	struct dq_slice rest;

	if (line.len > 2 && !memcmp(line.data, "\xef\xbb\xbf", 3))
		line = (struct dq_slice){line.data + 3, line.len - 3};
	rest = without_return(line);
	/* the names stand in `names` once all are there and it moves no more */
	dq_buf_room(&csv->names, rest.len + 1);
	while (next_cell(&rest, &csv->cell)) {
		struct dq_slice name = {
		    csv->names.data + csv->names.len, csv->cell.len};

		dq_buf_slice(&csv->names, dq_buf_view(&csv->cell));
		csv->columns = dq_realloc_array(
		    csv->columns, csv->count + 1, sizeof(*csv->columns));
		csv->columns[csv->count++] = meaning(csv->table, name);
	}
}

/* A number as JSON has it. */
static bool
is_number(struct dq_slice text)
{
	size_t at = text.len && text.data[0] == '-';
	double value;

	return at < text.len && text.data[at] >= '0' && text.data[at] <= '9' &&
	       !(text.data[at] == '0' && at + 1 < text.len &&
		   text.data[at + 1] >= '0' && text.data[at + 1] <= '9') &&
	       text.data[text.len - 1] != '.' && dq_num_real(text, &value);
}

static const char *
flag(struct dq_slice text)
{
	static const struct {
		const char *text, *flag;
	} words[] = {{"true", "true"}, {"True", "true"}, {"TRUE", "true"},
	    {"t", "true"}, {"1", "true"}, {"false", "false"},
	    {"False", "false"}, {"FALSE", "false"}, {"f", "false"},
	    {"0", "false"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (dq_slice_is(text, words[i].text))
			return words[i].flag;
	return NULL;
}

/* PostgreSQL leaves out an offset's minutes: 10:11:12+00. */
static void
put_minutes(struct dq_buf *cell)
{
	const char *end = cell->data + cell->len;

	if (cell->len > 15 && (end[-3] == '+' || end[-3] == '-') &&
	    memchr(cell->data, ':', cell->len))
		dq_buf_str(cell, ":00");
}

/* What is not of the column's type goes on as a text, and is refused with its
 * field's name by whoever reads the record. */
static void
put_cell(struct csv *csv, const struct column *column)
{
	bool number = column->type == DQ_PG_NUMBER || column->type == DQ_PG_INT;
	struct dq_slice text;
	const char *word;

	if (column->type == DQ_PG_TIME || column->type == DQ_PG_EVENT ||
	    column->type == DQ_PG_MIDNIGHT)
		put_minutes(&csv->cell);
	text = dq_buf_view(&csv->cell);
	word = column->type == DQ_PG_FLAG ? flag(text) : NULL;
	dq_buf_comma(&csv->line);
	dq_buf_json_text(&csv->line, column->name);
	dq_buf_byte(&csv->line, ':');
	if (word)
		dq_buf_str(&csv->line, word);
	else if ((number && is_number(text)) || column->type == DQ_PG_JSON)
		dq_buf_slice(&csv->line, text);
	else
		dq_buf_json_text(&csv->line, text);
}

static enum dq_got
take_row(struct csv *csv, struct dq_slice row, struct dq_slice *line)
{
	struct dq_slice rest = without_return(row);
	size_t i = 0;

	csv->line.len = 0;
	dq_buf_byte(&csv->line, '{');
	dq_buf_member_str(&csv->line, "event_type", csv->table->event_type);
	for (; next_cell(&rest, &csv->cell); i++)
		if (i < csv->count && csv->cell.len)
			put_cell(csv, &csv->columns[i]);
	dq_buf_byte(&csv->line, '}');
	*line = dq_buf_view(&csv->line);
	if (i == csv->count)
		return DQ_GOT_LINE;
	*line = row;
	dq_err_set(&csv->source.err, "%zu values, but %zu names on top", i,
	    csv->count);
	return DQ_GOT_BAD;
}

static bool
open_quote(struct dq_slice text)
{
	bool open = false;

	if (!memchr(text.data, '"', text.len))
		return false;
	for (size_t i = 0; i < text.len; i++)
		open ^= text.data[i] == '"';
	return open;
}

/* The first line decides. */
static bool
is_header(struct csv *csv, struct dq_slice line)
{
	bool json = line.len && line.data[0] == '{';

	if (csv->begun || dq_slice_blank(line))
		return false;
	csv->begun = true;
	csv->json = json || !csv->table;
	if (!csv->json)
		read_names(csv, line);
	return !csv->json;
}

static enum dq_got
next(struct dq_source *source, struct dq_slice *line)
{
	struct csv *csv = (struct csv *)source;
	enum dq_got got;

	csv->row.len = 0;
	for (;;) {
		got = dq_source_next(csv->source.inner, line);
		if (got == DQ_GOT_CUT && !csv->json && csv->begun)
			got = DQ_GOT_LINE; /* the last newline is optional */
		source->place = csv->source.inner->place;
		source->err = csv->source.inner->err;
		if (got != DQ_GOT_LINE)
			return got;
		if (csv->json)
			return got;
		if (is_header(csv, *line))
			continue;
		if (csv->json || (!csv->row.len && dq_slice_blank(*line)))
			return got;
		if (!csv->row.len && !open_quote(*line))
			return take_row(csv, *line, line);
		dq_buf_slice(&csv->row, *line);
		if (csv->row.len < DQ_LINE_LIMIT &&
		    open_quote(dq_buf_view(&csv->row))) {
			dq_buf_byte(&csv->row, '\n');
			continue;
		}
		return take_row(csv, dq_buf_view(&csv->row), line);
	}
}

static void
close_csv(struct dq_source *source)
{
	struct csv *csv = (struct csv *)source;

	dq_source_close(csv->source.inner);
	dq_buf_release(&csv->names);
	dq_buf_release(&csv->row);
	dq_buf_release(&csv->cell);
	dq_buf_release(&csv->line);
	free(csv->columns);
	free(csv);
}

static const struct dq_source_kind kind = {.next = next, .close = close_csv};

struct dq_source *
dq_pg_csv(struct dq_source *inner, const char *table)
{
	struct csv *csv = dq_calloc(1, sizeof(*csv));

	csv->source.kind = &kind;
	csv->source.place = inner->place;
	csv->source.watch = -1;
	csv->source.inner = inner;
	csv->table = dq_pg_table_find(DQ_SLICE(table));
	return &csv->source;
}
