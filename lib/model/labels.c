#include "model/labels.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>

void
dq_labels_release(struct dq_labels *labels)
{
	dq_map_release(&labels->keys);
	dq_buf_release(&labels->key);
	free(labels->value);
	*labels = (struct dq_labels){0};
}

static struct dq_slice
key_of(struct dq_labels *labels, struct dq_slice customer_id, int64_t time)
{
	labels->key.len = 0;
	dq_buf_add(&labels->key, &time, sizeof(time));
	dq_buf_slice(&labels->key, customer_id);
	return dq_buf_view(&labels->key);
}

/* 0 or 1; -1 when it is neither. */
static int
label_value(struct yyjson_val *value)
{
	int64_t number;

	if (yyjson_is_bool(value))
		return yyjson_get_bool(value);
	if (dq_json_int(value, &number) && (number == 0 || number == 1))
		return (int)number;
	return -1;
}

bool
dq_labels_add(struct dq_labels *labels, const struct dq_record *record,
    struct dq_err *err)
{
	int value;
	uint32_t number, before = labels->keys.count;

	if (!dq_slice_is(dq_record_text(record, DQ_EVENT_TYPE), "label"))
		return true;
	value = label_value(dq_json_get(record->root, "label"));
	if (!record->customer_id.len || record->time == DQ_TIME_NONE)
		return dq_err_set(
		    err, "label without \"customer_id\" and \"event_time\"");
	if (value < 0)
		return dq_err_set(err, "\"label\" is not 0 or 1");
	number = dq_map_put(
	    &labels->keys, key_of(labels, record->customer_id, record->time));
	if (number < before)
		return labels->value[number] == value ||
		       dq_err_set(err, "the opposite label of this customer "
				       "and time was read before");
	if (number >= labels->cap) {
		labels->cap = labels->cap ? 2 * labels->cap : 1024;
		labels->value = dq_realloc(labels->value, labels->cap);
	}
	labels->value[number] = (unsigned char)value;
	return true;
}

int
dq_labels_get(
    struct dq_labels *labels, struct dq_slice customer_id, int64_t time)
{
	uint32_t number =
	    dq_map_get(&labels->keys, key_of(labels, customer_id, time));

	return number == DQ_MAP_NONE ? -1 : labels->value[number];
}
