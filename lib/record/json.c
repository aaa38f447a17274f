#include "record/json.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

struct yyjson_doc *
dq_json_parse(struct dq_slice bytes, struct dq_err *err)
{
	yyjson_read_err fault;
	yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)bytes.data,
	    bytes.len, YYJSON_READ_NUMBER_AS_RAW, NULL, &fault);
	size_t line = 1, column = 1;

	if (doc)
		return doc;
	for (size_t i = 0; i < fault.pos && i < bytes.len; i++) {
		column++;
		if (bytes.data[i] == '\n') {
			line++;
			column = 1;
		}
	}
	dq_err_set(
	    err, "line %zu, column %zu: not JSON: %s", line, column, fault.msg);
	return NULL;
}

void
dq_json_free(struct yyjson_doc *doc)
{
	yyjson_doc_free(doc);
}

bool
dq_json_real(struct yyjson_val *value, double *out)
{
	return yyjson_is_raw(value) && dq_num_real(dq_json_text(value), out);
}

bool
dq_json_int(struct yyjson_val *value, int64_t *out)
{
	return yyjson_is_raw(value) &&
	       dq_num_scaled(dq_json_text(value), 0, out);
}

const char *
dq_json_type(struct yyjson_val *value)
{
	if (!value)
		return "nothing";
	return yyjson_is_raw(value) ? "number" : yyjson_get_type_desc(value);
}

/* What must not stand in a JSON string as it is. */
static bool
needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void
put_escape(struct dq_buf *buf, unsigned char c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = names; *p; p += 2)
		if ((unsigned char)*p == c) {
			dq_buf_byte(buf, '\\');
			dq_buf_byte(buf, p[1]);
			return;
		}
	dq_buf_printf(buf, "\\u%04x", c);
}

void
dq_buf_json_text(struct dq_buf *buf, struct dq_slice text)
{
	const char *begin = text.data, *end = text.data + text.len;

	dq_buf_byte(buf, '"');
	for (const char *at = begin; at < end; at++) {
		if (!needs_escape((unsigned char)*at))
			continue;
		dq_buf_add(buf, begin, (size_t)(at - begin));
		put_escape(buf, (unsigned char)*at);
		begin = at + 1;
	}
	dq_buf_add(buf, begin, (size_t)(end - begin));
	dq_buf_byte(buf, '"');
}

void
dq_buf_json_str(struct dq_buf *buf, const char *text)
{
	dq_buf_json_text(buf, DQ_SLICE(text));
}

void
dq_buf_comma(struct dq_buf *buf)
{
	char last = buf->len ? buf->data[buf->len - 1] : '{';

	if (last != '{' && last != '[')
		dq_buf_byte(buf, ',');
}

void
dq_buf_key(struct dq_buf *buf, const char *key)
{
	size_t n = strlen(key);
	char *at = dq_buf_room(buf, n + 4);
	char last = buf->len ? at[-1] : '{';

	if (last != '{' && last != '[')
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, n);
	at += n;
	*at++ = '"';
	*at++ = ':';
	buf->len = (size_t)(at - buf->data);
}

void
dq_buf_member_text(struct dq_buf *buf, const char *key, struct dq_slice text)
{
	dq_buf_key(buf, key);
	dq_buf_json_text(buf, text);
}

void
dq_buf_member_str(struct dq_buf *buf, const char *key, const char *text)
{
	dq_buf_member_text(buf, key, DQ_SLICE(text));
}

void
dq_buf_member_int(struct dq_buf *buf, const char *key, int64_t value)
{
	dq_buf_key(buf, key);
	dq_buf_int(buf, value);
}

void
dq_buf_member_real(struct dq_buf *buf, const char *key, double value)
{
	dq_buf_key(buf, key);
	dq_buf_real(buf, value);
}

void
dq_buf_member_flag(struct dq_buf *buf, const char *key, bool value)
{
	dq_buf_key(buf, key);
	dq_buf_str(buf, value ? "true" : "false");
}

void
dq_buf_member_null(struct dq_buf *buf, const char *key)
{
	dq_buf_key(buf, key);
	dq_buf_str(buf, "null");
}

void
dq_buf_member_time(struct dq_buf *buf, const char *key, int64_t time)
{
	dq_buf_key(buf, key);
	dq_buf_byte(buf, '"');
	dq_buf_time(buf, time);
	dq_buf_byte(buf, '"');
}

void
dq_buf_member_raw(struct dq_buf *buf, const char *key, struct dq_slice json)
{
	dq_buf_key(buf, key);
	dq_buf_slice(buf, json);
}

static void
put_container(struct dq_buf *buf, struct yyjson_val *value)
{
	struct dq_json_iter iter = dq_json_iter(value);
	bool object = yyjson_is_obj(value);

	dq_buf_byte(buf, object ? '{' : '[');
	while (dq_json_next(&iter)) {
		dq_buf_comma(buf);
		if (object) {
			dq_buf_json_text(buf, iter.key);
			dq_buf_byte(buf, ':');
		}
		dq_buf_json_value(buf, iter.value);
	}
	dq_buf_byte(buf, object ? '}' : ']');
}

void
dq_buf_json_value(struct dq_buf *buf, struct yyjson_val *value)
{
	if (yyjson_is_ctn(value))
		put_container(buf, value);
	else if (yyjson_is_str(value))
		dq_buf_json_text(buf, dq_json_text(value));
	else if (yyjson_is_raw(value))
		dq_buf_slice(buf, dq_json_text(value));
	else if (yyjson_is_bool(value))
		dq_buf_str(buf, yyjson_get_bool(value) ? "true" : "false");
	else
		dq_buf_str(buf, "null");
}
