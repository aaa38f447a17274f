#include "model/reasons.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* All texts are kept as JSON has them, escaped, so that writing is copying. */
struct texts {
	struct dq_buf feature;	  /* {"feature":"NAME","value": */
	struct dq_buf tail[2][2]; /* "direction":...} [not known][down] */
	struct dq_buf topic;
};

struct dq_reasons {
	struct texts *texts;
	size_t width;
	char *levels[DQ_LEVELS];
	char *raised, *lowered, *and, *decimal;
	char *unknown; /* stands behind a topic whose value is not known */
};

/* How a file speaks of a value that is not known: "before TOPIC up". */
struct unknown {
	struct dq_slice before, ends[2];
};

int64_t
dq_millionths(double value)
{
	return llround(value * 1e6);
}

/* Does a come before b? */
static bool
before(struct dq_reason a, struct dq_reason b)
{
	int64_t sizes[] = {llabs(a.millionths), llabs(b.millionths)};

	return sizes[0] != sizes[1] ? sizes[0] > sizes[1] : a.column < b.column;
}

size_t
dq_reasons_rank(
    const double *phi, size_t width, size_t limit, struct dq_reason *top)
{
	size_t count = 0;
	double least = 0.5; /* millionths: less rounds to 0 */

	for (size_t i = 0; limit && i < width; i++) {
		struct dq_reason next = {.column = (uint32_t)i};
		size_t at;

		if (fabs(phi[i] * 1e6) < least)
			continue;
		next.millionths = dq_millionths(phi[i]);
		if (!next.millionths ||
		    (count == limit && before(top[count - 1], next)))
			continue;
		count += count < limit;
		for (at = count - 1; at && before(next, top[at - 1]); at--)
			top[at] = top[at - 1];
		top[at] = next;
		/* Less is less than the last one's size when rounded, too. */
		if (count == limit && llabs(top[count - 1].millionths) > 1)
			least = (double)llabs(top[count - 1].millionths) - 1;
	}
	return count;
}

/* The text escaped as in a JSON string, without the quotes. */
static void
put_escaped(struct dq_buf *buf, struct dq_slice text)
{
	struct dq_buf quoted = {0};

	dq_buf_json_text(&quoted, text);
	dq_buf_add(buf, quoted.data + 1, quoted.len - 2);
	dq_buf_release(&quoted);
}

/* The same on the heap. */
static char *
escape(struct dq_slice text)
{
	struct dq_buf buf = {0};

	put_escaped(&buf, text);
	dq_buf_text(&buf);
	return buf.data;
}

static void
make_tail(struct dq_buf *tail, bool down, struct dq_slice code,
    struct dq_slice sentence)
{
	dq_buf_member_str(tail, "direction", down ? "down" : "up");
	dq_buf_member_text(tail, "code", code);
	dq_buf_member_text(tail, "reason", sentence);
	dq_buf_byte(tail, '}');
}

static void
make_texts(struct texts *texts, struct dq_slice name, struct dq_slice code,
    struct dq_slice topic, const struct dq_slice sentences[2],
    const struct unknown *unknown)
{
	struct dq_buf sentence = {0};

	dq_buf_byte(&texts->feature, '{');
	dq_buf_member_text(&texts->feature, "feature", name);
	dq_buf_key(&texts->feature, "value");
	put_escaped(&texts->topic, topic);
	for (int down = 0; down < 2; down++) {
		sentence.len = 0;
		dq_buf_slice(&sentence, unknown->before);
		dq_buf_slice(&sentence, topic);
		dq_buf_slice(&sentence, unknown->ends[down]);
		make_tail(&texts->tail[0][down], down, code, sentences[down]);
		make_tail(
		    &texts->tail[1][down], down, code, dq_buf_view(&sentence));
	}
	dq_buf_release(&sentence);
}

static void
make_plain_texts(
    struct texts *texts, struct dq_slice name, const struct unknown *unknown)
{
	char *code = dq_strndup(name.data, name.len);
	char *topic = dq_strndup(name.data, name.len);
	struct dq_slice sentences[2];

	for (char *c = code; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	for (char *c = topic; *c; c++)
		if (*c == '_')
			*c = ' ';
	sentences[0] = sentences[1] = DQ_SLICE(topic);
	make_texts(
	    texts, name, DQ_SLICE(code), DQ_SLICE(topic), sentences, unknown);
	free(code);
	free(topic);
}

static bool
read_feature(struct texts *texts, struct dq_slice name,
    struct yyjson_val *value, const struct unknown *unknown, struct dq_err *err)
{
	struct dq_slice code = dq_json_text(dq_json_get(value, "code"));
	struct dq_slice topic = dq_json_text(dq_json_get(value, "topic"));
	struct dq_slice sentences[2] = {dq_json_text(dq_json_get(value, "up")),
	    dq_json_text(dq_json_get(value, "down"))};

	if (!code.len || !topic.len || !sentences[0].len || !sentences[1].len)
		return dq_err_set(err,
		    "features: \"%.*s\" needs code, topic, up and down",
		    (int)name.len, name.data);
	make_texts(texts, name, code, topic, sentences, unknown);
	return true;
}

static bool
read_features(struct dq_reasons *reasons, struct yyjson_val *features,
    const struct dq_model *model, const struct unknown *unknown,
    size_t *missing, struct dq_err *err)
{
	*missing = 0;
	for (size_t i = 0; i < reasons->width; i++) {
		struct dq_slice name = dq_model_feature(model, i);
		struct yyjson_val *value =
		    yyjson_obj_getn(features, name.data, name.len);

		if (value) {
			if (!read_feature(
				&reasons->texts[i], name, value, unknown, err))
				return false;
			continue;
		}
		make_plain_texts(&reasons->texts[i], name, unknown);
		++*missing;
	}
	return true;
}

static bool
read_piece(
    char **out, struct yyjson_val *object, const char *key, struct dq_err *err)
{
	struct yyjson_val *value = dq_json_get(object, key);

	if (!yyjson_is_str(value))
		return dq_err_set(err, "explanation: no text \"%s\"", key);
	*out = escape(dq_json_text(value));
	return true;
}

static bool
read_all(struct dq_reasons *reasons, struct yyjson_val *root,
    const struct dq_model *model, size_t *missing, struct dq_err *err)
{
	struct yyjson_val *object = dq_json_get(root, "explanation");
	struct yyjson_val *sentence = dq_json_get(root, "unknown");
	const struct unknown unknown = {
	    dq_json_text(dq_json_get(sentence, "before")),
	    {dq_json_text(dq_json_get(sentence, "up")),
		dq_json_text(dq_json_get(sentence, "down"))}};

	if (!unknown.ends[0].len || !unknown.ends[1].len)
		return dq_err_set(err, "unknown: needs before, up and down");

	for (int i = 0; i < DQ_LEVELS; i++)
		if (!read_piece(&reasons->levels[i],
			dq_json_get(object, "levels"), dq_level_names[i], err))
			return false;
	return read_piece(&reasons->raised, object, "raised", err) &&
	       read_piece(&reasons->lowered, object, "lowered", err) &&
	       read_piece(&reasons->and, object, "and", err) &&
	       read_piece(&reasons->decimal, object, "decimal", err) &&
	       read_piece(&reasons->unknown, object, "unknown", err) &&
	       read_features(reasons, dq_json_get(root, "features"), model,
		   &unknown, missing, err);
}

struct dq_reasons *
dq_reasons_new(struct dq_slice json, const struct dq_model *model,
    size_t *missing, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(json, err);
	struct dq_reasons *reasons;

	if (!doc)
		return NULL;
	reasons = dq_calloc(1, sizeof(*reasons));
	reasons->width = dq_model_width(model);
	reasons->texts = dq_calloc(reasons->width + 1, sizeof(struct texts));
	if (!read_all(reasons, dq_json_root(doc), model, missing, err)) {
		dq_reasons_free(reasons);
		reasons = NULL;
	}
	dq_json_free(doc);
	return reasons;
}

void
dq_reasons_free(struct dq_reasons *reasons)
{
	if (!reasons)
		return;
	for (size_t i = 0; i < reasons->width; i++) {
		dq_buf_release(&reasons->texts[i].feature);
		for (int t = 0; t < 4; t++)
			dq_buf_release(&reasons->texts[i].tail[t / 2][t % 2]);
		dq_buf_release(&reasons->texts[i].topic);
	}
	for (int i = 0; i < DQ_LEVELS; i++)
		free(reasons->levels[i]);
	free(reasons->raised);
	free(reasons->lowered);
	free(reasons->and);
	free(reasons->decimal);
	free(reasons->unknown);
	free(reasons->texts);
	free(reasons);
}

void
dq_buf_reasons(struct dq_buf *buf, const struct dq_reasons *reasons,
    const struct dq_reason *top, size_t count, const double *values)
{
	dq_buf_byte(buf, '[');
	for (size_t i = 0; i < count; i++) {
		const struct texts *texts = &reasons->texts[top[i].column];
		double value = values[top[i].column];

		dq_buf_comma(buf);
		dq_buf_slice(buf, dq_buf_view(&texts->feature));
		dq_buf_real(buf, value);
		dq_buf_member_real(
		    buf, "contribution", (double)top[i].millionths / 1e6);
		dq_buf_byte(buf, ',');
		dq_buf_slice(buf,
		    dq_buf_view(
			&texts->tail[isnan(value)][top[i].millionths < 0]));
	}
	dq_buf_byte(buf, ']');
}

/* "A, B and C" of the reasons of one direction behind `begin`; nothing
 * when there is none. */
static void
list_topics(struct dq_buf *buf, const struct dq_reasons *reasons,
    const struct dq_reason *top, size_t count, const double *values, bool down,
    const char *begin)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += (top[i].millionths < 0) == down;
	dq_buf_str(buf, left ? begin : "");
	for (size_t i = 0; i < count; i++) {
		if ((top[i].millionths < 0) != down)
			continue;
		dq_buf_slice(
		    buf, dq_buf_view(&reasons->texts[top[i].column].topic));
		if (isnan(values[top[i].column]))
			dq_buf_str(buf, reasons->unknown);
		left--;
		dq_buf_str(buf, left > 1 ? ", " : left ? reasons->and : "");
	}
}

void
dq_buf_explanation(struct dq_buf *buf, const struct dq_reasons *reasons,
    enum dq_level level, double score, const struct dq_reason *top,
    size_t count, const double *values)
{
	int tenths = (int)lround(score * 1000);
	size_t ups = 0;

	dq_buf_byte(buf, '"');
	dq_buf_str(buf, reasons->levels[level]);
	dq_buf_str(buf, " (");
	dq_buf_int(buf, tenths / 10);
	dq_buf_str(buf, reasons->decimal);
	dq_buf_int(buf, tenths % 10);
	dq_buf_str(buf, " %)");
	dq_buf_str(buf, count ? ": " : "");
	for (size_t i = 0; i < count; i++)
		ups += top[i].millionths > 0;
	list_topics(buf, reasons, top, count, values, false, reasons->raised);
	dq_buf_str(buf, ups && ups < count ? "; " : "");
	list_topics(buf, reasons, top, count, values, true, reasons->lowered);
	dq_buf_str(buf, ".\"");
}
