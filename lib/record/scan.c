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
	uint8_t len;
	uint8_t key, key_len;
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
	const char *text, *at;
	struct yyjson_val *next;
	struct layout *layout;
	size_t keys, slot;
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

static inline void
put_text(struct yyjson_val *value, uint8_t type, const char *at, size_t len)
{
	value->tag = (uint64_t)len << YYJSON_TAG_BIT | type;
	value->uni.str = at;
}

/* Puts a stretch before the slot that was expected: what follows may stand as
 * it stood before. */
static void
remember(struct state *s, const char *begin, const char *key, size_t key_len,
    uint8_t place)
{
	struct slot *slots = s->layout->slots, *slot = &slots[s->slot++];
	size_t len = (size_t)(s->at - begin);

	memmove(
	    slot + 1, slot, (size_t)(slots + SLOTS - 1 - slot) * sizeof(*slot));
	memcpy(slot->bytes, begin, len);
	slot->others = UINT64_MAX << len;
	slot->len = (uint8_t)len;
	slot->key = (uint8_t)(key - begin);
	slot->key_len = (uint8_t)key_len;
	slot->place = place;
	slot->field = (uint8_t)s->field;
}

/* A key that was not foreseen, with all up to its value. */
static bool
read_key(struct state *s, uint8_t place)
{
	const char *begin = s->at, *at = begin, *key, *end;

	if (!(place & FIRST) && *at++ != ',')
		return false;
	at = skip_space(at);
	if (*at != '"')
		return false;
	key = at + 1;
	end = string_end(key);
	if (!end)
		return false;
	at = skip_space(end + 1);
	if (*at != ':')
		return false;
	s->at = skip_space(at + 1);
	put_text(s->next, YYJSON_TYPE_STR, key, (size_t)(end - key));
	s->changed = true;
	s->field = DQ_FIELD_UNKNOWN;
	if ((place & ~FIRST) == 1)
		s->field =
		    dq_field_find((struct dq_slice){key, (size_t)(end - key)});
	if (s->slot < SLOTS && s->at - begin <= STRETCH)
		remember(s, begin, key, (size_t)(end - key), place);
	return true;
}

static inline void
take_slot(struct state *s, const struct slot *slot)
{
	put_text(s->next, YYJSON_TYPE_STR, s->at + slot->key, slot->key_len);
	s->at += slot->len;
	s->field = slot->field;
}

/* Not the key that was expected: one further on, or a new one. */
static bool
find_key(struct state *s, uint8_t place)
{
	const struct slot *slot = &s->layout->slots[s->slot], *found = slot;

	while (++found <= slot + AHEAD)
		if (slot_fits(found, s->at, place)) {
			s->gaps = true;
			s->slot += (size_t)(found - slot) + 1;
			take_slot(s, found);
			return true;
		}
	return read_key(s, place);
}

static inline bool
scan_key(struct state *s, uint8_t place)
{
	const struct slot *slot = &s->layout->slots[s->slot];

	if (slot_fits(slot, s->at, place)) {
		s->slot++;
		take_slot(s, slot);
	} else if (!find_key(s, place)) {
		return false;
	}
	s->keys++;
	s->next++;
	return true;
}

static bool scan_value(struct state *s, unsigned depth);

static void
end_container(
    struct state *s, struct yyjson_val *container, uint8_t type, size_t count)
{
	s->at++;
	container->tag = (uint64_t)count << YYJSON_TAG_BIT | type;
	container->uni.ofs = (size_t)((char *)s->next - (char *)container);
}

static inline bool
scan_string(struct state *s)
{
	const char *begin = s->at + 1, *end = string_end(begin);

	if (!end)
		return false;
	put_text(s->next++, YYJSON_TYPE_STR, begin, (size_t)(end - begin));
	s->at = end + 1;
	return true;
}

static inline bool
scan_member(struct state *s, uint8_t place, unsigned depth)
{
	if (!scan_key(s, place))
		return false;
	return *s->at == '"' ? scan_string(s) : scan_value(s, depth + 1);
}

/* Is there another one? */
static inline bool
at_member(struct state *s)
{
	s->at = skip_space(s->at);
	return *s->at != '}';
}

static bool
scan_object(struct state *s, unsigned depth)
{
	struct yyjson_val *object = s->next++;
	uint8_t place = (uint8_t)(depth | FIRST);
	size_t count = 0;

	if (depth > DQ_DEPTH_LIMIT)
		return false;
	for (s->at++; at_member(s); count++) {
		if (!scan_member(s, place, depth))
			return false;
		place = (uint8_t)depth;
	}
	end_container(s, object, YYJSON_TYPE_OBJ, count);
	return true;
}

/* The object that the line is, and where its members stand. */
static bool
scan_root(struct state *s)
{
	struct dq_span *span = s->result->spans;
	struct yyjson_val *root = s->next++, *key = s->next;
	uint8_t place = 1 | FIRST;
	size_t count = 0;

	for (s->at++; at_member(s); key = s->next, place = 1) {
		uint32_t field;
		const char *value;

		if (!scan_key(s, place))
			return false;
		field = s->field;
		value = s->at;
		if (*value == '"' ? !scan_string(s) : !scan_value(s, 2))
			return false;
		if (count++ < DQ_SCAN_SPANS)
			*span++ = (struct dq_span){key, value, s->at, field};
	}
	end_container(s, root, YYJSON_TYPE_OBJ, count);
	return true;
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

static inline bool
scan_number(struct state *s)
{
	const char *end = number_end(s->at);

	if (!end)
		return false;
	put_text(s->next++, YYJSON_TYPE_RAW, s->at, (size_t)(end - s->at));
	s->at = end;
	return true;
}

static inline bool
scan_word(struct state *s, const char *word, size_t len, uint8_t type)
{
	if (memcmp(s->at, word, len) != 0)
		return false;
	s->next++->tag = type;
	s->at += len;
	return true;
}

static bool
scan_value(struct state *s, unsigned depth)
{
	switch (*s->at) {
	case 'n':
		return scan_word(s, "null", 4, YYJSON_TYPE_NULL);
	case 't':
		return scan_word(
		    s, "true", 4, YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE);
	case 'f':
		return scan_word(s, "false", 5, YYJSON_TYPE_BOOL);
	case '"':
		return scan_string(s);
	case '{':
		return scan_object(s, depth);
	case '[':
		return scan_array(s, depth);
	default:
		return scan_number(s);
	}
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
	layout->shape = s->gaps || s->slot != s->keys ? 0 : shape;
	layout->count = s->keys;
	return shape;
}

bool
dq_scan_line(struct dq_scan *scan, const char *text, size_t len,
    struct yyjson_val *pool, struct dq_scan_result *result)
{
	struct state s = {.text = text,
	    .at = text,
	    .next = pool,
	    .layout = layout_of(scan, text),
	    .result = result};

	if (*text != '{' || !scan_root(&s) || skip_space(s.at) != text + len) {
		s.layout->shape = 0;
		return false;
	}
	result->root = pool;
	result->span_count = pool->tag >> YYJSON_TAG_BIT;
	if (result->span_count > DQ_SCAN_SPANS)
		result->span_count = 0;
	result->shape = shape_of(scan, &s);
	return true;
}
