#include "port/pg_sink.h"

#include "base/mem.h"
#include "port/pg_batch.h"
#include "port/pg_offsets.h"

#include <stdlib.h>

#define BLOCK_SIZE (64u << 10)
#define BATCH_SIZE (8u << 20)

/* A finished line that waits in out.buf. */
struct note {
	size_t end; /* in out.buf, newline included */
	struct dq_place place;
};

struct pg_sink {
	struct dq_sink sink;
	struct dq_pg_client client;
	const struct dq_pg_options *options;
	struct dq_reader *reader;
	struct note *notes;
	size_t note_count, note_cap;
	struct dq_pg_batch *batches; /* one for each table */
	size_t table_count;
	struct dq_pg_offsets offsets; /* of a group */
	bool joined;		      /* a group's source is ours */
	bool streaming;	 /* the rows of the one table are on their way */
	bool streamless; /* that failed: this batch goes at once */
	bool committing; /* COMMIT was sent, no answer came */
	bool failed;	 /* nothing may be committed any more */
	int64_t skipped; /* rows that were there already */
};

static struct pg_sink *
inside(struct dq_sink *sink)
{
	return (struct pg_sink *)sink;
}

/* Notes of lines that were taken back are overwritten. */
static void
finished(struct dq_out *out, struct dq_slice key)
{
	static const struct dq_place unknown = {
	    .source = "output", .partition = -1};
	struct pg_sink *p = out->port;
	const struct dq_place *place = out->place ? out->place : p->sink.place;

	(void)key;
	while (
	    p->note_count && p->notes[p->note_count - 1].end > out->line_begin)
		p->note_count--;
	if (p->note_count == p->note_cap) {
		p->note_cap = p->note_cap ? p->note_cap * 2 : 256;
		p->notes =
		    dq_realloc_array(p->notes, p->note_cap, sizeof(*p->notes));
	}
	p->notes[p->note_count++] =
	    (struct note){out->buf.len, place ? *place : unknown};
}

static size_t
waiting_bytes(const struct pg_sink *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->table_count; i++)
		n += p->batches[i].rows.len;
	return n;
}

/* A row, or a whole record, that cannot be had there. */
static bool
refused(void *context, const struct dq_place *place, struct dq_slice line,
    const char *why, struct dq_err *err)
{
	struct pg_sink *p = context;

	if (p->sink.refused)
		return p->sink.refused(
		    p->sink.refused_context, place, line, why, err);
	return dq_err_code(err, DQ_EXIT_DATA, "%s: %lld: %s", place->source,
	    (long long)place->line, why);
}

static bool
add_line(struct pg_sink *p, const struct note *note, struct dq_slice line,
    struct dq_err *err)
{
	const struct dq_record *record;
	struct dq_slice type;
	struct dq_err why;
	bool taken = false;

	record = dq_reader_parse(p->reader, line, &note->place,
	    DQ_KIND_BIT(DQ_KIND_TRANSACTION), 4, &why);
	if (!record)
		return refused(p, &note->place, line, why.text, err);
	if (record->kind == DQ_KIND_TICK)
		return true;
	type = dq_json_text(dq_json_get(record->root, "event_type"));
	for (size_t i = 0; i < p->table_count; i++)
		if (dq_slice_is(type, p->batches[i].table->event_type)) {
			dq_pg_batch_add(&p->batches[i], record);
			taken = true;
		}
	if (taken)
		return true;
	dq_err_set(&why, "no table of --to takes \"%.*s\"",
	    (int)(type.len < 60 ? type.len : 60), type.data);
	return refused(p, &note->place, line, why.text, err);
}

/* From lines to rows. */
static bool
take_lines(struct pg_sink *p, struct dq_err *err)
{
	struct dq_buf *buf = &p->sink.out.buf;
	size_t begin = 0;
	bool good = true;

	for (size_t i = 0; i < p->note_count && good; i++) {
		const struct note *note = &p->notes[i];

		if (note->end > buf->len)
			break;
		good = add_line(p, note,
		    (struct dq_slice){buf->data + begin, note->end - 1 - begin},
		    err);
		begin = note->end;
	}
	p->note_count = buf->len = 0;
	return good;
}

static void
clear(struct pg_sink *p)
{
	for (size_t i = 0; i < p->table_count; i++)
		dq_pg_batch_clear(&p->batches[i]);
}

static bool
send_commit(struct pg_sink *p, struct dq_err *err)
{
	p->committing = true;
	if (!dq_pg_do(&p->client, "COMMIT", err))
		return false;
	p->committing = false;
	return true;
}

/* One try. Without a group, what stands before a refused row is kept. */
static bool
transaction(struct pg_sink *p, struct dq_err *err)
{
	const struct dq_pg_refused told = {refused, p};
	bool good = dq_pg_do(&p->client, "BEGIN", err) &&
		    (!p->joined || dq_pg_offsets_move(&p->offsets, &p->client,
				       p->options->group, err));
	struct dq_err other;

	for (size_t i = 0; i < p->table_count && good; i++)
		good = dq_pg_batch_put(&p->batches[i], &p->client, &told, err);
	if (good)
		return send_commit(p, err);
	if (p->client.fault == DQ_PG_ROW && !p->joined)
		send_commit(p, &other);
	return false;
}

/* The answer to COMMIT is lost. Without a group the rows are sent again, by
 * the way that leaves out what is there. */
static bool
was_committed(struct pg_sink *p, bool *arrived, struct dq_err *err)
{
	*arrived = false;
	for (size_t i = 0; i < p->table_count; i++)
		p->batches[i].staged = true;
	if (p->committing && p->joined &&
	    !dq_pg_offsets_arrived(
		&p->offsets, &p->client, p->options->group, arrived, err))
		return false;
	p->committing = false;
	return true;
}

/* What failed was a short cut: the long way, in another transaction, says why,
 * or does without. */
static void
leave_stream(struct pg_sink *p)
{
	struct dq_err err;

	p->streaming = false;
	p->streamless = true;
	if (p->client.fault == DQ_PG_AWAY ||
	    !dq_pg_do(&p->client, "ROLLBACK", &err))
		dq_pg_client_close(&p->client);
}

/* The server works on the rows of one table while we make more of them. A
 * group's go together with its offsets. */
static void
stream(struct pg_sink *p)
{
	struct dq_err err;

	if (p->joined || p->table_count > 1 || p->batches->staged ||
	    p->streamless || !p->batches->count)
		return;
	if (!p->streaming && !dq_pg_do(&p->client, "BEGIN", &err)) {
		leave_stream(p);
		return;
	}
	p->streaming = true;
	if (!dq_pg_batch_send(p->batches, &p->client, &err))
		leave_stream(p);
}

/* True: all rows are in. */
static bool
end_stream(struct pg_sink *p)
{
	struct dq_err err;

	if (!p->streaming)
		return false;
	if (!dq_pg_batch_finish(p->batches, &p->client, &err) ||
	    !send_commit(p, &err)) {
		leave_stream(p);
		return false;
	}
	p->streaming = false;
	return true;
}

static bool
commit(struct pg_sink *p, struct dq_err *err)
{
	bool done;

	p->client.waiting = p->sink.waiting;
	p->client.context = p->sink.context;
	done = end_stream(p);
	while (!done && !transaction(p, err)) {
		do {
			if (p->client.fault != DQ_PG_AWAY ||
			    !dq_pg_again(&p->client, err))
				return false;
		} while (!was_committed(p, &done, err));
	}
	for (size_t i = 0; i < p->table_count; i++)
		p->skipped += p->batches[i].skipped;
	if (p->joined)
		dq_pg_offsets_done(&p->offsets);
	p->streamless = false;
	clear(p);
	return true;
}

static bool
give_up(struct pg_sink *p)
{
	p->failed = true;
	p->note_count = p->sink.out.buf.len = 0;
	clear(p);
	return false;
}

static bool
write_lines(struct dq_sink *sink, bool all, struct dq_err *err)
{
	struct pg_sink *p = inside(sink);
	struct dq_err told;

	if (p->failed || (sink->out.buf.len < BLOCK_SIZE && !all))
		return true;
	if (!take_lines(p, err)) {
		/* what came before the refused line is kept */
		if (!p->joined && waiting_bytes(p) && !commit(p, &told))
			*err = told;
		return give_up(p);
	}
	if (p->joined || !waiting_bytes(p))
		return true;
	if (waiting_bytes(p) < BATCH_SIZE && !all) {
		stream(p);
		return true;
	}
	return commit(p, err) || give_up(p);
}

/* A group's rows are durable with their offsets. */
static bool
sync_lines(struct dq_sink *sink, struct dq_err *err)
{
	return write_lines(sink, true, err);
}

static bool
begin(struct pg_sink *p, struct dq_err *err)
{
	if (!p->options->group)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "a pipe from a topic cannot end in a database: let one "
		    "dq-cat read a topic and write the table");
	p->joined = true;
	return true;
}

static bool
mark(struct dq_sink *sink, const struct dq_control *control,
    struct dq_slice line, struct dq_err *err)
{
	struct pg_sink *p = inside(sink);

	(void)line;
	switch (control->mark) {
	case DQ_MARK_BEGIN:
		return begin(p, err);
	case DQ_MARK_ASSIGN:
		dq_pg_offsets_assign(&p->offsets, control);
		return true;
	case DQ_MARK_CHECKPOINT:
		if (!write_lines(sink, true, err) ||
		    !dq_pg_offsets_next(&p->offsets, control, err))
			return false;
		if (!waiting_bytes(p) && !dq_pg_offsets_moved(&p->offsets))
			return true;
		return commit(p, err) || give_up(p);
	default:
		return true;
	}
}

/* A stateful tool's pipe ends elsewhere. */
static bool
refuse_state(struct dq_sink *sink, const struct dq_control *control,
    const struct dq_control_state *row, struct dq_err *err)
{
	(void)sink;
	(void)control;
	(void)row;
	return dq_err_code(
	    err, DQ_EXIT_USAGE, "a database keeps no state of a pipe");
}

static bool
close_sink(struct dq_sink *sink, bool good, struct dq_err *err)
{
	struct pg_sink *p = inside(sink);
	bool sent = !good || p->joined || write_lines(sink, true, err);

	if (p->skipped)
		dq_warn("database", "%lld records were there already",
		    (long long)p->skipped);
	dq_pg_client_close(&p->client);
	dq_pg_offsets_release(&p->offsets);
	for (size_t i = 0; i < p->table_count; i++)
		dq_pg_batch_release(&p->batches[i]);
	dq_reader_free(p->reader);
	dq_buf_release(&sink->out.buf);
	free(p->batches);
	free(p->notes);
	free(p);
	return sent;
}

static const struct dq_sink_kind kind = {
    write_lines, sync_lines, mark, refuse_state, close_sink, NULL};

/* A table that is not there, or not for us, is a mistake now and later. */
static bool
look_at_tables(struct pg_sink *p, struct dq_err *err)
{
	for (size_t i = 0; i < p->table_count; i++) {
		struct dq_buf sql = {0};
		bool good;

		dq_buf_str(&sql, "SELECT ");
		dq_pg_column_list(p->batches[i].table, &sql);
		dq_buf_printf(
		    &sql, " FROM %s LIMIT 0", p->batches[i].table->name);
		while (!(good = dq_pg_do(&p->client, dq_buf_text(&sql), err)) &&
		       p->client.fault == DQ_PG_AWAY &&
		       dq_pg_again(&p->client, err))
			continue;
		dq_buf_release(&sql);
		if (good)
			continue;
		if (!strcmp(p->client.state, "42P01"))
			dq_err_code(err, DQ_EXIT_USAGE,
			    "the database has no table %s: run dq-store init",
			    p->batches[i].table->name);
		return false;
	}
	return true;
}

struct dq_sink *
dq_pg_sink_open(
    const char *tables, const struct dq_pg_options *options, struct dq_err *err)
{
	const struct dq_pg_table *list[DQ_PG_TABLES_MAX];
	size_t count = dq_pg_tables(tables, list, err);
	struct pg_sink *p;

	if (!count)
		return NULL;
	p = dq_calloc(1, sizeof(*p));
	p->sink.kind = &kind;
	p->sink.out.partition = -1;
	p->sink.out.finished = finished;
	p->sink.out.port = p;
	p->options = options;
	p->reader = dq_reader_new();
	p->batches = dq_calloc(count, sizeof(*p->batches));
	p->table_count = count;
	for (size_t i = 0; i < count; i++)
		dq_pg_batch_init(&p->batches[i], list[i]);
	dq_pg_client_init(&p->client, options);
	if (dq_pg_connect(&p->client, err) && look_at_tables(p, err))
		return &p->sink;
	close_sink(&p->sink, false, NULL);
	return NULL;
}
