/* Records that are wanted in the order in which they were sealed, where it is
 * not that in which they are read: a table has none. */
#ifndef DQ_REVIEW_ROWS_H
#define DQ_REVIEW_ROWS_H

#include "record/out.h"
#include "run/scratch.h"

struct dq_rows {
	struct dq_scratch lines;
	struct dq_row {
		int32_t chain; /* INT32_MIN: not sealed, in front of all */
		bool head;     /* behind the line that it names */
		int64_t n;     /* in the chain, or as they came */
		size_t at, len;
		struct dq_place place;
		enum dq_kind kind;
	} * rows;
	size_t count, cap;
	size_t bytes; /* of all lines */
};

void dq_rows_open(struct dq_rows *rows);
void dq_rows_close(struct dq_rows *rows);

void dq_rows_add(struct dq_rows *rows, const struct dq_record *record);

/* Calls `each` for all of them in their order, those that are not sealed first.
 * Of a record there are line, place and kind. */
void dq_rows_give(struct dq_rows *rows,
    void (*each)(
	void *context, const struct dq_record *record, struct dq_out *out),
    void *context, struct dq_out *out);

#endif
