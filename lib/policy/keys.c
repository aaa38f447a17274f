#include "policy/keys.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
dq_keys_fault(struct dq_keys *keys, const char *format, ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return dq_err_set(
	    keys->err, "%s%s%s", keys->path, *keys->path ? ": " : "", text);
}

size_t
dq_keys_enter(struct dq_keys *keys, struct dq_slice name)
{
	size_t length = strlen(keys->path);

	snprintf(keys->path + length, sizeof(keys->path) - length, "%s%.*s",
	    length ? "." : "", (int)(name.len < 64 ? name.len : 64), name.data);
	return length;
}

void
dq_keys_leave(struct dq_keys *keys, size_t length)
{
	keys->path[length] = 0;
}

int
dq_choice_find(const char *const *choices, struct dq_slice text)
{
	for (int i = 0; choices[i]; i++)
		if (dq_slice_is(text, choices[i]))
			return i;
	return -1;
}

/* "a, b or c" */
static const char *
list(const char *const *choices, char text[256])
{
	size_t n = 0;

	for (int i = 0; choices[i] && n < 200; i++)
		n += (size_t)snprintf(text + n, 256 - n, "%s%s",
		    !i		     ? ""
		    : choices[i + 1] ? ", "
				     : " or ",
		    choices[i]);
	return text;
}

static bool
read_text(struct dq_keys *keys, const struct dq_key *key,
    struct yyjson_val *value, char **out)
{
	struct dq_slice text = dq_json_text(value);

	if (key->type == DQ_KEY_NOTE && yyjson_is_null(value))
		return true;
	if (!yyjson_is_str(value))
		return dq_keys_fault(
		    keys, "must be a string, is %s", dq_json_type(value));
	if (key->type == DQ_KEY_TEXT && !text.len)
		return dq_keys_fault(keys, "must not be empty");
	if (memchr(text.data, 0, text.len))
		return dq_keys_fault(keys, "must not hold a NUL");
	*out = dq_strndup(text.data, text.len);
	return true;
}

static bool
read_int(struct dq_keys *keys, const struct dq_key *key,
    struct yyjson_val *value, int64_t *out)
{
	if (!dq_json_int(value, out) || *out < key->min || *out > key->max)
		return dq_keys_fault(keys,
		    "must be a whole number from %lld to %lld",
		    (long long)key->min, (long long)key->max);
	return true;
}

static bool
read_share(struct dq_keys *keys, struct yyjson_val *value, double *out)
{
	if (!dq_json_real(value, out) || !(*out >= 0 && *out <= 1))
		return dq_keys_fault(keys, "must be a number from 0 to 1");
	return true;
}

static bool
read_choice(struct dq_keys *keys, const struct dq_key *key,
    struct yyjson_val *value, int *out)
{
	struct dq_slice text = dq_json_text(value);
	char choices[256];

	*out = yyjson_is_str(value) ? dq_choice_find(key->choices, text) : -1;
	if (*out < 0)
		return dq_keys_fault(keys, "must be %s%s%.*s%s",
		    list(key->choices, choices),
		    yyjson_is_str(value) ? ", is \"" : "",
		    (int)(text.len < 64 ? text.len : 64), text.data,
		    yyjson_is_str(value) ? "\"" : "");
	return true;
}

static bool
read_choices(struct dq_keys *keys, const struct dq_key *key,
    struct yyjson_val *value, unsigned *out)
{
	struct dq_json_iter iter = dq_json_iter(value);
	int one = 0;

	*out = 0;
	if (!yyjson_is_arr(value)) {
		if (!read_choice(keys, key, value, &one))
			return false;
		*out = 1u << one;
		return true;
	}
	while (dq_json_next(&iter)) {
		if (!read_choice(keys, key, iter.value, &one))
			return false;
		*out |= 1u << one;
	}
	return *out || dq_keys_fault(keys, "must name one at least");
}

static bool
read_duration(struct dq_keys *keys, struct yyjson_val *value, int64_t *out)
{
	struct dq_slice text = dq_json_text(value);

	/* Without its unit a number would be seconds, which nobody means. */
	if (!yyjson_is_str(value) || !text.len ||
	    text.data[text.len - 1] <= '9' || !dq_duration_parse(text, out) ||
	    *out > 3660 * DQ_DAY)
		return dq_keys_fault(keys,
		    "must be a duration with its unit, as \"36h\" or \"3d\"");
	return true;
}

static bool
read_clock(struct dq_keys *keys, struct yyjson_val *value, int64_t *out)
{
	struct dq_slice text = dq_json_text(value);
	int64_t hour = 0, minute = 0;

	if (!yyjson_is_str(value) || text.len != 5 || text.data[2] != ':' ||
	    text.data[0] < '0' || text.data[3] < '0' ||
	    !dq_num_int((struct dq_slice){text.data, 2}, &hour) ||
	    !dq_num_int((struct dq_slice){text.data + 3, 2}, &minute) ||
	    minute > 59 || hour > 24 || (hour == 24 && minute))
		return dq_keys_fault(
		    keys, "must be a time of day, as \"08:00\"");
	*out = hour * DQ_HOUR + minute * DQ_MINUTE;
	return true;
}

static bool
read_time(struct dq_keys *keys, struct yyjson_val *value, int64_t *out)
{
	if (!yyjson_is_str(value) || !dq_time_parse(dq_json_text(value), out))
		return dq_keys_fault(
		    keys, "must be a date or a time, as \"2026-01-05\"");
	return true;
}

static bool
read_flag(struct dq_keys *keys, struct yyjson_val *value, bool *out)
{
	if (!yyjson_is_bool(value))
		return dq_keys_fault(keys, "must be true or false");
	*out = yyjson_is_true(value);
	return true;
}

static bool
read_value(struct dq_keys *keys, const struct dq_key *key,
    struct yyjson_val *value, void *into)
{
	void *at = (char *)into + key->offset;

	switch (key->type) {
	case DQ_KEY_TEXT:
	case DQ_KEY_NOTE:
		return read_text(keys, key, value, at);
	case DQ_KEY_FLAG:
		return read_flag(keys, value, at);
	case DQ_KEY_INT:
		return read_int(keys, key, value, at);
	case DQ_KEY_SHARE:
		return read_share(keys, value, at);
	case DQ_KEY_CHOICE:
		return read_choice(keys, key, value, at);
	case DQ_KEY_CHOICES:
		return read_choices(keys, key, value, at);
	case DQ_KEY_DURATION:
		return read_duration(keys, value, at);
	case DQ_KEY_CLOCK:
		return read_clock(keys, value, at);
	case DQ_KEY_TIME:
		return read_time(keys, value, at);
	case DQ_KEY_CUSTOM:
		return key->read(keys, value, at);
	}
	return false;
}

static const struct dq_key *
find_key(const struct dq_key *table, struct dq_slice name)
{
	for (const struct dq_key *key = table; key->name; key++)
		if (dq_slice_is(name, key->name))
			return key;
	return NULL;
}

static bool
read_member(struct dq_keys *keys, const struct dq_key *table,
    const struct dq_json_iter *member, uint64_t *seen, void *into)
{
	const struct dq_key *key = find_key(table, member->key);
	uint64_t bit;

	if (!key)
		return dq_keys_fault(keys, "is not a key of a policy here");
	bit = UINT64_C(1) << (key - table);
	if (*seen & bit)
		return dq_keys_fault(keys, "is there twice");
	*seen |= bit;
	return read_value(keys, key, member->value, into);
}

bool
dq_keys_object(struct dq_keys *keys, struct yyjson_val *object,
    const struct dq_key *table, void *into)
{
	struct dq_json_iter iter = dq_json_iter(object);
	uint64_t seen = 0;

	if (!yyjson_is_obj(object))
		return dq_keys_fault(
		    keys, "must be an object, is %s", dq_json_type(object));
	while (dq_json_next(&iter)) {
		size_t length = dq_keys_enter(keys, iter.key);

		if (!read_member(keys, table, &iter, &seen, into))
			return false;
		dq_keys_leave(keys, length);
	}
	for (int i = 0; table[i].name; i++)
		if (table[i].required && !(seen >> i & 1))
			return dq_keys_fault(
			    keys, "\"%s\" is missing", table[i].name);
	return true;
}

bool
dq_keys_array(struct dq_keys *keys, struct yyjson_val *array, size_t size,
    void **items, size_t *count,
    bool (*read)(struct dq_keys *keys, struct yyjson_val *value, void *into))
{
	struct dq_json_iter iter = dq_json_iter(array);

	if (!yyjson_is_arr(array))
		return dq_keys_fault(
		    keys, "must be an array, is %s", dq_json_type(array));
	while (dq_json_next(&iter)) {
		size_t length = strlen(keys->path);
		char *item;

		snprintf(keys->path + length, sizeof(keys->path) - length,
		    "[%zu]", *count);
		*items = dq_realloc_array(*items, *count + 1, size);
		item = (char *)*items + *count * size;
		memset(item, 0, size);
		(*count)++;
		if (!read(keys, iter.value, item))
			return false;
		dq_keys_leave(keys, length);
	}
	return true;
}
