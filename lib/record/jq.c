#include "record/jq.h"

#include "base/mem.h"

#include <jq.h>
#include <jv.h>
#include <stdlib.h>

struct dq_jq {
	jq_state *state;
	struct dq_err fault; /* the first complaint of the compiler */
};

static void
no_memory(void *unused)
{
	(void)unused;
	dq_die(DQ_EXIT_BROKEN, "memory", "a jq program ran out of it");
}

static void
keep_complaint(void *context, jv message)
{
	struct dq_jq *jq = context;

	if (!*jq->fault.text && jv_get_kind(message) == JV_KIND_STRING)
		dq_err_set(&jq->fault, "%.*s",
		    (int)strcspn(jv_string_value(message), "\n"),
		    jv_string_value(message));
	jv_free(message);
}

struct dq_jq *
dq_jq_new(const char *text, struct dq_err *err)
{
	struct dq_jq *jq = dq_calloc(1, sizeof(*jq));

	jv_nomem_handler(no_memory, NULL);
	jq->state = jq_init();
	if (!jq->state)
		no_memory(NULL);
	jq_set_error_cb(jq->state, keep_complaint, jq);
	if (jq_compile(jq->state, text))
		return jq;
	dq_err_set(err, "jq program: %s", jq->fault.text);
	dq_jq_free(jq);
	return NULL;
}

void
dq_jq_free(struct dq_jq *jq)
{
	if (!jq)
		return;
	jq_teardown(&jq->state);
	free(jq);
}

static bool
start(struct dq_jq *jq, struct dq_slice json, struct dq_err *err)
{
	jv input = jv_parse_sized(json.data, (int)json.len);

	if (jv_is_valid(input)) {
		jq_start(jq->state, input, 0);
		return true;
	}
	input = jv_invalid_get_msg(input);
	dq_err_set(err, "jq input: %s",
	    jv_get_kind(input) == JV_KIND_STRING ? jv_string_value(input)
						 : "not JSON");
	jv_free(input);
	return false;
}

/* `last` is the invalid value that ends the results; with a message it is an
 * error. Consumes it. */
static bool
finish(jv last, struct dq_err *err)
{
	jv message;

	if (!jv_invalid_has_msg(jv_copy(last))) {
		jv_free(last);
		return true;
	}
	message = jv_invalid_get_msg(last);
	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	dq_err_set(err, "jq program: %s", jv_string_value(message));
	jv_free(message);
	return false;
}

bool
dq_jq_test(
    struct dq_jq *jq, struct dq_slice json, bool *yes, struct dq_err *err)
{
	jv result;

	*yes = false;
	if (!start(jq, json, err))
		return false;
	result = jq_next(jq->state);
	if (!jv_is_valid(result))
		return finish(result, err);
	*yes = jv_get_kind(result) != JV_KIND_FALSE &&
	       jv_get_kind(result) != JV_KIND_NULL;
	jv_free(result);
	return true;
}

bool
dq_jq_map(struct dq_jq *jq, struct dq_slice json, struct dq_buf *out,
    struct dq_err *err)
{
	jv result;

	if (!start(jq, json, err))
		return false;
	for (;;) {
		result = jq_next(jq->state);
		if (!jv_is_valid(result))
			return finish(result, err);
		result = jv_dump_string(result, 0);
		dq_buf_str(out, jv_string_value(result));
		dq_buf_byte(out, '\n');
		jv_free(result);
	}
}
