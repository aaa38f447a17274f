#include "learn/table.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

void
dq_table_release(struct dq_table *table)
{
	dq_map_release(&table->names);
	dq_map_release(&table->customers);
	free(table->column);
	free(table->name_of);
	free(table->feature_set);
	free(table->values);
	free(table->rows);
	*table = (struct dq_table){0};
}

static struct dq_slice
feature_set_of(const struct dq_record *record)
{
	return dq_record_text(record, DQ_FEATURE_SET);
}

static bool
learn_names(
    struct dq_table *table, const struct dq_record *record, struct dq_err *err)
{
	struct yyjson_val *features = dq_record_value(record, DQ_FEATURES);
	struct dq_json_iter iter = dq_json_iter(features);
	struct dq_slice set = feature_set_of(record);
	size_t n = dq_json_size(features);

	table->column = dq_realloc_array(NULL, n + 1, sizeof(int));
	table->name_of = dq_realloc_array(NULL, n + 1, sizeof(uint32_t));
	table->feature_set = dq_strndup(set.data, set.len);
	while (dq_json_next(&iter)) {
		uint32_t name = dq_map_put(&table->names, iter.key);
		bool wanted =
		    !table->wanted || table->wanted(table->context, iter.key);

		table->column[name] = wanted ? (int)table->columns : -1;
		if (wanted)
			table->name_of[table->columns++] = name;
	}
	return table->names.count == n ||
	       dq_err_set(err, "a feature is there twice");
}

/* Records of one program have their names in one order, so the expected name
 * is nearly always the right one. */
static uint32_t
name_number(
    const struct dq_table *table, struct dq_slice name, uint32_t expected)
{
	if (expected < table->names.count &&
	    dq_slice_equal(dq_map_key(&table->names, expected), name))
		return expected;
	return dq_map_get(&table->names, name);
}

static bool
read_values(const struct dq_table *table, const struct dq_record *record,
    float *values, struct dq_err *err)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(record, DQ_FEATURES));
	uint32_t i = 0;

	for (size_t c = 0; c < table->columns; c++)
		values[c] = NAN;
	for (; dq_json_next(&iter); i++) {
		uint32_t name = name_number(table, iter.key, i);
		double value = NAN;

		if (name == DQ_MAP_NONE)
			return dq_err_set(err,
			    "feature \"%.*s\" is not in the first record",
			    (int)iter.key.len, iter.key.data);
		if (!dq_json_real(iter.value, &value) &&
		    !yyjson_is_null(iter.value))
			return dq_err_set(err,
			    "feature \"%.*s\" is no number and not null",
			    (int)iter.key.len, iter.key.data);
		if (table->column[name] >= 0)
			values[table->column[name]] = (float)value;
	}
	if (i != table->names.count)
		return dq_err_set(err, "%u features, the first record has %u",
		    i, table->names.count);
	return true;
}

static void
make_room(struct dq_table *table)
{
	if (table->count < table->cap)
		return;
	table->cap = table->cap ? 2 * table->cap : 1024;
	table->rows =
	    dq_realloc_array(table->rows, table->cap, sizeof(*table->rows));
	table->values = dq_realloc_array(
	    table->values, table->cap * table->columns, sizeof(float));
}

bool
dq_table_add(struct dq_table *table, const struct dq_record *record, bool label,
    struct dq_err *err)
{
	if (!table->column && !learn_names(table, record, err))
		return false;
	if (!table->columns)
		return dq_err_set(err, "no feature is left");
	if (!dq_slice_is(feature_set_of(record), table->feature_set))
		return dq_err_set(err,
		    "feature_set \"%.*s\", the first record has \"%s\"",
		    (int)feature_set_of(record).len,
		    feature_set_of(record).data, table->feature_set);
	make_room(table);
	if (!read_values(table, record,
		table->values + table->count * table->columns, err))
		return false;
	table->rows[table->count++] = (struct dq_table_row){record->time,
	    dq_map_put(&table->customers, record->customer_id), label};
	return true;
}

struct dq_slice
dq_table_name(const struct dq_table *table, size_t column)
{
	return dq_map_key(&table->names, table->name_of[column]);
}

static const char *
level(double score)
{
	if (score >= 0.7)
		return "CRITICAL";
	if (score >= 0.5)
		return "HIGH";
	return score >= 0.3 ? "MEDIUM" : "LOW";
}

void
dq_table_predictions(const struct dq_table *table, const double *score,
    const char *model, struct dq_buf *out)
{
	for (size_t i = 0; i < table->count; i++) {
		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "event_type", "prediction");
		dq_buf_member_time(out, "event_time", table->rows[i].time);
		dq_buf_member_text(out, "customer_id",
		    dq_map_key(&table->customers, table->rows[i].customer));
		dq_buf_member_real(out, "risk_score", score[i]);
		dq_buf_member_str(out, "risk_level", level(score[i]));
		dq_buf_key(out, "model");
		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "name", model);
		dq_buf_str(out, "}}\n");
	}
}

size_t
dq_table_positives(const struct dq_table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < table->count; i++)
		n += table->rows[i].label;
	return n;
}
