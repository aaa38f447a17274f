#include "model/columns.h"

#include "base/mem.h"
#include "model/cuts.h"
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

bool
dq_columns_read(struct dq_columns *columns, struct yyjson_val *features,
    float *row, double *values, struct dq_err *err)
{
	struct dq_json_iter iter = dq_json_iter(features);
	size_t width = dq_model_width(columns->model), found = 0;

	for (size_t i = 0; i < width; i++)
		values[i] = NAN;
	columns->record++;
	for (size_t i = 0; dq_json_next(&iter); i++) {
		uint32_t column = column_of(columns, iter.key, i);

		if (column == DQ_MAP_NONE)
			continue;
		if (columns->seen[column] == columns->record)
			return refuse(iter.key, "stands there twice", err);
		columns->seen[column] = columns->record;
		found++;
		if (!yyjson_is_null(iter.value) &&
		    !dq_json_real(iter.value, &values[column]))
			return refuse(
			    iter.key, "is neither a number nor null", err);
	}
	for (size_t i = 0; i < width; i++)
		row[i] = dq_forest_code(
		    dq_model_forest(columns->model), i, values[i]);
	return found ||
	       dq_err_set(err, "features: none of the model's is there");
}
