#include "record/record.h"

#include "record/base64.h"

#include "base/mem.h"
#include "base/money.h"
#include "base/num.h"
#include "base/time.h"
#include "record/scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define KEYS_REMEMBERED 32

struct dq_reader {
	struct dq_record record;
	struct dq_scan *scan;
	struct dq_scan_result scanned;
	bool shallow; /* the depth is known to be within the limit */
	char *text;   /* the line again, for padding and unescaping in place */
	size_t text_cap;
	void *pool; /* memory for yyjson's values */
	size_t pool_cap;
	/* Keys of one stream come in the same order line after line: each is
	 * first compared with the key that stood there last time. */
	struct guess {
		enum dq_field field;
		size_t length; /* of its name; SIZE_MAX: nothing known */
	} guess[KEYS_REMEMBERED];
};

struct dq_reader *
dq_reader_new(void)
{
	struct dq_reader *reader = dq_calloc(1, sizeof(*reader));

	reader->scan = dq_scan_new();
	for (int i = 0; i < KEYS_REMEMBERED; i++)
		reader->guess[i].length = SIZE_MAX;
	return reader;
}

void
dq_reader_free(struct dq_reader *reader)
{
	if (!reader)
		return;
	dq_scan_free(reader->scan);
	free(reader->text);
	free(reader->pool);
	free(reader);
}

static void
make_room(struct dq_reader *reader, size_t len)
{
	size_t text = len + DQ_SCAN_PADDING;
	size_t pool;

	if (reader->text_cap >= text)
		return;
	text = text * 2;
	pool = yyjson_read_max_memory_usage(text, YYJSON_READ_INSITU) + 64;
	reader->text = dq_realloc(reader->text, text);
	reader->text_cap = text;
	reader->pool = dq_realloc(reader->pool, pool);
	reader->pool_cap = pool;
}

static bool
parse_json(struct dq_reader *reader, struct dq_slice line, struct dq_err *err)
{
	yyjson_read_err fault;
	yyjson_alc memory;
	yyjson_doc *doc;

	if (!yyjson_alc_pool_init(&memory, reader->pool, reader->pool_cap))
		dq_die(DQ_EXIT_BROKEN, "reader", "pool too small");
	doc = yyjson_read_opts(reader->text, line.len,
	    YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, &memory, &fault);
	if (!doc)
		return dq_err_set(
		    err, "column %zu: not JSON: %s", fault.pos + 1, fault.msg);
	reader->record.root = yyjson_doc_get_root(doc);
	if (!yyjson_is_obj(reader->record.root))
		return dq_err_set(err, "not a JSON object but %s",
		    dq_json_type(reader->record.root));
	return true;
}

/* Nearly all lines are plain; what is not, or is faulty, yyjson judges. */
static bool
read_line(struct dq_reader *reader, struct dq_slice line, struct dq_err *err)
{
	struct dq_record *record = &reader->record;
	struct dq_scan_result *scanned = &reader->scanned;

	make_room(reader, line.len);
	memcpy(reader->text, line.data, line.len);
	memset(reader->text + line.len, 0, DQ_SCAN_PADDING);
	record->parsed_ = reader->text;
	record->spans_ = NULL;
	record->shape = 0;
	reader->shallow = dq_scan_line(
	    reader->scan, reader->text, line.len, reader->pool, scanned);
	if (!reader->shallow)
		return parse_json(reader, line, err);
	record->root = scanned->root;
	record->shape = scanned->shape;
	if (scanned->span_count)
		record->spans_ = scanned->spans;
	return true;
}

static bool
too_deep(struct yyjson_val *container, int depth)
{
	struct dq_json_iter iter = dq_json_iter(container);

	if (depth > DQ_DEPTH_LIMIT)
		return true;
	while (dq_json_next(&iter))
		if (unsafe_yyjson_is_ctn(iter.value) &&
		    too_deep(iter.value, depth + 1))
			return true;
	return false;
}

static enum dq_field
field_of(struct dq_reader *reader, struct dq_slice key, size_t position)
{
	struct guess *guess;

	if (position >= KEYS_REMEMBERED)
		return dq_field_find(key);
	guess = &reader->guess[position];
	if (guess->length == key.len &&
	    !memcmp(dq_field_info(guess->field)->name, key.data, key.len))
		return guess->field;
	guess->field = dq_field_find(key);
	guess->length = guess->field == DQ_FIELD_UNKNOWN ? SIZE_MAX : key.len;
	return guess->field;
}

/* Notes where each field stands. */
static bool
map_fields(struct dq_reader *reader, struct dq_err *err)
{
	struct dq_record *record = &reader->record;
	struct dq_json_iter iter = dq_json_iter(record->root);
	uint64_t seen[2] = {0, 0};

	for (size_t i = 0; dq_json_next(&iter); i++) {
		enum dq_field field = field_of(reader, iter.key, i);
		uint64_t bit = UINT64_C(1) << (field % 64);

		if (!reader->shallow && unsafe_yyjson_is_ctn(iter.value) &&
		    too_deep(iter.value, 2))
			return dq_err_set(err,
			    "\"%.*s\" nests deeper than %d levels",
			    (int)(iter.key.len < 64 ? iter.key.len : 64),
			    iter.key.data, DQ_DEPTH_LIMIT);
		if (i < DQ_SCAN_SPANS)
			reader->scanned.spans[i].field = field;
		if (field == DQ_FIELD_UNKNOWN)
			continue;
		if (seen[field / 64] & bit)
			return dq_err_set(err, "\"%s\" stands there twice",
			    dq_field_info(field)->name);
		seen[field / 64] |= bit;
		record->cells[field].value = iter.value;
		if (!unsafe_yyjson_is_null(iter.value))
			record->present[field / 64] |= bit;
	}
	return true;
}

static bool
convert_number(
    struct yyjson_val *value, enum dq_field_type type, int digits, int64_t *out)
{
	struct dq_slice text = dq_json_text(value);

	switch (type) {
	case DQ_TYPE_TIME:
		return yyjson_is_str(value) && dq_time_parse(text, out);
	case DQ_TYPE_MONEY:
		return text.len && dq_money_parse(text, digits, out);
	case DQ_TYPE_AMOUNT:
		return text.len && dq_money_parse(text, digits, out) &&
		       *out >= 0;
	default:
		return dq_json_int(value, out);
	}
}

static bool
chosen(struct dq_slice text, const char *choices)
{
	for (const char *at = choices;; at++) {
		size_t n = 0;

		while (n < text.len && at[n] == text.data[n] && at[n] != '|')
			n++;
		if (n == text.len && (at[n] == '|' || !at[n]))
			return true;
		at += n;
		while (*at && *at != '|')
			at++;
		if (!*at)
			return false;
	}
}

static bool
type_fits(struct yyjson_val *value, const struct dq_field_info *info)
{
	double real;

	switch (info->type) {
	case DQ_TYPE_TEXT:
		return yyjson_is_str(value) &&
		       (!info->choices ||
			   chosen(dq_json_text(value), info->choices));
	case DQ_TYPE_REAL:
		return dq_json_real(value, &real);
	case DQ_TYPE_FLAG:
		return yyjson_is_bool(value);
	case DQ_TYPE_OBJECT:
		return yyjson_is_obj(value);
	case DQ_TYPE_ARRAY:
		return yyjson_is_arr(value);
	default:
		return true;
	}
}

static const char *
type_wanted(const struct dq_field_info *info)
{
	switch (info->type) {
	case DQ_TYPE_TEXT:
		return info->choices ? info->choices : "a string";
	case DQ_TYPE_TIME:
		return "a time such as 2026-01-05T10:11:12Z";
	case DQ_TYPE_MONEY:
		return "an amount with no more decimals than its currency";
	case DQ_TYPE_AMOUNT:
		return "an amount of 0 or more with no more decimals than "
		       "its currency";
	case DQ_TYPE_INT:
		return "a whole number";
	case DQ_TYPE_REAL:
		return "a number";
	case DQ_TYPE_FLAG:
		return "true or false";
	case DQ_TYPE_OBJECT:
		return "an object";
	case DQ_TYPE_ARRAY:
		return "an array";
	case DQ_TYPE_ANY:
		break;
	}
	return "a value";
}

static bool
convert_field(struct dq_record *record, enum dq_field field, struct dq_err *err)
{
	const struct dq_field_info *info = dq_field_info(field);
	struct dq_cell *cell = &record->cells[field];
	bool good;

	if (!dq_record_has(record, field))
		return true;
	if (info->type == DQ_TYPE_TIME || info->type == DQ_TYPE_MONEY ||
	    info->type == DQ_TYPE_AMOUNT || info->type == DQ_TYPE_INT)
		good = convert_number(cell->value, info->type,
		    record->money_digits, &cell->number);
	else
		good = type_fits(cell->value, info);
	if (good)
		return true;
	return dq_err_set(
	    err, "\"%s\" is not %s", info->name, type_wanted(info));
}

static bool
convert_fields(struct dq_record *record, const struct dq_kind_info *kind,
    struct dq_err *err)
{
	for (int i = 0; kind->fields[i] != DQ_FIELDS; i++) {
		enum dq_field field = kind->fields[i];

		/* read_head has converted these already. */
		if (field != kind->time && field != DQ_CUSTOMER_ID &&
		    !convert_field(record, field, err))
			return false;
		if (kind->required >> i & 1 && !dq_record_has(record, field))
			return dq_err_set(err, "%s without \"%s\"", kind->name,
			    dq_field_info(field)->name);
	}
	return true;
}

/* What every record has: a kind, perhaps a customer, perhaps a time. */
static bool
read_head(struct dq_record *record, struct dq_err *err)
{
	enum dq_field field;

	if (!convert_field(record, DQ_EVENT_TYPE, err) ||
	    !convert_field(record, DQ_CUSTOMER_ID, err))
		return false;
	if (!dq_record_has(record, DQ_EVENT_TYPE))
		return dq_err_set(err, "no \"event_type\"");
	record->kind = dq_kind_find(dq_record_text(record, DQ_EVENT_TYPE));
	record->customer_id = dq_record_text(record, DQ_CUSTOMER_ID);
	field = dq_kind_info(record->kind)->time;
	if (!dq_record_has(record, field) && field == DQ_EVENT_TIME &&
	    dq_record_has(record, DQ_TIMESTAMP)) {
		record->cells[field] = record->cells[DQ_TIMESTAMP];
		record->present[field / 64] |= UINT64_C(1) << (field % 64);
	}
	if (!convert_field(record, field, err))
		return false;
	record->time = dq_record_number(record, field, DQ_TIME_NONE);
	return true;
}

const struct dq_record *
dq_reader_parse(struct dq_reader *reader, struct dq_slice line,
    const struct dq_place *place, uint32_t kinds, int money_digits,
    struct dq_err *err)
{
	struct dq_record *record = &reader->record;

	record->line = line;
	record->place = *place;
	record->present[0] = record->present[1] = 0;
	if (!read_line(reader, line, err) || !map_fields(reader, err) ||
	    !read_head(record, err))
		return NULL;
	record->money_digits = money_digits;
	if (!(DQ_KIND_BIT(record->kind) & kinds))
		return record;
	if (dq_record_has(record, DQ_CURRENCY))
		record->money_digits =
		    dq_money_digits(dq_record_text(record, DQ_CURRENCY));
	if (!convert_fields(record, dq_kind_info(record->kind), err))
		return NULL;
	return record;
}

struct dq_slice
dq_record_text(const struct dq_record *record, enum dq_field field)
{
	return dq_json_text(dq_record_value(record, field));
}

double
dq_record_real(const struct dq_record *record, enum dq_field field)
{
	double value;

	return dq_json_real(dq_record_value(record, field), &value) ? value
								    : NAN;
}

bool
dq_record_flag(
    const struct dq_record *record, enum dq_field field, bool fallback)
{
	struct yyjson_val *value = dq_record_value(record, field);

	return value ? yyjson_get_bool(value) : fallback;
}

const char *
dq_place_text(const struct dq_place *place, char text[256])
{
	if (place->topic)
		snprintf(text, 256, "%s[%d] offset %lld", place->source,
		    place->partition, (long long)place->offset);
	else
		snprintf(text, 256, "%s: line %lld", place->source,
		    (long long)place->line);
	return text;
}

void
dq_buf_place(struct dq_buf *buf, const struct dq_place *place, bool more)
{
	dq_buf_byte(buf, '{');
	if (place->topic) {
		dq_buf_member_str(buf, "topic", place->source);
		dq_buf_member_int(buf, "partition", place->partition);
		dq_buf_member_int(buf, "offset", place->offset);
		if (more && place->key.data) {
			dq_buf_key(buf, "key");
			dq_buf_byte(buf, '"');
			dq_buf_base64(buf, place->key);
			dq_buf_byte(buf, '"');
		}
	} else {
		dq_buf_member_str(buf, "file", place->source);
		dq_buf_member_int(buf, "line", place->line);
		if (more)
			dq_buf_member_int(buf, "offset", place->offset);
	}
	dq_buf_byte(buf, '}');
}
