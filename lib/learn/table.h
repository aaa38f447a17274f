/* The figures and labels that a model is made from. */
#ifndef DQ_LEARN_TABLE_H
#define DQ_LEARN_TABLE_H

#include "base/err.h"
#include "base/map.h"
#include "record/record.h"

/* Zeroed memory is an empty table; set `wanted` before the first row. */
struct dq_table {
	/* Which features become columns; all where NULL. */
	bool (*wanted)(void *context, struct dq_slice name);
	void *context;

	struct dq_map names; /* every name of the records, in their order */
	int *column;	     /* of each name, -1 where it is none */
	uint32_t *name_of;   /* column -> name */
	size_t columns;
	char *feature_set; /* of all records; "" where they do not say */

	float *values; /* rows * columns; NAN for null */
	struct dq_table_row {
		int64_t time;
		uint32_t customer;
		bool label;
	} * rows;
	size_t count, cap;
	struct dq_map customers;
};

void dq_table_release(struct dq_table *table);

/* Takes a features record and its label. The first one says which features
 * there are; false with err set on one that has others or says that it is of
 * another feature_set. */
bool dq_table_add(struct dq_table *table, const struct dq_record *record,
    bool label, struct dq_err *err);

/* The name of a column. */
struct dq_slice dq_table_name(const struct dq_table *table, size_t column);

size_t dq_table_positives(const struct dq_table *table);

/* The rows as prediction records, lines, with the levels that dq-score has
 * where it is told no others. */
void dq_table_predictions(const struct dq_table *table, const double *score,
    const char *model, struct dq_buf *out);

#endif
