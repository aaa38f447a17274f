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
	batch->rows = dq_calloc(DQ_BATCH_ROWS * width, sizeof(*batch->rows));
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

static struct dq_batch_value
value_of(const struct dq_record *record, struct dq_slice value)
{
	return value.len ? (struct dq_batch_value){(size_t)(value.data -
							    record->line.data),
			       value.len}
			 : (struct dq_batch_value){0, 0};
}

/* What names the prediction, where it is not just seed and line. */
static void
add_name(struct dq_batch *batch, struct dq_batch_entry *entry,
    const struct dq_record *record)
{
	static const char key[] = ",\"source\":";
	const size_t n = sizeof(key) - 1;
	struct dq_slice line = record->line,
			raw = dq_record_raw(record, DQ_SOURCE);
	size_t at = raw.len ? (size_t)(raw.data - line.data) : 0;

	entry->name = entry->begin;
	entry->name_len = SEED_LEN + line.len;
	if (at < n || memcmp(raw.data - n, key, n) != 0)
		return;
	entry->name = batch->bytes.len;
	entry->name_len -= n + raw.len;
	dq_buf_add(&batch->bytes, batch->seed, SEED_LEN);
	dq_buf_add(&batch->bytes, line.data, at - n);
	dq_buf_add(&batch->bytes, raw.data + raw.len, line.len - at - raw.len);
}

bool
dq_batch_add(
    struct dq_batch *batch, const struct dq_record *record, struct dq_err *err)
{
	struct dq_batch_entry *entry = &batch->entries[batch->count];
	size_t at = batch->count * dq_model_width(batch->model), head;
	struct dq_prediction_members members;

	if (!dq_columns_read(batch->columns, record, batch->rows + at,
		batch->values + at, err))
		return false;
	entry->begin = batch->bytes.len;
	entry->line_len = record->line.len;
	entry->customer_len = record->customer_id.len;
	entry->time = record->time;
	dq_buf_add(&batch->bytes, batch->seed, SEED_LEN);
	dq_buf_slice(&batch->bytes, record->line);
	dq_buf_slice(&batch->bytes, record->customer_id);
	head = batch->bytes.len;
	dq_prediction_members(record, &members, &batch->bytes);
	entry->others_len = batch->bytes.len - head;
	add_name(batch, entry, record);
	entry->customer = value_of(record, members.customer);
	entry->trigger = value_of(record, members.trigger);
	entry->features = value_of(record, members.features);
	batch->count++;
	return true;
}

static struct dq_slice
slice_of(const char *line, struct dq_batch_value value)
{
	return (struct dq_slice){line + value.begin, value.len};
}

void
dq_batch_name(const struct dq_batch *batch, char (*ids)[DQ_ID_LEN])
{
	struct dq_slice seeds[DQ_BATCH_ROWS];

	for (size_t i = 0; i < batch->count; i++)
		seeds[i] = (struct dq_slice){
		    batch->bytes.data + batch->entries[i].name,
		    batch->entries[i].name_len};
	dq_ids(seeds, batch->count, ids);
}

void
dq_batch_prediction(
    const struct dq_batch *batch, size_t row, struct dq_prediction *prediction)
{
	const struct dq_batch_entry *entry = &batch->entries[row];
	const char *line = batch->bytes.data + entry->begin + SEED_LEN;

	prediction->members.customer = slice_of(line, entry->customer);
	prediction->members.trigger = slice_of(line, entry->trigger);
	prediction->members.features = slice_of(line, entry->features);
	prediction->others = (struct dq_slice){
	    line + entry->line_len + entry->customer_len, entry->others_len};
	prediction->time = entry->time;
	prediction->values = batch->values + row * dq_model_width(batch->model);
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
