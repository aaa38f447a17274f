#include "serve/api_parts.h"

#include "base/num.h"
#include "base/time.h"

#include <math.h>

void
dq_part_raw(struct dq_buf *out, const char *key, const char *json)
{
	if (json)
		dq_buf_member_raw(out, key, DQ_SLICE(json));
	else
		dq_buf_member_null(out, key);
}

void
dq_part_real(struct dq_buf *out, const char *key, double value)
{
	if (isnan(value))
		dq_buf_member_null(out, key);
	else
		dq_buf_member_real(out, key, value);
}

void
dq_part_time(struct dq_buf *out, const char *key, int64_t time)
{
	if (time == DQ_TIME_NONE)
		dq_buf_member_null(out, key);
	else
		dq_buf_member_time(out, key, time);
}

void
dq_part_member(struct dq_buf *out, const char *key, struct yyjson_val *object,
    const char *from)
{
	struct yyjson_val *value = dq_json_get(object, from);

	dq_buf_key(out, key);
	if (value)
		dq_buf_json_value(out, value);
	else
		dq_buf_str(out, "null");
}

void
dq_part_decision(const struct dq_book_decision *decision, struct dq_buf *out)
{
	dq_buf_comma(out);
	dq_buf_add(out, decision->line, decision->length);
	out->len--; /* its brace */
	dq_part_raw(out, "review", decision->review);
	dq_buf_byte(out, '}');
}

uint32_t
dq_part_customer(
    struct dq_serve *serve, struct dq_request *request, struct dq_slice id)
{
	uint32_t customer = dq_book_find(&serve->book, id);

	if (customer == DQ_MAP_NONE)
		dq_request_fail(request, 404, "unknown_customer",
		    "Nothing is known of a customer with this id.");
	return customer;
}
