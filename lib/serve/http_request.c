#include "base/num.h"
#include "serve/http_inside.h"

#include <stdarg.h>
#include <stdio.h>

bool
dq_request_text(
    struct dq_request *request, const char *name, struct dq_slice *value)
{
	struct dq_connection *c =
	    lws_container_of(request, struct dq_connection, request);

	for (size_t i = 0; i < c->param_count; i++)
		if (dq_slice_is(c->params[i].name, name)) {
			*value = c->params[i].value;
			return true;
		}
	return false;
}

bool
dq_request_int(struct dq_request *request, const char *name, int64_t min,
    int64_t max, int64_t *value)
{
	struct dq_slice text;
	int64_t number;

	if (!dq_request_text(request, name, &text))
		return true;
	if (dq_num_int(text, &number) && number >= min && number <= max) {
		*value = number;
		return true;
	}
	dq_request_fail(request, 400, "bad_parameter",
	    "The parameter %s must be a whole number from %lld to %lld.", name,
	    (long long)min, (long long)max);
	return false;
}

struct yyjson_val *
dq_request_json(struct dq_request *request)
{
	struct dq_connection *c =
	    lws_container_of(request, struct dq_connection, request);
	struct dq_err err;

	if (!c->doc)
		c->doc = dq_json_parse(request->body, &err);
	if (c->doc)
		return dq_json_root(c->doc);
	dq_request_fail(
	    request, 400, "bad_json", "The body is no JSON: %s.", err.text);
	return NULL;
}

void
dq_request_fail(struct dq_request *request, int status, const char *code,
    const char *format, ...)
{
	struct dq_connection *c =
	    lws_container_of(request, struct dq_connection, request);
	char message[600];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	c->failed = true;
	c->file = NULL;
	request->status = status;
	request->type = "application/json";
	dq_http_blank(request->out);
	dq_buf_str(request->out, "{\"error\":{");
	dq_buf_member_str(request->out, "code", code);
	dq_buf_member_str(request->out, "message", message);
	dq_buf_str(request->out, "}}\n");
}

bool
dq_request_failed(const struct dq_request *request)
{
	return lws_container_of(request, struct dq_connection, request)->failed;
}
