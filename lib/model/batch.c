#include "model/batch.h"

#include "base/mem.h"

#include <stdlib.h>

#define SEED_LEN (DQ_SHA256_TEXT - 1)

void
dq_batch_init(struct dq_batch *batch, const struct dq_model *model)
{
	size_t width = dq_model_width(model);

	*batch = (struct dq_batch){.model = model};
	memcpy(batch->seed, dq_model_sha256(model), DQ_SHA256_TEXT);
	batch->columns = dq_columns_new(model);
	batch->rows = dq_calloc(DQ_BATCH_ROWS * width, sizeof(float));
	batch->values = dq_calloc(DQ_BATCH_ROWS * width, sizeof(double));
}

void
dq_batch_release(struct dq_batch *batch)
{
	dq_columns_free(batch->columns);
	free(batch->rows);
	free(batch->values);
	dq_buf_release(&batch->bytes);
}

bool
dq_batch_add(
    struct dq_batch *batch, const struct dq_record *record, struct dq_err *err)
{
	struct dq_batch_entry *entry = &batch->entries[batch->count];
	size_t at = batch->count * dq_model_width(batch->model);

	if (!dq_columns_read(batch->columns,
		dq_record_value(record, DQ_FEATURES), batch->rows + at,
		batch->values + at, err))
		return false;
	entry->begin = batch->bytes.len;
	entry->line_len = record->line.len;
	entry->customer_len = record->customer_id.len;
	entry->time = record->time;
	dq_buf_add(&batch->bytes, batch->seed, SEED_LEN);
	dq_buf_slice(&batch->bytes, record->line);
	dq_buf_slice(&batch->bytes, record->customer_id);
	batch->count++;
	return true;
}

struct dq_slice
dq_batch_seed(const struct dq_batch *batch, size_t row)
{
	const struct dq_batch_entry *entry = &batch->entries[row];

	return (struct dq_slice){
	    batch->bytes.data + entry->begin, SEED_LEN + entry->line_len};
}

struct dq_slice
dq_batch_line(const struct dq_batch *batch, size_t row)
{
	const struct dq_batch_entry *entry = &batch->entries[row];

	return (struct dq_slice){
	    batch->bytes.data + entry->begin + SEED_LEN, entry->line_len};
}

struct dq_slice
dq_batch_customer(const struct dq_batch *batch, size_t row)
{
	const struct dq_batch_entry *entry = &batch->entries[row];

	return (struct dq_slice){
	    batch->bytes.data + entry->begin + SEED_LEN + entry->line_len,
	    entry->customer_len};
}

void
dq_batch_drop(struct dq_batch *batch)
{
	batch->bytes.len = batch->entries[--batch->count].begin;
}

void
dq_batch_clear(struct dq_batch *batch)
{
	batch->count = 0;
	batch->bytes.len = 0;
}
