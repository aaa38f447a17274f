/* Finding a field's own bytes in its line, for copying them untouched. */
#include "record/record.h"
#include "record/scan.h"

#if defined(__SSE2__)

#include <emmintrin.h>

/* The first of these bytes at or behind `at`, looked for sixteen at a time as
 * long as there are so many; `fold` is or-ed to each byte first. */
static const char *
find_any(const char *at, const char *end, char fold, const char bytes[3])
{
	const __m128i a = _mm_set1_epi8(bytes[0]), b = _mm_set1_epi8(bytes[1]);
	const __m128i c = _mm_set1_epi8(bytes[2]), f = _mm_set1_epi8(fold);

	for (; end - at >= 16; at += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i y = _mm_or_si128(x, f);
		int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, a),
		    _mm_or_si128(_mm_cmpeq_epi8(y, b), _mm_cmpeq_epi8(y, c))));

		if (found)
			return at + __builtin_ctz((unsigned)found);
	}
	return at;
}

#else

static const char *
find_any(const char *at, const char *end, char fold, const char bytes[3])
{
	(void)end, (void)fold, (void)bytes;
	return at;
}

#endif

/* Past a string whose opening quote is at `at`. */
static const char *
skip_string(const char *at, const char *end)
{
	at++;
	while (at < end) {
		at = find_any(at, end, 0, "\"\\\"");
		for (; at < end && *at != '"' && *at != '\\'; at++)
			;
		if (at >= end || *at == '"')
			break;
		at += 2;
	}
	return at + 1;
}

/* With 0x20 or-ed to them [ and ] are { and }, and no other byte is. */
static const char *
skip_container(const char *at, const char *end)
{
	int depth = 0;

	while (at < end) {
		at = find_any(at, end, 0x20, "\"{}");
		if (at == end)
			break;
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && --depth == 0)
			return at + 1;
		at++;
	}
	return end;
}

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

static const char *
skip_value(const char *at, const char *end)
{
	if (*at == '"')
		return skip_string(at, end);
	if (*at == '{' || *at == '[')
		return skip_container(at, end);
	while (at < end && *at != ',' && *at != '}' && *at != ']' &&
	       *at != ' ' && *at != '\t' && *at != '\r')
		at++;
	return at;
}

void
dq_raw_begin_line(struct dq_raw_iter *iter, struct dq_slice line)
{
	*iter = (struct dq_raw_iter){.end = line.data + line.len};
	iter->at = memchr(line.data, '{', line.len);
	iter->at = iter->at ? iter->at + 1 : iter->end;
}

void
dq_raw_begin(struct dq_raw_iter *iter, const struct dq_record *record)
{
	const char *line = record->line.data;

	if (!record->spans_) {
		dq_raw_begin_line(iter, record->line);
		return;
	}
	*iter = (struct dq_raw_iter){.at = line, .end = line};
	iter->span = record->spans_;
	iter->spans_end = iter->span + dq_json_size(record->root);
	iter->parsed = record->parsed_;
}

/* The reader has found them already. */
static void
take_span(struct dq_raw_iter *iter)
{
	const struct dq_span *span = iter->span++;
	struct dq_slice key = dq_json_text(span->key);
	const char *value = iter->at + (span->value - iter->parsed);
	const char *end = iter->at + (span->end - iter->parsed);

	key.data = iter->at + (key.data - iter->parsed);
	iter->key = key;
	iter->value = (struct dq_slice){value, (size_t)(end - value)};
	iter->member =
	    (struct dq_slice){key.data - 1, (size_t)(end - key.data) + 1};
	iter->field = (enum dq_field)span->field;
}

bool
dq_raw_next(struct dq_raw_iter *iter)
{
	const char *at = skip_space(iter->at, iter->end), *value;

	if (iter->span < iter->spans_end) {
		take_span(iter);
		return true;
	}
	if (at < iter->end && *at == ',')
		at = skip_space(at + 1, iter->end);
	if (at >= iter->end || *at != '"')
		return false;
	value = skip_string(at, iter->end);
	iter->key = (struct dq_slice){at + 1, (size_t)(value - at) - 2};
	iter->member.data = at;
	value = skip_space(value, iter->end);
	value = skip_space(value + 1, iter->end);
	iter->at = skip_value(value, iter->end);
	iter->value = (struct dq_slice){value, (size_t)(iter->at - value)};
	iter->member.len = (size_t)(iter->at - at);
	iter->field = dq_field_find(iter->key);
	return true;
}

/* What is parsed in place stands where it stood in the line. */
struct dq_slice
dq_record_span(const struct dq_record *record, struct yyjson_val *value)
{
	struct dq_slice text = dq_json_text(value);
	const char *at = record->line.data + (text.data - record->parsed_);

	if (yyjson_is_null(value))
		return (struct dq_slice){"null", 4};
	if (yyjson_is_bool(value))
		return yyjson_get_bool(value) ? (struct dq_slice){"true", 4}
					      : (struct dq_slice){"false", 5};
	if (yyjson_is_raw(value))
		return (struct dq_slice){at, text.len};
	if (yyjson_is_str(value) && !memchr(at, '\\', text.len))
		return (struct dq_slice){at - 1, text.len + 2};
	return (struct dq_slice){"", 0};
}

struct dq_slice
dq_record_raw(const struct dq_record *record, enum dq_field field)
{
	struct dq_raw_iter iter;

	dq_raw_begin(&iter, record);
	while (dq_raw_next(&iter))
		if (iter.field == field)
			return iter.value;
	return (struct dq_slice){"", 0};
}
