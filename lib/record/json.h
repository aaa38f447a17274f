/* JSON text: reading values (yyjson underneath, numbers kept as their text
 * so that no digit is lost) and writing them into a buffer. */
#ifndef DQ_RECORD_JSON_H
#define DQ_RECORD_JSON_H

#include "base/buf.h"
#include "base/err.h"

#include <yyjson.h>

/* A whole document, for files that we load (models, policies, tables):
 * parses `bytes` (copied). NULL with err set ("line 3, column 7: ..."). Free
 * with dq_json_free; values live as long. */
struct yyjson_doc *dq_json_parse(struct dq_slice bytes, struct dq_err *err);
void dq_json_free(struct yyjson_doc *doc);

static inline struct yyjson_val *
dq_json_root(struct yyjson_doc *doc)
{
	return yyjson_doc_get_root(doc);
}

/* The value of a key; NULL when `value` is no object or has no such key.
 * NULL is a valid `value` for all readers here. */
static inline struct yyjson_val *
dq_json_get(struct yyjson_val *value, const char *key)
{
	return yyjson_obj_get(value, key);
}

/* The values of an array in turn, or of an object with their keys:
 *     struct dq_json_iter iter = dq_json_iter(value);
 *     while (dq_json_next(&iter)) ... iter.key, iter.value ...
 * A value that is neither has none. */
struct dq_json_iter {
	struct dq_slice key; /* of an object's member, else empty */
	struct yyjson_val *value;
	struct yyjson_val *next_;
	size_t left_;
	bool object_;
};

static inline struct dq_json_iter
dq_json_iter(struct yyjson_val *container)
{
	struct dq_json_iter iter = {.object_ = yyjson_is_obj(container)};

	if (yyjson_is_ctn(container)) {
		iter.left_ = unsafe_yyjson_get_len(container);
		iter.next_ = unsafe_yyjson_get_first(container);
	}
	return iter;
}

static inline bool
dq_json_next(struct dq_json_iter *iter)
{
	if (!iter->left_)
		return false;
	iter->left_--;
	if (iter->object_) {
		iter->key.data = unsafe_yyjson_get_str(iter->next_);
		iter->key.len = unsafe_yyjson_get_len(iter->next_);
		iter->next_++;
	}
	iter->value = iter->next_;
	iter->next_ = unsafe_yyjson_get_next(iter->next_);
	return true;
}

/* Elements of an array, members of an object, else 0. */
static inline size_t
dq_json_size(struct yyjson_val *value)
{
	return yyjson_is_ctn(value) ? unsafe_yyjson_get_len(value) : 0;
}

/* The text of a string (unescaped) or of a number (as written); empty for
 * anything else. */
static inline struct dq_slice
dq_json_text(struct yyjson_val *value)
{
	if (!yyjson_is_str(value) && !yyjson_is_raw(value))
		return (struct dq_slice){"", 0};
	return (struct dq_slice){
	    unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value)};
}

/* Numbers only (not digits in a string); false when it is none. */
bool dq_json_real(struct yyjson_val *value, double *out);
bool dq_json_int(struct yyjson_val *value, int64_t *out);

/* "string", "number", "null"... for messages. */
const char *dq_json_type(struct yyjson_val *value);

/* Writing. A value is written where it stands; dq_buf_key writes the comma
 * that a member needs (none behind an opening brace), the key and a colon.
 * Numbers by base/num.h. */
void dq_buf_json_text(struct dq_buf *buf, struct dq_slice text);
void dq_buf_json_str(struct dq_buf *buf, const char *text);

/* A comma unless the buffer ends in an opening bracket or brace. */
void dq_buf_comma(struct dq_buf *buf);

/* `key` must need no escaping. */
void dq_buf_key(struct dq_buf *buf, const char *key);

/* dq_buf_key and a value in one call. */
void dq_buf_member_text(
    struct dq_buf *buf, const char *key, struct dq_slice text);
void dq_buf_member_str(struct dq_buf *buf, const char *key, const char *text);
void dq_buf_member_int(struct dq_buf *buf, const char *key, int64_t value);
void dq_buf_member_real(struct dq_buf *buf, const char *key, double value);
void dq_buf_member_flag(struct dq_buf *buf, const char *key, bool value);
void dq_buf_member_null(struct dq_buf *buf, const char *key);
void dq_buf_member_time(struct dq_buf *buf, const char *key, int64_t time);
void dq_buf_member_raw(
    struct dq_buf *buf, const char *key, struct dq_slice json);

/* Any value read from a document, written again (strings escaped, numbers as
 * their text was). */
void dq_buf_json_value(struct dq_buf *buf, struct yyjson_val *value);

#endif
