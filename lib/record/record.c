#include "record/record.h"

#include "record/base64.h"

#include <math.h>
#include <stdio.h>

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
