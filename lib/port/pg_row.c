#include "port/pg_row.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>

static const char null[] = "\\N";

/* What COPY takes for structure. */
static void
put_escaped(struct dq_buf *out, struct dq_slice text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *as = text.data[i] == '\\'	? "\\\\"
				 : text.data[i] == '\n' ? "\\n"
				 : text.data[i] == '\r' ? "\\r"
				 : text.data[i] == '\t' ? "\\t"
							: NULL;

		if (!as)
			continue;
		dq_buf_add(out, text.data + from, i - from);
		dq_buf_add(out, as, 2);
		from = i + 1;
	}
	dq_buf_add(out, text.data + from, text.len - from);
}

/* "a.0.b" from the root. */
static struct yyjson_val *
at_path(struct yyjson_val *value, const char *path)
{
	const char *dot;

	while (value && (dot = strchr(path, '.'))) {
		value =
		    yyjson_is_arr(value)
			? yyjson_arr_get(value, (size_t)(*path - '0'))
			: yyjson_obj_getn(value, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return dq_json_get(value, path);
}

static void
put_json(struct dq_buf *out, struct yyjson_val *value)
{
	struct dq_buf json = {0};

	dq_buf_json_value(&json, value);
	put_escaped(out, dq_buf_view(&json));
	dq_buf_release(&json);
}

static void
put_value(struct dq_buf *out, struct yyjson_val *value)
{
	if (!value || yyjson_is_null(value))
		dq_buf_str(out, null);
	else if (yyjson_is_str(value) || yyjson_is_raw(value))
		put_escaped(out, dq_json_text(value));
	else
		put_json(out, value);
}

/* 27.0 is a whole number to us, but not to the database. */
static void
put_int(struct dq_buf *out, struct yyjson_val *value)
{
	int64_t number;

	if (dq_json_int(value, &number))
		dq_buf_int(out, number);
	else
		put_value(out, value);
}

static void
put_id(struct dq_buf *out, const struct dq_pg_column *column,
    struct yyjson_val *value, const struct dq_record *record)
{
	const struct dq_place *place = &record->place;
	struct dq_buf seed = {0};

	if (value && !yyjson_is_null(value)) {
		put_value(out, value);
		return;
	}
	if (place->topic && column->field)
		dq_buf_printf(&seed, "%s\n%d\n%lld", place->source,
		    place->partition, (long long)place->offset);
	else
		dq_buf_slice(&seed, record->line);
	if (!place->topic && column->field)
		dq_buf_printf(&seed, "\n%lld", (long long)place->line);
	dq_buf_id(out, dq_buf_view(&seed));
	dq_buf_release(&seed);
}

/* A payment without a time of its own became what it is when it was paid, or
 * else when it was due. */
static void
put_event(struct dq_buf *out, const struct dq_record *record)
{
	struct yyjson_val *value;

	if (record->time != DQ_TIME_NONE) {
		dq_buf_time(out, record->time);
		return;
	}
	value = dq_json_get(record->root, "paid_date");
	if (!value || yyjson_is_null(value))
		value = dq_json_get(record->root, "due_date");
	put_value(out, value);
}

static bool
has_column(const struct dq_pg_table *table, struct dq_slice key)
{
	if (dq_slice_is(key, "event_type"))
		return true;
	for (const struct dq_pg_column *c = table->columns; c->name; c++)
		if (c->field && dq_slice_is(key, c->field))
			return true;
	return false;
}

static void
put_extra(struct dq_buf *out, const struct dq_pg_table *table,
    const struct dq_record *record)
{
	struct dq_json_iter iter = dq_json_iter(record->root);
	struct dq_buf extra = {0};

	dq_buf_byte(&extra, '{');
	while (dq_json_next(&iter)) {
		if (has_column(table, iter.key))
			continue;
		dq_buf_comma(&extra);
		dq_buf_json_text(&extra, iter.key);
		dq_buf_byte(&extra, ':');
		dq_buf_json_value(&extra, iter.value);
	}
	dq_buf_byte(&extra, '}');
	put_escaped(out, dq_buf_view(&extra));
	dq_buf_release(&extra);
}

void
dq_pg_row_write(const struct dq_pg_table *table, const struct dq_record *record,
    struct dq_buf *out)
{
	size_t members = dq_json_size(record->root);
	/* event_type has no column */
	size_t found = dq_json_get(record->root, "event_type") ? 1 : 0;

	for (const struct dq_pg_column *c = table->columns; c->name; c++) {
		struct yyjson_val *value =
		    c->field ? at_path(record->root, c->field) : NULL;

		if (c != table->columns)
			dq_buf_byte(out, '\t');
		found += value != NULL;
		if (c->type == DQ_PG_EVENT)
			put_event(out, record);
		else if (c->type == DQ_PG_ID)
			put_id(out, c, value, record);
		else if (c->type == DQ_PG_INT)
			put_int(out, value);
		else if (c->type == DQ_PG_RECORD)
			put_escaped(out, record->line);
		else if (c->type != DQ_PG_EXTRA)
			put_value(out, value);
		else if (found == members)
			dq_buf_str(out, null);
		else
			put_extra(out, table, record);
	}
	dq_buf_byte(out, '\n');
}

static char
unescaped(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	default:
		return c;
	}
}

static struct dq_slice
take_field(char *at, const char *end)
{
	char *to = at, *begin = at;

	if (end - at == 2 && at[0] == '\\' && at[1] == 'N')
		return (struct dq_slice){NULL, 0};
	for (; at < end; at++)
		*to++ = *at == '\\' && at + 1 < end ? unescaped(*++at) : *at;
	return (struct dq_slice){begin, (size_t)(to - begin)};
}

bool
dq_pg_row_split(char *row, size_t len, struct dq_slice *fields, size_t count)
{
	char *end = row + len;

	for (size_t i = 0; i < count; i++) {
		char *tab = memchr(row, '\t', (size_t)(end - row));

		if (!tab != (i == count - 1))
			return false;
		fields[i] = take_field(row, tab ? tab : end);
		row = tab ? tab + 1 : end;
	}
	return true;
}

bool
dq_pg_row_time(struct dq_slice field, int64_t *time)
{
	if (field.len > 3 && !memcmp(field.data + field.len - 3, "+00", 3))
		field.len -= 3;
	return dq_time_parse(field, time);
}

static void
put_time(struct dq_buf *out, struct dq_slice field, bool midnight)
{
	int64_t time;

	if (!dq_pg_row_time(field, &time)) {
		dq_buf_json_text(out, field); /* infinity, BC: refused later */
		return;
	}
	dq_buf_byte(out, '"');
	if (midnight && time % DQ_DAY == 0)
		dq_buf_day(out, dq_day_of(time));
	else
		dq_buf_time(out, time);
	dq_buf_byte(out, '"');
}

static void
put_member(
    struct dq_buf *out, const struct dq_pg_column *c, struct dq_slice field)
{
	dq_buf_key(out, c->field);
	switch (c->type) {
	case DQ_PG_EVENT:
	case DQ_PG_TIME:
		put_time(out, field, false);
		break;
	case DQ_PG_MIDNIGHT:
		put_time(out, field, true);
		break;
	case DQ_PG_FLAG:
		dq_buf_str(out, *field.data == 't' ? "true" : "false");
		break;
	case DQ_PG_NUMBER:
	case DQ_PG_INT:
	case DQ_PG_JSON:
		dq_buf_slice(out, field);
		break;
	default:
		dq_buf_json_text(out, field);
	}
}

void
dq_pg_row_read(const struct dq_pg_table *table, const struct dq_slice *fields,
    struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "event_type", table->event_type);
	for (size_t i = 0; table->columns[i].name; i++) {
		const struct dq_pg_column *c = &table->columns[i];

		if (!fields[i].data)
			continue;
		if (c->type == DQ_PG_EXTRA && fields[i].len > 2) {
			dq_buf_comma(out); /* the object's own members */
			dq_buf_add(out, fields[i].data + 1, fields[i].len - 2);
		} else if (c->field) {
			put_member(out, c, fields[i]);
		}
	}
	dq_buf_byte(out, '}');
}
