#include "review/rows.h"

#include "audit/chain.h"
#include "base/mem.h"

#include <stdlib.h>

void
dq_rows_open(struct dq_rows *rows)
{
	*rows = (struct dq_rows){0};
	dq_scratch_open(&rows->lines);
}

void
dq_rows_close(struct dq_rows *rows)
{
	dq_scratch_close(&rows->lines);
	free(rows->rows);
}

/* Where the line belongs. */
static void
set_chain(struct dq_row *row, const struct dq_record *record)
{
	struct dq_seal seal;
	struct dq_head head;

	if (dq_seal_read(record->line, &seal)) {
		row->chain = seal.partition;
		row->n = seal.n;
	} else if (record->kind == DQ_KIND_OTHER &&
		   dq_head_read(record->line, &head)) {
		row->chain = head.chain.partition;
		row->n = head.chain.n;
		row->head = true;
	}
}

void
dq_rows_add(struct dq_rows *rows, const struct dq_record *record)
{
	struct dq_row *row;

	if (rows->count == rows->cap) {
		rows->cap = rows->cap * 2 + 1024;
		rows->rows = dq_realloc_array(
		    rows->rows, rows->cap, sizeof(*rows->rows));
	}
	row = &rows->rows[rows->count];
	*row = (struct dq_row){
	    .chain = INT32_MIN,
	    .n = (int64_t)rows->count,
	    .at = rows->bytes,
	    .len = record->line.len,
	    .place = record->place,
	    .kind = record->kind,
	};
	set_chain(row, record);
	rows->bytes += row->len + 1;
	rows->count++;
	dq_buf_slice(&rows->lines.buf, record->line);
	dq_scratch_line(&rows->lines);
}

/* Of equal numbers, as after an insertion, the first read is the first. */
static int
compare(const void *a, const void *b)
{
	const struct dq_row *x = a, *y = b;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	if (x->head != y->head)
		return x->head ? 1 : -1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void
dq_rows_give(struct dq_rows *rows,
    void (*each)(
	void *context, const struct dq_record *record, struct dq_out *out),
    void *context, struct dq_out *out)
{
	struct dq_slice lines = dq_scratch_map(&rows->lines);

	if (rows->count)
		qsort(rows->rows, rows->count, sizeof(*rows->rows), compare);
	for (size_t i = 0; i < rows->count; i++) {
		const struct dq_row *row = &rows->rows[i];
		const struct dq_record record = {
		    .line = {lines.data + row->at, row->len},
		    .place = row->place,
		    .kind = row->kind,
		};

		each(context, &record, out);
	}
}
