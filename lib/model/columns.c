#include "model/columns.h"

#include "base/mem.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

struct place {
	uint32_t column; /* DQ_MAP_NONE: not the model's */
	struct dq_buf key;
};

struct dq_columns {
	const struct dq_model *model;
	/* Features of one stream come in the same order record after record:
	 * each key is first compared with the one that stood there before. */
	struct place *places;
	size_t count;
	uint64_t *seen; /* per column: the record that had it last */
	uint64_t record;
	uint64_t shape; /* of a record whose keys are all in their places */
	size_t found;	/* members that the model knows */
};

struct dq_columns *
dq_columns_new(const struct dq_model *model)
{
	struct dq_columns *columns = dq_calloc(1, sizeof(*columns));

	columns->model = model;
	columns->seen =
	    dq_calloc(dq_model_width(model) + 1, sizeof(*columns->seen));
	return columns;
}

void
dq_columns_free(struct dq_columns *columns)
{
	if (!columns)
		return;
	for (size_t i = 0; i < columns->count; i++)
		dq_buf_release(&columns->places[i].key);
	free(columns->places);
	free(columns->seen);
	free(columns);
}

static uint32_t
look_up(struct dq_columns *columns, struct dq_slice key, size_t position)
{
	struct place *place;

	if (position >= columns->count) {
		columns->places = dq_realloc_array(
		    columns->places, position + 1, sizeof(*place));
		columns->places[position] = (struct place){0};
		columns->count = position + 1;
	}
	place = &columns->places[position];
	place->key.len = 0;
	dq_buf_slice(&place->key, key);
	place->column =
	    dq_map_get(&dq_model_forest(columns->model)->names, key);
	return place->column;
}

static inline uint32_t
column_of(struct dq_columns *columns, struct dq_slice key, size_t position)
{
	if (position < columns->count &&
	    dq_slice_equal(key, dq_buf_view(&columns->places[position].key)))
		return columns->places[position].column;
	return look_up(columns, key, position);
}

static bool
refuse(struct dq_slice key, const char *why, struct dq_err *err)
{
	return dq_err_set(err, "features: \"%.*s\" %s",
	    (int)(key.len < 64 ? key.len : 64), key.data, why);
}

/* The column of the next member; DQ_MAP_NONE where it is not the model's. */
static bool
take_key(struct dq_columns *columns, struct dq_slice key, size_t position,
    uint32_t *column, struct dq_err *err)
{
	*column = column_of(columns, key, position);
	if (*column == DQ_MAP_NONE)
		return true;
	if (columns->seen[*column] == columns->record)
		return refuse(key, "stands there twice", err);
	columns->seen[*column] = columns->record;
	columns->found++;
	return true;
}

static bool
read_members(struct dq_columns *columns, const struct dq_record *record,
    double *values, struct dq_err *err)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(record, DQ_FEATURES));
	bool known = record->shape && record->shape == columns->shape;
	uint32_t column;

	columns->shape = 0;
	columns->record++;
	columns->found = known ? columns->found : 0;
	for (size_t i = 0; dq_json_next(&iter); i++) {
		if (known)
			column = columns->places[i].column;
		else if (!take_key(columns, iter.key, i, &column, err))
			return false;
		if (column != DQ_MAP_NONE && !yyjson_is_null(iter.value) &&
		    !dq_json_real(iter.value, &values[column]))
			return refuse(
			    iter.key, "is neither a number nor null", err);
	}
	columns->shape = record->shape;
	return columns->found ||
	       dq_err_set(err, "features: none of the model's is there");
}

bool
dq_columns_read(struct dq_columns *columns, const struct dq_record *record,
    struct dq_code *row, double *values, struct dq_err *err)
{
	size_t width = dq_model_width(columns->model);

	for (size_t i = 0; i < width; i++)
		values[i] = NAN;
	if (!read_members(columns, record, values, err))
		return false;
	dq_model_code(columns->model, values, row);
	return true;
}
