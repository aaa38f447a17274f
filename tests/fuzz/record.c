/* A line through the reader, as every kind, and its bytes by the raw walk. */
#include "record/record.h"
#include "fuzz.h"

static struct dq_reader *reader;

/* The raw walk and the parser see the same members in the same order. */
static void
compare_members(const struct dq_record *record)
{
	struct dq_json_iter parsed = dq_json_iter(record->root);
	struct dq_raw_iter raw;
	struct dq_slice span;

	dq_raw_begin(&raw, record);
	while (dq_json_next(&parsed)) {
		MUST(dq_raw_next(&raw));
		MUST(raw.value.data >= record->line.data);
		MUST(raw.value.data + raw.value.len <=
		     record->line.data + record->line.len);
		span = dq_record_span(record, parsed.value);
		MUST(!span.len || dq_slice_equal(span, raw.value));
		MUST(span.len || yyjson_is_ctn(parsed.value) ||
		     yyjson_is_str(parsed.value));
		if (!memchr(raw.key.data, '\\', raw.key.len))
			MUST(dq_slice_equal(parsed.key, raw.key));
	}
	MUST(!dq_raw_next(&raw));
}

static void
read_fields(const struct dq_record *record)
{
	size_t sum = record->customer_id.len;

	for (int f = 0; f < DQ_FIELDS; f++) {
		enum dq_field field = (enum dq_field)f;

		if (!dq_record_has(record, field))
			continue;
		sum += dq_record_raw(record, field).len;
		switch (dq_field_info(field)->type) {
		case DQ_TYPE_TEXT:
			sum += dq_record_text(record, field).len;
			break;
		case DQ_TYPE_REAL:
			sum += dq_record_real(record, field) > 0;
			break;
		case DQ_TYPE_FLAG:
			sum += dq_record_flag(record, field, false);
			break;
		default:
			sum += dq_record_number(record, field, 0) != 0;
		}
	}
	__asm__ volatile("" ::"r"(sum));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_place place = {.source = "fuzz", .partition = -1, .line = 1};
	struct dq_slice line = {(const char *)data, size};
	const struct dq_record *record;
	struct dq_err err = {0};
	const char *newline = memchr(data, '\n', size);
	char *copy;

	if (newline) /* a line has none */
		line.len = size = (size_t)(newline - (const char *)data);
	if (!reader)
		reader = dq_reader_new();
	/* On the heap, to its last byte: reading beyond is seen. */
	copy = malloc(size + 1);
	memcpy(copy, data, size);
	copy[size] = '\n';
	line.data = copy;
	record = dq_reader_parse(
	    reader, line, &place, DQ_KIND_BIT(DQ_KINDS) - 1, 2, &err);
	if (record) {
		read_fields(record);
		compare_members(record);
	} else {
		MUST(err.text[0]);
	}
	free(copy);
	return 0;
}
