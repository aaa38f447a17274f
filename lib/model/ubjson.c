#include "model/ubjson.h"

#include "record/json.h"

#include <inttypes.h>
#include <math.h>

#define DEPTH_LIMIT 32

struct reader {
	const unsigned char *data;
	size_t len, at;
	int depth;
	struct dq_buf *json;
	struct dq_err *err;
};

static bool read_value(struct reader *r, char type);

bool
dq_ubjson_is(struct dq_slice bytes)
{
	return bytes.len > 1 && bytes.data[0] == '{' && bytes.data[1] &&
	       strchr("iUIlL$#N", bytes.data[1]);
}

static bool
fail(struct reader *r, const char *why)
{
	return dq_err_set(r->err, "byte %zu: not UBJSON: %s", r->at, why);
}

static bool
has(struct reader *r, size_t n)
{
	return r->len - r->at >= n || fail(r, "it ends here");
}

/* The byte that comes next, past no-operations; 0 at the end. */
static char
peek(struct reader *r)
{
	while (r->at < r->len && r->data[r->at] == 'N')
		r->at++;
	return r->at < r->len ? (char)r->data[r->at] : 0;
}

static char
take_type(struct reader *r)
{
	char type = peek(r);

	r->at += r->at < r->len;
	return type;
}

/* Bytes of a number; 0: the type is none. */
static size_t
number_size(char type)
{
	switch (type) {
	case 'i':
	case 'U':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static uint64_t
take_bytes(struct reader *r, size_t n)
{
	uint64_t bits = 0;

	while (n--)
		bits = bits << 8 | r->data[r->at++];
	return bits;
}

static bool
read_int(struct reader *r, char type, int64_t *out)
{
	size_t size = number_size(type);
	uint64_t bits;

	if (!size || type == 'd' || type == 'D')
		return fail(r, "no whole number");
	if (!has(r, size))
		return false;
	bits = take_bytes(r, size);
	*out = type == 'i'   ? (int8_t)bits
	       : type == 'I' ? (int16_t)bits
	       : type == 'l' ? (int32_t)bits
			     : (int64_t)bits;
	return true;
}

static void
write_float(struct dq_buf *json, double value, int digits)
{
	if (!isfinite(value))
		dq_buf_str(json, "null");
	else
		dq_buf_printf(json, "%.*g", digits, value);
}

static bool
read_number(struct reader *r, char type)
{
	int64_t whole;
	float single;
	double real;
	uint32_t half;
	uint64_t bits;

	if (type != 'd' && type != 'D') {
		if (!read_int(r, type, &whole))
			return false;
		dq_buf_printf(r->json, "%" PRId64, whole);
		return true;
	}
	if (!has(r, number_size(type)))
		return false;
	bits = take_bytes(r, number_size(type));
	half = (uint32_t)bits;
	memcpy(&single, &half, sizeof(single));
	memcpy(&real, &bits, sizeof(real));
	write_float(
	    r->json, type == 'd' ? (double)single : real, type == 'd' ? 9 : 17);
	return true;
}

static bool
read_text(struct reader *r, char length_type)
{
	int64_t n;

	if (!read_int(r, length_type, &n))
		return false;
	if (n < 0 || (uint64_t)n > r->len - r->at)
		return fail(r, "a text longer than what is left");
	dq_buf_json_text(r->json,
	    (struct dq_slice){(const char *)r->data + r->at, (size_t)n});
	r->at += (size_t)n;
	return true;
}

/* What may stand behind an opening bracket: the type of all elements, their
 * number. */
struct shape {
	char type;     /* 0: each has its own */
	int64_t count; /* -1: until the closing bracket */
};

static bool
read_shape(struct reader *r, struct shape *shape)
{
	*shape = (struct shape){.count = -1};
	if (peek(r) == '$') {
		r->at++;
		shape->type = take_type(r);
		/* Elements of no bytes would be a bomb. */
		if (!shape->type || !strchr("iUIlLdDSC[{", shape->type))
			return fail(r, "no type that elements may have");
		if (peek(r) != '#')
			return fail(r, "a type without a number of elements");
	}
	if (peek(r) != '#')
		return true;
	r->at++;
	if (!read_int(r, take_type(r), &shape->count))
		return false;
	return (shape->count >= 0 &&
		   (uint64_t)shape->count <= r->len - r->at) ||
	       fail(r, "more elements than bytes");
}

static bool
read_elements(struct reader *r, char close)
{
	struct shape shape;

	if (!read_shape(r, &shape))
		return false;
	for (int64_t i = 0; i != shape.count; i++) {
		if (shape.count < 0 && peek(r) == close) {
			r->at++;
			break;
		}
		dq_buf_comma(r->json);
		if (close == '}') {
			if (!read_text(r, take_type(r)))
				return false;
			dq_buf_byte(r->json, ':');
		}
		if (!read_value(r, shape.type ? shape.type : take_type(r)))
			return false;
	}
	return true;
}

static bool
read_container(struct reader *r, char open)
{
	char close = open == '{' ? '}' : ']';

	if (++r->depth > DEPTH_LIMIT)
		return fail(r, "too deep");
	dq_buf_byte(r->json, open);
	if (!read_elements(r, close))
		return false;
	dq_buf_byte(r->json, close);
	r->depth--;
	return true;
}

static bool
read_value(struct reader *r, char type)
{
	switch (type) {
	case '{':
	case '[':
		return read_container(r, type);
	case 'S':
		return read_text(r, take_type(r));
	case 'C':
		if (!has(r, 1))
			return false;
		dq_buf_json_text(r->json,
		    (struct dq_slice){(const char *)r->data + r->at++, 1});
		return true;
	case 'Z':
		dq_buf_str(r->json, "null");
		return true;
	case 'T':
	case 'F':
		dq_buf_str(r->json, type == 'T' ? "true" : "false");
		return true;
	case 0:
		return fail(r, "it ends here");
	default:
		return number_size(type) ? read_number(r, type)
					 : fail(r, "no type of UBJSON");
	}
}

bool
dq_ubjson_to_json(
    struct dq_slice bytes, struct dq_buf *json, struct dq_err *err)
{
	struct reader r = {
	    .data = (const unsigned char *)bytes.data,
	    .len = bytes.len,
	    .json = json,
	    .err = err,
	};

	if (!read_value(&r, take_type(&r)))
		return false;
	return !peek(&r) || fail(&r, "more behind its end");
}
