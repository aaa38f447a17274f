#include "run/cure.h"

#include "record/base64.h"
#include "record/control.h"
#include "run/endpoint.h"

void
dq_cure_init(
    struct dq_cure *cure, const struct dq_tool *tool, struct dq_jq *map)
{
	const struct dq_common *c = &tool->common;

	*cure = (struct dq_cure){.map = map};
	cure->topics = dq_endpoint_topic(c->to);
	cure->single = !cure->topics || !strchr(cure->topics, ',');
	if (dq_endpoint_topic(c->from) && cure->topics &&
	    !dq_endpoint_grouped(tool))
		dq_die(DQ_EXIT_USAGE, "--cure",
		    "from topic to topic needs -G GROUP: it remembers which "
		    "letters are done");
}

void
dq_cure_release(struct dq_cure *cure)
{
	dq_buf_release(&cure->raw);
	dq_buf_release(&cure->key);
	dq_buf_release(&cure->text);
	dq_buf_release(&cure->results);
}

static bool
is_named(const struct dq_cure *cure, struct dq_slice topic)
{
	for (const char *at = cure->topics; *at; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (dq_slice_equal((struct dq_slice){at, n}, topic))
			return true;
		at += n;
	}
	return false;
}

/* A line that never was in a topic has the key of its customer. */
static bool
find_key(struct dq_cure *cure, struct yyjson_val *source, struct dq_slice line)
{
	struct yyjson_val *key = dq_json_get(source, "key");
	struct yyjson_doc *doc;
	struct dq_err err;

	cure->key.len = 0;
	if (key)
		return dq_buf_unbase64(&cure->key, dq_json_text(key));
	if (dq_json_get(source, "topic"))
		return true;
	doc = dq_json_parse(line, &err);
	if (doc)
		dq_buf_slice(&cure->key,
		    dq_json_text(
			dq_json_get(dq_json_root(doc), "customer_id")));
	dq_json_free(doc);
	return true;
}

static bool
put(struct dq_cure *cure, struct yyjson_val *source, struct dq_slice line,
    struct dq_out *out, struct dq_err *err)
{
	if (!cure->topics && dq_is_control(line))
		return dq_err_set(err, "the letter's line begins with {\"@");
	if (memchr(line.data, '\n', line.len) && (!cure->topics || cure->map))
		return dq_err_set(
		    err, "the letter's line has a newline inside");
	if (!find_key(cure, source, line))
		return dq_err_set(err, "the letter's source.key is no base64");
	out->topic = cure->topics ? dq_json_text(dq_json_get(source, "topic"))
				  : (struct dq_slice){"", 0};
	if (!out->topic.len && cure->topics)
		out->topic = DQ_SLICE(cure->topics);
	dq_buf_slice(dq_out_begin(out), line);
	dq_out_end(out, dq_buf_view(&cure->key));
	out->topic.len = 0;
	return true;
}

static bool
put_result(struct dq_cure *cure, struct yyjson_val *source,
    struct dq_slice json, struct dq_out *out, struct dq_err *err)
{
	struct yyjson_doc *doc;
	bool good;

	if (*json.data != '"')
		return put(cure, source, json, out, err);
	doc = dq_json_parse(json, err);
	good =
	    doc && put(cure, source, dq_json_text(dq_json_root(doc)), out, err);
	dq_json_free(doc);
	return good;
}

static bool
mend(struct dq_cure *cure, struct yyjson_val *source, struct dq_out *out,
    struct dq_err *err)
{
	bool good = true;

	cure->text.len = cure->results.len = 0;
	dq_buf_json_text(&cure->text, dq_buf_view(&cure->raw));
	if (!dq_jq_map(
		cure->map, dq_buf_view(&cure->text), &cure->results, err))
		return false;
	for (size_t at = 0; good && at < cure->results.len;) {
		const char *begin = cure->results.data + at;
		const char *end = memchr(begin, '\n', cure->results.len - at);
		struct dq_slice json = {begin, (size_t)(end - begin)};

		good = put_result(cure, source, json, out, err);
		at += json.len + 1;
	}
	return good;
}

bool
dq_cure_letter(struct dq_cure *cure, const struct dq_record *letter,
    struct dq_out *out, struct dq_err *err)
{
	struct yyjson_val *source = dq_record_value(letter, DQ_SOURCE);
	struct dq_slice topic = dq_json_text(dq_json_get(source, "topic"));

	if (letter->kind != DQ_KIND_DEAD_LETTER)
		return dq_err_set(err, "not a dead letter");
	if (cure->topics && topic.len && !is_named(cure, topic))
		return dq_err_set(err,
		    "the letter is of topic %.*s, which --to does not name",
		    (int)(topic.len < 200 ? topic.len : 200), topic.data);
	if (!topic.len && !cure->single)
		return dq_err_set(
		    err, "the letter is of no topic: --to must name just one");
	cure->raw.len = 0;
	if (!dq_buf_unbase64(&cure->raw, dq_record_text(letter, DQ_RAW)))
		return dq_err_set(err, "the letter's raw is no base64");
	if (cure->map)
		return mend(cure, source, out, err);
	return put(cure, source, dq_buf_view(&cure->raw), out, err);
}
