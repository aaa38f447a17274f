/* The watch list, and the decisions of all. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "serve/api_parts.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define STEP 256 /* that are looked at in one go */
#define REASONS_SHOWN 3

/* The watch list: where the walk from the highest score down has come. */
struct walk {
	unsigned levels; /* bit per level */
	char *search;	 /* in lower case; NULL: all */
	int64_t limit, offset, matched, put;
	double score;
	uint32_t number;
	bool begun, counted;
	struct dq_buf items;
};

static void
walk_free(void *state)
{
	struct walk *walk = state;

	free(walk->search);
	dq_buf_release(&walk->items);
	free(walk);
}

static bool
holds(struct dq_slice text, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= text.len; i++)
		if (!strncasecmp(text.data + i, part, n))
			return true;
	return false;
}

static void
put_text_of(struct dq_buf *out, const char *key, struct yyjson_val *object)
{
	struct yyjson_val *value = dq_json_get(object, key);

	dq_buf_key(out, key);
	if (value)
		dq_buf_json_value(out, value);
	else
		dq_buf_str(out, "null");
}

static void
put_reason(struct yyjson_val *feature, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	put_text_of(out, "code", feature);
	put_text_of(out, "reason", feature);
	put_text_of(out, "feature", feature);
	put_text_of(out, "value", feature);
	dq_buf_byte(out, '}');
}

/* What weighs most, and the first few that raise the score. */
static void
put_reasons(struct yyjson_val *prediction, struct dq_buf *out)
{
	struct yyjson_val *features = dq_json_get(prediction, "top_features");
	struct dq_json_iter iter = dq_json_iter(features);
	int put = 0;

	dq_buf_key(out, "top_reason");
	if (dq_json_next(&iter))
		put_reason(iter.value, out);
	else
		dq_buf_str(out, "null");
	dq_buf_key(out, "reasons");
	dq_buf_byte(out, '[');
	iter = dq_json_iter(features);
	while (put < REASONS_SHOWN && dq_json_next(&iter)) {
		if (!dq_slice_is(
			dq_json_text(dq_json_get(iter.value, "direction")),
			"up"))
			continue;
		dq_buf_comma(out);
		put_reason(iter.value, out);
		put++;
	}
	dq_buf_byte(out, ']');
}

static void
put_decision_of(const struct dq_book *book, uint32_t number, struct dq_buf *out)
{
	static const char *const keys[] = {"decision", "intervention_type",
	    "channel", "not_before", "suppressed_by", "rule"};
	struct dq_slice line = {"{}", 2};
	struct yyjson_doc *doc;
	struct dq_err err;

	if (number != DQ_MAP_NONE)
		line = (struct dq_slice){book->decisions[number].line,
		    book->decisions[number].length};
	doc = dq_json_parse(line, &err);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		put_text_of(out, keys[i], dq_json_root(doc));
	dq_json_free(doc);
	if (number == DQ_MAP_NONE)
		dq_buf_member_null(out, "decided_at");
	else
		dq_buf_member_time(
		    out, "decided_at", book->decisions[number].time);
}

static void
put_customer(const struct dq_book *book, uint32_t number, struct dq_buf *out)
{
	const struct dq_book_customer *c = &book->customers[number];
	double then = dq_book_score_before(c, 7);
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(DQ_SLICE(c->prediction), &err);
	struct yyjson_val *root = dq_json_root(doc);
	struct yyjson_doc *assignment =
	    c->assignment ? dq_json_parse(DQ_SLICE(c->assignment), &err) : NULL;

	dq_buf_comma(out);
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", dq_book_id(book, number));
	dq_buf_member_real(out, "risk_score", c->score);
	dq_buf_member_str(out, "risk_level", dq_level_names[c->level]);
	put_text_of(out, "explanation", root);
	put_reasons(root, out);
	dq_buf_member_time(out, "event_time", c->time);
	put_decision_of(book, dq_book_in_force(book, c->decision), out);
	put_text_of(
	    out, "assigned_to", assignment ? dq_json_root(assignment) : NULL);
	dq_buf_member_real(out, "change_7d", c->score - then);
	dq_buf_byte(out, '}');
	dq_json_free(doc);
	dq_json_free(assignment);
}

static void
visit(const struct dq_book *book, struct walk *walk)
{
	const struct dq_book_customer *c = &book->customers[walk->number];

	if (!(walk->levels >> c->level & 1) ||
	    (walk->search &&
		!holds(dq_book_id(book, walk->number), walk->search)))
		return;
	walk->matched++;
	if (walk->matched > walk->offset && walk->put < walk->limit) {
		walk->put++;
		put_customer(book, walk->number, &walk->items);
	}
}

/* Without a search the book knows how many there are. */
static int64_t
count_levels(const struct dq_book *book, unsigned levels)
{
	int64_t count = 0;

	for (int i = 0; i < DQ_LEVELS; i++)
		if (levels >> i & 1)
			count += book->levels[i];
	return count;
}

static enum dq_work
go_on(void *context, struct dq_request *request, void *state)
{
	struct dq_serve *serve = context;
	struct dq_book *book = &serve->book;
	struct walk *walk = state;
	struct dq_buf *out = request->out;

	for (int i = 0; i < STEP; i++) {
		walk->number =
		    walk->begun
			? dq_rank_after(&book->rank, walk->score, walk->number)
			: dq_rank_first(&book->rank, INFINITY);
		walk->begun = true;
		if (walk->number == DQ_RANK_NONE ||
		    (!walk->search && walk->put == walk->limit)) {
			dq_buf_byte(out, '{');
			dq_buf_member_int(out, "count",
			    walk->search ? walk->matched
					 : count_levels(book, walk->levels));
			dq_buf_key(out, "customers");
			dq_buf_byte(out, '[');
			dq_buf_slice(out, dq_buf_view(&walk->items));
			dq_buf_str(out, "]}\n");
			return DQ_WORK_DONE;
		}
		walk->score = book->customers[walk->number].score;
		visit(book, walk);
	}
	return DQ_WORK_MORE;
}

/* "HIGH,CRITICAL" as bits; 0 after dq_request_fail. */
static unsigned
levels_asked(struct dq_request *request)
{
	struct dq_slice text;
	unsigned levels = 0;

	if (!dq_request_text(request, "level", &text) || !text.len)
		return (1u << DQ_LEVELS) - 1;
	while (text.len) {
		const char *comma = memchr(text.data, ',', text.len);
		struct dq_slice name = {
		    text.data, comma ? (size_t)(comma - text.data) : text.len};
		int level = 0;

		while (level < DQ_LEVELS &&
		       !dq_slice_is(name, dq_level_names[level]))
			level++;
		if (level == DQ_LEVELS) {
			dq_request_fail(request, 400, "bad_parameter",
			    "level must be LOW, MEDIUM, HIGH or CRITICAL, or "
			    "some of them with commas.");
			return 0;
		}
		levels |= 1u << level;
		text.data += name.len + (comma != NULL);
		text.len -= name.len + (comma != NULL);
	}
	return levels;
}

static void
get_high_risk(void *context, struct dq_request *request)
{
	struct dq_slice search;
	struct walk walk = {.limit = 50, .levels = levels_asked(request)};
	struct walk *state;

	(void)context;
	if (!walk.levels ||
	    !dq_request_int(request, "limit", 1, 1000, &walk.limit) ||
	    !dq_request_int(request, "offset", 0, 100000000, &walk.offset))
		return;
	if (dq_request_text(request, "search", &search) && search.len)
		walk.search = dq_strndup(search.data, search.len);
	state = dq_malloc(sizeof(*state));
	*state = walk;
	dq_request_work(request, go_on, walk_free, state);
}

/* The decisions of all, newest first, looked through in steps. */
struct look {
	int64_t limit, put, matched, since;
	uint32_t customer; /* or DQ_MAP_NONE: of all */
	char *decision;	   /* or NULL: any */
	uint32_t at;	   /* one above the next */
	struct dq_buf items;
};

static void
look_free(void *state)
{
	struct look *look = state;

	free(look->decision);
	dq_buf_release(&look->items);
	free(look);
}

static bool
is_looked_for(const struct dq_book *book, const struct look *look,
    const struct dq_book_decision *d)
{
	if (!d->line ||
	    (look->customer != DQ_MAP_NONE && look->customer != d->customer) ||
	    (look->since != DQ_TIME_NONE && d->time < look->since))
		return false;
	return !look->decision ||
	       (d->decision != DQ_MAP_NONE &&
		   dq_slice_is(
		       dq_map_key(&book->texts, d->decision), look->decision));
}

static enum dq_work
look_on(void *context, struct dq_request *request, void *state)
{
	struct dq_serve *serve = context;
	struct dq_book *book = &serve->book;
	struct look *look = state;
	struct dq_buf *out = request->out;

	for (int i = 0; i < STEP && look->at; i++) {
		const struct dq_book_decision *d = &book->decisions[--look->at];

		if (!is_looked_for(book, look, d))
			continue;
		look->matched++;
		if (look->put < look->limit) {
			look->put++;
			dq_part_decision(d, &look->items);
		}
	}
	if (look->at)
		return DQ_WORK_MORE;
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "count", look->matched);
	dq_buf_key(out, "interventions");
	dq_buf_byte(out, '[');
	dq_buf_slice(out, dq_buf_view(&look->items));
	dq_buf_str(out, "]}\n");
	return DQ_WORK_DONE;
}

static bool
is_decision(struct dq_slice text)
{
	static const char *const names[] = {
	    "act", "suppress", "defer", "review", "hold_out"};
	size_t i = 0;

	while (i < 5 && !dq_slice_is(text, names[i]))
		i++;
	return i < 5;
}

static void
get_interventions(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct look look = {.limit = 50,
	    .since = DQ_TIME_NONE,
	    .customer = DQ_MAP_NONE,
	    .at = serve->book.decision_ids.count};
	struct dq_slice text;
	struct look *state;

	if (!dq_request_int(request, "limit", 1, 1000, &look.limit))
		return;
	if (dq_request_text(request, "since", &text) &&
	    !dq_time_parse(text, &look.since)) {
		dq_request_fail(request, 400, "bad_parameter",
		    "since must be a time, as 2026-01-05T10:11:12Z.");
		return;
	}
	if (dq_request_text(request, "customer_id", &text) &&
	    (look.customer = dq_part_customer(serve, request, text)) ==
		DQ_MAP_NONE)
		return;
	if (dq_request_text(request, "decision", &text) && text.len) {
		if (!is_decision(text)) {
			dq_request_fail(request, 400, "bad_parameter",
			    "The parameter decision must be act, suppress, "
			    "defer, review or hold_out.");
			return;
		}
		look.decision = dq_strndup(text.data, text.len);
	}
	state = dq_malloc(sizeof(*state));
	*state = look;
	dq_request_work(request, look_on, look_free, state);
}

const struct dq_endpoint dq_api_lists[] = {
    {"GET", "/high_risk_customers", DQ_ROLE_READ, get_high_risk},
    {"GET", "/interventions", DQ_ROLE_READ, get_interventions},
    {.path = NULL},
};
