#include "record/scan.h"

#include "base/mem.h"
#include "record/scan_bytes.h"

#include <stdlib.h>

#define LAYOUTS 16
#define SLOTS 160
#define STRETCH 48
#define FIRST 0x80
#define AHEAD 4	    /* slots that a line may leave out */
#define PATIENCE 64 /* lines in a row that leave some out */

/* What stood between two values: from behind the one to the other's begin. */
struct slot {
	char bytes[STRETCH];
	uint64_t others; /* the bits of the bytes behind it */
	uint64_t tag;	 /* the key's, as yyjson has it */
	uint8_t len, key;
	uint8_t place; /* depth of the object; FIRST: its first member; 0:
			  nothing known */
	uint8_t field; /* enum dq_field, of a member of the root */
};

struct layout {
	struct slot *slots;
	size_t count;	/* keys of the last line */
	uint64_t shape; /* 0: that line left slots out, or was refused */
	int gaps;	/* lines in a row that left slots out */
};

struct dq_scan {
	struct layout layouts[LAYOUTS];
	uint64_t shapes; /* given out */
};

/* One line being read. */
struct state {
	const char *at;
	struct yyjson_val *next;
	struct layout *layout;
	struct slot *slot; /* the one that is expected */
	size_t keys;
	uint32_t field; /* the last key's */
	bool changed, gaps;
	struct dq_scan_result *result;
};

struct dq_scan *
dq_scan_new(void)
{
	return dq_calloc(1, sizeof(struct dq_scan));
}

void
dq_scan_free(struct dq_scan *scan)
{
	if (!scan)
		return;
	for (int i = 0; i < LAYOUTS; i++)
		free(scan->layouts[i].slots);
	free(scan);
}

static inline const char *
skip_space(const char *at)
{
	if ((unsigned char)*at > ' ')
		return at;
	while (*at == ' ' || *at == '\t' || *at == '\r')
		at++;
	return at;
}

static inline bool
slot_fits(const struct slot *slot, const char *at, uint8_t place)
{
	uint64_t same = same_bits(slot->bytes, at);

	if ((uint16_t)(same | slot->others) != UINT16_MAX ||
	    slot->place != place)
		return false;
	if (slot->len <= 16)
		return true;
	same |= (uint64_t)same_bits(slot->bytes + 16, at + 16) << 16 |
		(uint64_t)same_bits(slot->bytes + 32, at + 32) << 32;
	return (same | slot->others) == UINT64_MAX;
}

static inline uint64_t
tag_of(uint8_t type, size_t len)
{
	return (uint64_t)len << YYJSON_TAG_BIT | type;
}

static inline void
put_text(struct yyjson_val *value, uint8_t type, const char *at, size_t len)
{
	value->tag = tag_of(type, len);
	value->uni.str = at;
}

/* Puts a stretch before the slot that was expected: what follows may stand as
 * it stood before. */
static void
remember(struct state *s, const char *begin, uint8_t place)
{
	struct slot *slots = s->layout->slots, *slot = s->slot++;
	size_t len = (size_t)(s->at - begin);

	memmove(
	    slot + 1, slot, (size_t)(slots + SLOTS - 1 - slot) * sizeof(*slot));
	memcpy(slot->bytes, begin, len);
	slot->others = UINT64_MAX << len;
	slot->tag = s->next->tag;
	slot->len = (uint8_t)len;
	slot->key = (uint8_t)(s->next->uni.str - begin);
	slot->place = place;
	slot->field = (uint8_t)s->field;
}

/* A key that was not foreseen, with all up to its value. */
static bool
read_key(struct state *s, uint8_t place)
{
	const char *begin = s->at, *at = begin, *end;
	struct dq_slice key;

	if (!(place & FIRST) && *at++ != ',')
		return false;
	at = skip_space(at);
	if (*at != '"')
		return false;
	key.data = at + 1;
	end = string_end(key.data);
	if (!end)
		return false;
	key.len = (size_t)(end - key.data);
	at = skip_space(end + 1);
	if (*at != ':')
		return false;
	s->at = skip_space(at + 1);
	put_text(s->next, YYJSON_TYPE_STR, key.data, key.len);
	s->changed = true;
	s->field = DQ_FIELD_UNKNOWN;
	if ((place & ~FIRST) == 1)
		s->field = dq_field_find(key);
	if (s->slot < s->layout->slots + SLOTS && s->at - begin <= STRETCH)
		remember(s, begin, place);
	return true;
}

static inline void
take_slot(struct state *s, struct slot *slot)
{
	s->next->tag = slot->tag;
	s->next->uni.str = s->at + slot->key;
	s->at += slot->len;
	s->field = slot->field;
	s->slot = slot + 1;
}

/* Not what was expected: the same behind spaces, one further on, or new. */
static bool
find_key(struct state *s, uint8_t place)
{
	struct slot *slot = s->slot, *found = slot;

	for (; found <= slot + AHEAD; found++)
		if (slot_fits(found, s->at, place)) {
			s->gaps |= found > slot;
			take_slot(s, found);
			return true;
		}
	return read_key(s, place);
}

/* False: the object ends here, unless *good becomes false. */
static inline bool
scan_key(struct state *s, uint8_t place, bool *good)
{
	if (slot_fits(s->slot, s->at, place)) {
		take_slot(s, s->slot);
	} else {
		s->at = skip_space(s->at);
		if (*s->at == '}')
			return false;
		*good = find_key(s, place);
	}
	s->keys++;
	s->next++;
	return *good;
}

static inline __attribute__((always_inline)) bool scan_value(
    struct state *s, unsigned depth);

static void
end_container(
    struct state *s, struct yyjson_val *container, uint8_t type, size_t count)
{
	s->at++;
	container->tag = (uint64_t)count << YYJSON_TAG_BIT | type;
	container->uni.ofs = (size_t)((char *)s->next - (char *)container);
}

static bool
scan_object(struct state *s, unsigned depth)
{
	struct yyjson_val *object = s->next++;
	uint8_t place = (uint8_t)(depth | FIRST);
	bool good = depth <= DQ_DEPTH_LIMIT;
	size_t count = 0;

	for (s->at++; good && scan_key(s, place, &good); count++) {
		good = scan_value(s, depth + 1);
		place = (uint8_t)depth;
	}
	if (good)
		end_container(s, object, YYJSON_TYPE_OBJ, count);
	return good;
}

/* The object that the line is, and where its members stand. */
static bool
scan_root(struct state *s)
{
	struct dq_span *spans = s->result->spans;
	struct yyjson_val *root = s->next++;
	uint8_t place = 1 | FIRST;
	bool good = true;
	size_t count = 0;

	for (s->at++; good && scan_key(s, place, &good); count++) {
		struct yyjson_val *key = s->next - 1;
		const char *value = s->at;
		uint32_t field = s->field;

		good = scan_value(s, 2);
		place = 1;
		if (count < DQ_SCAN_SPANS)
			spans[count] =
			    (struct dq_span){key, value, s->at, field};
	}
	if (good)
		end_container(s, root, YYJSON_TYPE_OBJ, count);
	return good;
}

static bool
scan_array(struct state *s, unsigned depth)
{
	struct yyjson_val *array = s->next++;
	size_t count = 0;

	if (depth > DQ_DEPTH_LIMIT)
		return false;
	s->at = skip_space(s->at + 1);
	for (; *s->at != ']'; count++) {
		if (count && *s->at++ != ',')
			return false;
		s->at = skip_space(s->at);
		if (!scan_value(s, depth + 1))
			return false;
		s->at = skip_space(s->at);
	}
	end_container(s, array, YYJSON_TYPE_ARR, count);
	return true;
}

static inline const char *
put_string(struct yyjson_val *value, const char *at)
{
	const char *end = string_end(at + 1);

	if (!end)
		return NULL;
	put_text(value, YYJSON_TYPE_STR, at + 1, (size_t)(end - at) - 1);
	return end + 1;
}

static inline const char *
put_word(struct yyjson_val *value, const char *at, const char *word, size_t len,
    uint8_t type)
{
	value->tag = type;
	return memcmp(at, word, len) == 0 ? at + len : NULL;
}

static inline const char *
put_other(struct yyjson_val *value, const char *at)
{
	const char *end;

	switch (*at) {
	case 'n':
		return put_word(value, at, "null", 4, YYJSON_TYPE_NULL);
	case 't':
		return put_word(value, at, "true", 4,
		    YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE);
	case 'f':
		return put_word(value, at, "false", 5, YYJSON_TYPE_BOOL);
	}
	end = number_end(at);
	if (end)
		put_text(value, YYJSON_TYPE_RAW, at, (size_t)(end - at));
	return end;
}

/* [ and { differ in one bit, which is set in {. */
static inline bool
scan_value(struct state *s, unsigned depth)
{
	const char *at = s->at;

	if (*at == '"')
		at = put_string(s->next, at);
	else if ((*at | 0x20) != '{')
		at = put_other(s->next, at);
	else
		return *at == '{' ? scan_object(s, depth)
				  : scan_array(s, depth);
	if (!at)
		return false;
	s->at = at;
	s->next++;
	return true;
}

/* Lines of one kind mostly begin alike, {"event_type":"transaction", and the
 * third and the sixth letter tell the kinds apart. */
static struct layout *
layout_of(struct dq_scan *scan, const char *text)
{
	unsigned letters = (unsigned)(text[17] ^ text[20]);
	struct layout *layout = &scan->layouts[letters % LAYOUTS];

	/* Those behind SLOTS stay empty. */
	if (!layout->slots)
		layout->slots =
		    dq_calloc(SLOTS + AHEAD + 1, sizeof(*layout->slots));
	if (layout->gaps == PATIENCE) { /* it has keys of other lines */
		memset(layout->slots, 0, SLOTS * sizeof(*layout->slots));
		layout->gaps = 0;
	}
	return layout;
}

static uint64_t
shape_of(struct dq_scan *scan, struct state *s)
{
	struct layout *layout = s->layout;
	uint64_t shape = layout->shape;

	layout->gaps = s->gaps ? layout->gaps + 1 : 0;
	if (s->changed || s->gaps || s->keys != layout->count || !shape)
		shape = ++scan->shapes;
	layout->shape =
	    s->gaps || s->slot != layout->slots + s->keys ? 0 : shape;
	layout->count = s->keys;
	return shape;
}

bool
dq_scan_line(struct dq_scan *scan, const char *text, size_t len,
    struct yyjson_val *pool, struct dq_scan_result *result)
{
	struct layout *layout = layout_of(scan, text);
	struct state s = {.at = text,
	    .next = pool,
	    .layout = layout,
	    .slot = layout->slots,
	    .result = result};

	if (*text != '{' || !scan_root(&s) || skip_space(s.at) != text + len) {
		layout->shape = 0;
		return false;
	}
	result->root = pool;
	result->span_count = pool->tag >> YYJSON_TAG_BIT;
	if (result->span_count > DQ_SCAN_SPANS)
		result->span_count = 0;
	result->shape = shape_of(scan, &s);
	return true;
}
