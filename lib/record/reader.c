#include "record/record.h"

#include "base/mem.h"
#include "base/money.h"
#include "base/time.h"
#include "record/convert.h"
#include "record/scan.h"

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
	/* By kind; bit f: field f must be there; is any text; is anything else
	 * (those of the head are in neither). */
	struct fields {
		uint64_t required[2], texts[2], others[2];
	} fields[DQ_KINDS];
	/* Of lines that the scanner leaves to yyjson: the field that the last
	 * one's keys were, by position. */
	struct guess {
		enum dq_field field;
		size_t length; /* of its name; 0: nothing known */
	} guess[KEYS_REMEMBERED];
	uint64_t lines;		  /* read so far */
	uint64_t seen[DQ_FIELDS]; /* the last of them that has the field */
};

static void
put_bit(uint64_t bits[2], enum dq_field field)
{
	bits[field / 64] |= UINT64_C(1) << (field % 64);
}

static void
list_fields(struct fields *list, const struct dq_kind_info *kind)
{
	for (int i = 0; kind->fields[i] != DQ_FIELDS; i++) {
		enum dq_field field = kind->fields[i];
		const struct dq_field_info *info = dq_field_info(field);
		bool text = info->type == DQ_TYPE_TEXT && !info->choices;

		if (kind->required >> i & 1)
			put_bit(list->required, field);
		if (field != kind->time && field != DQ_CUSTOMER_ID)
			put_bit(text ? list->texts : list->others, field);
	}
}

struct dq_reader *
dq_reader_new(void)
{
	struct dq_reader *reader = dq_calloc(1, sizeof(*reader));

	reader->scan = dq_scan_new();
	for (int i = 0; i < DQ_KINDS; i++)
		list_fields(&reader->fields[i], dq_kind_info((enum dq_kind)i));
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

static inline bool
map_field(struct dq_reader *reader, enum dq_field field,
    struct yyjson_val *value, struct dq_err *err)
{
	struct dq_record *record = &reader->record;

	if (field == DQ_FIELD_UNKNOWN)
		return true;
	if (reader->seen[field] == reader->lines)
		return dq_err_set(err, "\"%s\" stands there twice",
		    dq_field_info(field)->name);
	reader->seen[field] = reader->lines;
	record->cells[field].value = value;
	if (!unsafe_yyjson_is_null(value))
		put_bit(record->present, field);
	return true;
}

static enum dq_field
field_of(struct dq_reader *reader, struct dq_slice key, size_t position)
{
	struct guess *guess;

	if (position >= KEYS_REMEMBERED || !key.len)
		return dq_field_find(key);
	guess = &reader->guess[position];
	if (guess->length == key.len &&
	    !memcmp(dq_field_info(guess->field)->name, key.data, key.len))
		return guess->field;
	guess->field = dq_field_find(key);
	guess->length = guess->field == DQ_FIELD_UNKNOWN ? 0 : key.len;
	return guess->field;
}

/* Notes where each field stands. */
static bool
map_fields(struct dq_reader *reader, struct dq_err *err)
{
	struct dq_record *record = &reader->record;
	struct dq_json_iter iter = dq_json_iter(record->root);

	for (size_t i = 0; dq_json_next(&iter); i++) {
		if (!reader->shallow && unsafe_yyjson_is_ctn(iter.value) &&
		    too_deep(iter.value, 2))
			return dq_err_set(err,
			    "\"%.*s\" nests deeper than %d levels",
			    (int)(iter.key.len < 64 ? iter.key.len : 64),
			    iter.key.data, DQ_DEPTH_LIMIT);
		if (!map_field(
			reader, field_of(reader, iter.key, i), iter.value, err))
			return false;
	}
	return true;
}

/* The same where the scanner has found them. */
static bool
map_spans(struct dq_reader *reader, struct dq_err *err)
{
	const struct dq_span *span = reader->scanned.spans;
	const struct dq_span *end = span + reader->scanned.span_count;

	for (; span < end; span++)
		if (!map_field(
			reader, (enum dq_field)span->field, span->key + 1, err))
			return false;
	return true;
}

static bool
convert_field(struct dq_record *record, enum dq_field field, struct dq_err *err)
{
	return !dq_record_has(record, field) || dq_convert(record, field) ||
	       dq_convert_refuse(field, err);
}

/* Takes the lowest bit out. */
static inline enum dq_field
next_field(uint64_t *bits, int half)
{
	int bit = __builtin_ctzll(*bits);

	*bits &= *bits - 1;
	return (enum dq_field)(half * 64 + bit);
}

/* Is all there that must be, and as it should? */
static bool
convert_all(struct dq_record *record, const struct fields *fields)
{
	for (int half = 0; half < 2; half++) {
		uint64_t present = record->present[half];
		uint64_t texts = present & fields->texts[half];
		uint64_t others = present & fields->others[half];

		if (fields->required[half] & ~present)
			return false;
		while (texts)
			if (!unsafe_yyjson_is_str(
				record->cells[next_field(&texts, half)].value))
				return false;
		while (others)
			if (!dq_convert(record, next_field(&others, half)))
				return false;
	}
	return true;
}

/* The first fault in the order of the kind's fields. */
static bool
first_fault(struct dq_record *record, const struct dq_kind_info *kind,
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
	reader->lines++;
	if (!read_line(reader, line, err) ||
	    !(record->spans_ ? map_spans(reader, err)
			     : map_fields(reader, err)) ||
	    !read_head(record, err))
		return NULL;
	record->money_digits = money_digits;
	if (!(DQ_KIND_BIT(record->kind) & kinds))
		return record;
	if (dq_record_has(record, DQ_CURRENCY))
		record->money_digits =
		    dq_money_digits(dq_record_text(record, DQ_CURRENCY));
	if (!convert_all(record, &reader->fields[record->kind]) &&
	    !first_fault(record, dq_kind_info(record->kind), err))
		return NULL;
	return record;
}
