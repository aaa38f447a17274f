/* Where a filter writes its lines. The filter builds each line in place; the
 * port behind it decides when the bytes leave. */
#ifndef DQ_RECORD_OUT_H
#define DQ_RECORD_OUT_H

#include "record/record.h"

struct dq_out {
	struct dq_buf buf;     /* whole lines not yet gone, then the open one */
	size_t line_begin;     /* where the open line begins */
	int64_t lines;	       /* finished since the start */
	int64_t bytes;	       /* of them, newlines included */
	int32_t partition;     /* of the record being processed, -1 without */
	struct dq_slice topic; /* where the next lines go, of those that are
				  written to; empty: where their kind does */
	/* Where the line that is finished came from, when that is not the
	 * record being processed; else NULL. */
	const struct dq_place *place;
	/* Called when a line is finished, with its key (customer_id, or empty),
	 * the line at buf.data + line_begin; may take it out of buf (a message
	 * queue does). NULL: lines stay until the port writes them. */
	void (*finished)(struct dq_out *out, struct dq_slice key);
	void *port;
};

/* The buffer to append one line's bytes to. */
static inline struct dq_buf *
dq_out_begin(struct dq_out *out)
{
	out->line_begin = out->buf.len;
	return &out->buf;
}

/* Ends the line begun last; key names the customer it is about. */
static inline void
dq_out_end(struct dq_out *out, struct dq_slice key)
{
	dq_buf_byte(&out->buf, '\n');
	out->lines++;
	out->bytes += (int64_t)(out->buf.len - out->line_begin);
	if (out->finished)
		out->finished(out, key);
}

/* Drops what was appended since dq_out_begin. */
static inline void
dq_out_cancel(struct dq_out *out)
{
	out->buf.len = out->line_begin;
}

/* The record's own bytes, unchanged. */
static inline void
dq_out_pass(struct dq_out *out, const struct dq_record *record)
{
	dq_buf_slice(dq_out_begin(out), record->line);
	dq_out_end(out, record->customer_id);
}

#endif
