#include "base/mem.h"
#include "base/time.h"
#include "serve/http_inside.h"

#include <stdlib.h>

#define MESSAGE_LIMIT 4096
#define QUEUE_FRAMES 512
#define QUEUE_BYTES (1u << 20)
#define NAMES 32 /* of one kind in a filter */

/* What is sent, shared by all whom it goes to. */
struct frame {
	int users;
	size_t len;
	unsigned char bytes[]; /* LWS_PRE of them before the JSON */
};

/* Names a client wants to hear of; none: all. */
struct filter {
	struct dq_buf names; /* each with a NUL behind it */
	int count;
	bool all;
};

struct dq_live {
	struct frame *queue[QUEUE_FRAMES];
	size_t first, count, bytes;
	struct dq_buf message;
	struct filter types, levels, customers;
};

static void
drop_frame(struct frame *frame)
{
	if (!--frame->users)
		free(frame);
}

static struct frame *
frame_new(struct dq_slice json)
{
	struct frame *frame = dq_malloc(sizeof(*frame) + LWS_PRE + json.len);

	frame->users = 1;
	frame->len = json.len;
	memcpy(frame->bytes + LWS_PRE, json.data, json.len);
	return frame;
}

static bool
passes(const struct filter *filter, struct dq_slice name)
{
	const char *at = filter->names.data;

	if (filter->all || !name.len)
		return true;
	for (int i = 0; i < filter->count; i++, at += strlen(at) + 1)
		if (dq_slice_is(name, at))
			return true;
	return false;
}

static bool
wants(const struct dq_live *live, const struct dq_frame *frame)
{
	return passes(&live->types, DQ_SLICE(frame->type)) &&
	       passes(
		   &live->levels, DQ_SLICE(frame->level ? frame->level : "")) &&
	       passes(&live->customers, frame->customer_id);
}

/* Too slow: it will see the gap when it comes again, not later. */
static void
give_up(struct dq_connection *c)
{
	c->http->counters.live_dropped++;
	c->phase = DQ_PHASE_IDLE;
	lws_set_timeout(
	    c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

static void
put(struct dq_connection *c, struct frame *frame)
{
	struct dq_live *live = c->live;

	if (live->count == QUEUE_FRAMES ||
	    live->bytes + frame->len > QUEUE_BYTES) {
		give_up(c);
		return;
	}
	frame->users++;
	live->queue[(live->first + live->count++) % QUEUE_FRAMES] = frame;
	live->bytes += frame->len;
	lws_callback_on_writable(c->wsi);
}

void
dq_live_send(struct dq_http *http, const struct dq_frame *frame)
{
	struct frame *shared = NULL;

	if (!http->counters.live)
		return;
	for (struct dq_connection *c = http->connections; c; c = c->next) {
		if (c->phase != DQ_PHASE_LIVE || !wants(c->live, frame))
			continue;
		if (!shared)
			shared = frame_new(frame->json);
		put(c, shared);
	}
	if (shared)
		drop_frame(shared);
}

size_t
dq_live_clients(const struct dq_http *http)
{
	return (size_t)http->counters.live;
}

void
dq_live_hello(
    struct dq_http *http, void (*hello)(void *context, struct dq_buf *json))
{
	http->hello = hello;
}

int
dq_live_open(struct dq_connection *c)
{
	struct dq_buf json = {0};
	struct frame *frame;

	if (!c)
		return -1;
	dq_http_end(c);
	c->live = dq_calloc(1, sizeof(*c->live));
	c->live->types.all = c->live->levels.all = c->live->customers.all =
	    true;
	c->phase = DQ_PHASE_LIVE;
	c->http->counters.live++;
	if (!c->http->hello)
		return 0;
	c->http->hello(c->http->context, &json);
	frame = frame_new(dq_buf_view(&json));
	put(c, frame);
	drop_frame(frame);
	dq_buf_release(&json);
	return 0;
}

int
dq_live_write(struct dq_connection *c)
{
	struct dq_live *live = c ? c->live : NULL;

	while (live && live->count && !lws_send_pipe_choked(c->wsi)) {
		struct frame *frame = live->queue[live->first];
		int n = lws_write(
		    c->wsi, frame->bytes + LWS_PRE, frame->len, LWS_WRITE_TEXT);

		live->first = (live->first + 1) % QUEUE_FRAMES;
		live->count--;
		live->bytes -= frame->len;
		drop_frame(frame);
		if (n < 0)
			return -1;
		c->http->counters.frames++;
	}
	if (live && live->count)
		lws_callback_on_writable(c->wsi);
	return 0;
}

/* False when it is no list of texts. */
static bool
set_filter(struct filter *filter, struct yyjson_val *list)
{
	struct dq_json_iter iter = dq_json_iter(list);

	filter->names.len = 0;
	filter->count = 0;
	filter->all = !list;
	if (list && !yyjson_is_arr(list))
		return false;
	while (dq_json_next(&iter)) {
		if (!yyjson_is_str(iter.value) || filter->count == NAMES)
			return false;
		dq_buf_slice(&filter->names, dq_json_text(iter.value));
		dq_buf_byte(&filter->names, '\0');
		filter->count++;
	}
	return true;
}

static void
refuse_message(struct dq_connection *c)
{
	struct frame *frame = frame_new(DQ_SLICE(
	    "{\"type\":\"error\",\"code\":\"bad_message\",\"message\":\"Send "
	    "{\\\"types\\\":[],\\\"levels\\\":[],\\\"customer_ids\\\":[]}, "
	    "each of at most 32 texts.\"}"));

	put(c, frame);
	drop_frame(frame);
}

int
dq_live_message(struct dq_connection *c, struct dq_slice text, bool last)
{
	struct dq_live *live = c ? c->live : NULL;
	struct yyjson_doc *doc;
	struct yyjson_val *root;

	if (!live || live->message.len + text.len > MESSAGE_LIMIT)
		return -1;
	dq_buf_slice(&live->message, text);
	if (!last)
		return 0;
	doc = dq_json_parse(dq_buf_view(&live->message), NULL);
	root = dq_json_root(doc);
	if (!yyjson_is_obj(root) ||
	    !set_filter(&live->types, dq_json_get(root, "types")) ||
	    !set_filter(&live->levels, dq_json_get(root, "levels")) ||
	    !set_filter(&live->customers, dq_json_get(root, "customer_ids")))
		refuse_message(c);
	dq_json_free(doc);
	live->message.len = 0;
	return 0;
}

void
dq_live_close(struct dq_connection *c)
{
	struct dq_live *live = c->live;

	if (!live)
		return;
	for (; live->count; live->count--) {
		drop_frame(live->queue[live->first]);
		live->first = (live->first + 1) % QUEUE_FRAMES;
	}
	dq_buf_release(&live->message);
	dq_buf_release(&live->types.names);
	dq_buf_release(&live->levels.names);
	dq_buf_release(&live->customers.names);
	free(live);
	c->live = NULL;
	c->http->counters.live--;
}
