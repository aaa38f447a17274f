#include "audit/page.h"

#include "base/utf8.h"
#include "record/json.h"

#include <math.h>
#include <stdio.h>

#define DECISIONS_MAX 16 /* of one prediction: reviews make a few */
#define LABEL_WIDTH 20
#define FEATURE_WIDTH 36
#define BAR_WIDTH 12 /* em */

struct page {
	struct dq_buf *out;
	bool html;
	size_t width; /* of labels, in text */
};

/* The records of one decision. */
struct found {
	struct yyjson_doc *prediction;
	struct yyjson_doc *later[DECISIONS_MAX]; /* as the lines have them */
	size_t count;
};

/* What has no picture of its own shows as such: no markup, no control of a
 * terminal, no turn of direction. */
static void
put_text(const struct page *page, struct dq_slice text)
{
	for (size_t at = 0; at < text.len;) {
		size_t from = at;
		uint32_t c = dq_utf8_next_shown(text, &at);

		if (page->html && c == '&')
			dq_buf_str(page->out, "&amp;");
		else if (page->html && c == '<')
			dq_buf_str(page->out, "&lt;");
		else if (page->html && c == '>')
			dq_buf_str(page->out, "&gt;");
		else if (text.data[from] == '\n')
			dq_buf_byte(page->out, ' ');
		else if (c == DQ_UTF8_UNKNOWN)
			dq_buf_str(page->out, "\xef\xbf\xbd");
		else
			dq_buf_add(page->out, text.data + from, at - from);
	}
}

static void
heading(const struct page *page, const char *text)
{
	if (page->html)
		dq_buf_printf(page->out,
		    "</table>\n</section>\n<section>\n<h2>%s</h2>\n<table>\n",
		    text);
	else
		dq_buf_printf(page->out, "\n%s\n", text);
}

static void
row(const struct page *page, struct dq_slice label, struct dq_slice value)
{
	if (!value.len)
		return;
	dq_buf_str(page->out, page->html ? "<tr><th scope=\"row\">" : "  ");
	put_text(page, label);
	if (page->html)
		dq_buf_str(page->out, "</th><td>");
	else
		for (size_t i = label.len; i < page->width || i == label.len;
		     i++)
			dq_buf_byte(page->out, ' ');
	put_text(page, value);
	dq_buf_str(page->out, page->html ? "</td></tr>\n" : "\n");
}

/* A member that is a text or a number. */
static struct dq_slice
text_of(struct yyjson_val *object, const char *key)
{
	return dq_json_text(dq_json_get(object, key));
}

static void
member(const struct page *page, struct yyjson_val *object, const char *key,
    const char *label)
{
	row(page, DQ_SLICE(label), text_of(object, key));
}

/* A model or a policy. */
static void
maker(const struct page *page, struct yyjson_val *object, const char *key)
{
	struct yyjson_val *maker = dq_json_get(object, key);
	struct dq_slice name = text_of(maker, "name");
	struct dq_slice version = text_of(maker, "version");
	struct dq_slice sha256 = text_of(maker, "sha256");
	struct dq_buf text = {0};

	dq_buf_printf(&text, "%.*s %.*s, sha256 %.*s", (int)name.len, name.data,
	    (int)version.len, version.data, (int)sha256.len, sha256.data);
	if (maker)
		row(page, DQ_SLICE(key), dq_buf_view(&text));
	dq_buf_release(&text);
}

static void
put_decision(const struct page *page, struct yyjson_val *record)
{
	heading(page, "What was decided");
	member(page, record, "decision", "decision");
	member(page, record, "event_time", "at");
	member(page, record, "intervention_id", "intervention");
	member(page, record, "intervention_type", "measure");
	member(page, record, "channel", "channel");
	member(page, record, "priority", "priority");
	member(page, record, "status", "status");
	member(page, record, "not_before", "not before");
	member(page, record, "suppressed_by", "suppressed by");
	member(page, record, "rule", "rule");
	maker(page, record, "policy");
	member(page, record, "program", "program");
	member(page, dq_json_get(record, "message"), "template", "message");
	member(page, dq_json_get(record, "message"), "language", "language");
	member(page, dq_json_get(record, "message"), "text", "text");
}

static void
put_later(const struct page *page, struct yyjson_val *record)
{
	struct dq_slice kind = text_of(record, "event_type");

	if (dq_slice_is(kind, "intervention")) {
		put_decision(page, record);
	} else if (dq_slice_is(kind, "review")) {
		heading(page, "What a person said of it");
		member(page, record, "decision", "review");
		member(page, record, "event_time", "at");
		member(page, record, "by", "by");
		member(page, record, "reason", "reason");
	} else {
		heading(page, "What became of it");
		member(page, record, "outcome_type", "outcome");
		member(page, record, "event_time", "at");
		member(page, record, "risk_score_before", "risk before");
		member(page, record, "risk_score_after", "risk after");
	}
}

/* Which record it was made at. */
static void
put_source(const struct page *page, struct yyjson_val *source)
{
	static const char *const keys[] = {
	    "topic", "partition", "file", "line", "offset"};
	struct dq_buf text = {0};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct dq_slice value = text_of(source, keys[i]);

		if (value.len)
			dq_buf_printf(&text, "%s%s %.*s", text.len ? ", " : "",
			    keys[i], (int)value.len, value.data);
	}
	row(page, DQ_SLICE("made at"), dq_buf_view(&text));
	dq_buf_release(&text);
}

static void
put_score(const struct page *page, struct yyjson_val *record)
{
	struct dq_slice level = text_of(record, "risk_level");
	struct dq_buf text = {0};
	double score = NAN;

	dq_json_real(dq_json_get(record, "risk_score"), &score);
	dq_buf_printf(
	    &text, "%.1f %% (%.*s)", 100 * score, (int)level.len, level.data);
	heading(page, "How the risk was estimated");
	row(page, DQ_SLICE("risk"), dq_buf_view(&text));
	member(page, record, "event_time", "at");
	member(page, record, "prediction_id", "prediction");
	member(page, record, "trigger", "looked at because");
	maker(page, record, "model");
	member(page, record, "program", "program");
	put_source(page, dq_json_get(record, "source"));
	member(page, record, "base", "base");
	member(page, record, "margin", "margin");
	dq_buf_release(&text);
}

/* The largest part that a feature has, for the lengths of the bars. */
static double
largest_part(struct yyjson_val *features)
{
	struct dq_json_iter iter = dq_json_iter(features);
	double largest = 0, part;

	while (dq_json_next(&iter))
		if (dq_json_real(
			dq_json_get(iter.value, "contribution"), &part))
			largest = fmax(largest, fabs(part));
	return largest;
}

static void
put_reason(const struct page *page, struct yyjson_val *feature, double largest)
{
	struct dq_slice part = text_of(feature, "contribution");
	struct dq_slice reason = text_of(feature, "reason");
	bool down = part.len && *part.data == '-';
	struct dq_buf text = {0};
	double value = 0;

	dq_json_real(dq_json_get(feature, "contribution"), &value);
	dq_buf_printf(&text, "%s%.*s  %.*s", down ? "" : "+", (int)part.len,
	    part.data, (int)reason.len, reason.data);
	if (!page->html) {
		row(page, text_of(feature, "code"), dq_buf_view(&text));
		dq_buf_release(&text);
		return;
	}
	text.len = 0;
	dq_buf_str(page->out, "<tr><th scope=\"row\">");
	put_text(page, text_of(feature, "code"));
	dq_buf_printf(
	    page->out, "</th><td><span class=\"part\">%s", down ? "" : "+");
	put_text(page, part);
	dq_buf_printf(page->out,
	    "</span><span class=\"%s\" style=\"width:%.1fem\"></span><div>",
	    down ? "down" : "up",
	    largest > 0 ? BAR_WIDTH * fabs(value) / largest : 0);
	put_text(page, reason);
	dq_buf_str(page->out, "</div></td></tr>\n");
	dq_buf_release(&text);
}

static void
put_reasons(const struct page *page, struct yyjson_val *record)
{
	struct yyjson_val *features = dq_json_get(record, "top_features");
	struct dq_json_iter iter = dq_json_iter(features);
	double largest = largest_part(features);

	heading(page, "Why");
	member(page, record, "explanation", "in short");
	while (dq_json_next(&iter))
		put_reason(page, iter.value, largest);
	member(page, record, "other_contribution", "all other features");
}

static void
put_known(struct page *page, struct yyjson_val *record)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_json_get(record, "features"));

	heading(page, "What was known");
	page->width = FEATURE_WIDTH;
	while (dq_json_next(&iter)) {
		struct dq_slice value = dq_json_text(iter.value);

		row(page, iter.key, value.len ? value : DQ_SLICE("not known"));
	}
}

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--up:#c4442e;--down:#2e7cc4}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0}"
    "main{max-width:56rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem;margin:0}h1 code{overflow-wrap:anywhere}"
    "h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;"
    "border-top:1px solid var(--line);overflow-wrap:anywhere}"
    "th{font-weight:normal;opacity:.75;width:15rem}"
    ".part{display:inline-block;width:6rem;font-variant-numeric:tabular-nums}"
    ".up,.down{display:inline-block;height:.7em;background:var(--up)}"
    ".down{background:var(--down)}"
    "@media(max-width:40rem){th{width:9rem}}"
    "@media print{main{margin:0;max-width:none}tr{break-inside:avoid}"
    "h2{break-after:avoid}.up,.down{print-color-adjust:exact}}";

static void
begin_page(const struct page *page, const char *id)
{
	if (!page->html) {
		dq_buf_str(page->out, "Decision ");
		put_text(page, DQ_SLICE(id));
		dq_buf_byte(page->out, '\n');
		return;
	}
	dq_buf_str(page->out,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
	    "charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width\">\n<title>Decision ");
	put_text(page, DQ_SLICE(id));
	dq_buf_printf(page->out,
	    "</title>\n<style>%s</style>\n</"
	    "head>\n<body>\n<main>\n<h1>Decision "
	    "<code>",
	    style);
	put_text(page, DQ_SLICE(id));
	dq_buf_str(page->out, "</code></h1>\n<section>\n<table>\n");
}

static void
put_page(struct page *page, const struct found *found, const char *id)
{
	struct yyjson_val *prediction =
	    found->prediction ? dq_json_root(found->prediction) : NULL;
	struct yyjson_val *any =
	    prediction ? prediction : dq_json_root(found->later[0]);

	begin_page(page, id);
	member(page, any, "customer_id", "customer");
	for (size_t i = 0; i < found->count; i++)
		put_later(page, dq_json_root(found->later[i]));
	if (prediction) {
		put_score(page, prediction);
		put_reasons(page, prediction);
		put_known(page, prediction);
	}
	if (page->html)
		dq_buf_str(page->out,
		    "</table>\n</section>\n</main>\n</body>\n</html>\n");
}

/* The next line that holds the text, taken off the front; false: none. */
static bool
next_with(struct dq_slice *rest, struct dq_slice text, struct dq_slice *line)
{
	const char *at = memmem(rest->data, rest->len, text.data, text.len);
	const char *begin, *end, *stop = rest->data + rest->len;

	if (!at)
		return false;
	begin = memrchr(rest->data, '\n', (size_t)(at - rest->data));
	begin = begin ? begin + 1 : rest->data;
	end = memchr(at, '\n', (size_t)(stop - at));
	end = end ? end : stop;
	*line = (struct dq_slice){begin, (size_t)(end - begin)};
	rest->data = end;
	rest->len = (size_t)(stop - end);
	return true;
}

/* Keeps a record when its member `key` is the id: predictions and
 * interventions by prediction_id, what came of an intervention by
 * intervention_id. */
static bool
take(struct found *found, struct yyjson_doc *doc, const char *key,
    struct dq_slice id)
{
	struct yyjson_val *root = dq_json_root(doc);
	struct dq_slice kind = text_of(root, "event_type");
	bool cause = dq_slice_is(kind, "prediction") ||
		     dq_slice_is(kind, "intervention");

	if (cause != !strcmp(key, "prediction_id") ||
	    !dq_slice_equal(text_of(root, key), id))
		return false;
	if (dq_slice_is(kind, "prediction")) {
		if (found->prediction)
			return false;
		found->prediction = doc;
		return true;
	}
	if (found->count == DECISIONS_MAX)
		return false;
	found->later[found->count++] = doc;
	return true;
}

static void
search(struct found *found, struct dq_slice lines, const char *key,
    struct dq_slice id)
{
	struct dq_slice line;
	struct dq_err err;

	while (next_with(&lines, id, &line)) {
		struct yyjson_doc *doc = dq_json_parse(line, &err);

		if (doc && !take(found, doc, key, id))
			dq_json_free(doc);
	}
}

/* The prediction_id of the record that the id names; appended, empty when it
 * names none. */
static void
cause_of(struct dq_slice lines, struct dq_slice id, struct dq_buf *out)
{
	struct dq_slice line;
	struct dq_err err;

	while (!out->len && next_with(&lines, id, &line)) {
		struct yyjson_doc *doc = dq_json_parse(line, &err);
		struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;

		if (dq_slice_equal(text_of(root, "prediction_id"), id) ||
		    dq_slice_equal(text_of(root, "intervention_id"), id))
			dq_buf_slice(out, text_of(root, "prediction_id"));
		dq_json_free(doc);
	}
}

bool
dq_buf_page(
    struct dq_buf *out, struct dq_slice lines, const char *id, bool html)
{
	struct page page = {out, html, LABEL_WIDTH};
	struct found found = {0};
	struct dq_buf cause = {0};
	size_t causes;
	bool known;

	cause_of(lines, DQ_SLICE(id), &cause);
	if (cause.len)
		search(&found, lines, "prediction_id", dq_buf_view(&cause));
	causes = found.count;
	known = cause.len > 0;
	for (size_t i = 0; i < causes; i++)
		search(&found, lines, "intervention_id",
		    text_of(dq_json_root(found.later[i]), "intervention_id"));
	if (known)
		put_page(&page, &found, id);
	dq_json_free(found.prediction);
	for (size_t i = 0; i < found.count; i++)
		dq_json_free(found.later[i]);
	dq_buf_release(&cause);
	return known;
}
