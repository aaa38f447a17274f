/* The watch list. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "serve/api_parts.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define STEP 256   /* that are looked at in one go */
#define STEP_PUT 8 /* and that are put */
#define REASONS_SHOWN 3

/* The watch list: where the walk from the highest score down has come. */
struct walk {
	unsigned levels; /* bit per level */
	char *search;	 /* in lower case; NULL: all */
	int64_t limit, offset, matched, put;
	double score;
	uint32_t number;
	bool begun;
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
put_reason(struct yyjson_val *feature, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_part_member(out, "code", feature, "code");
	dq_part_member(out, "reason", feature, "reason");
	dq_part_member(out, "feature", feature, "feature");
	dq_part_member(out, "value", feature, "value");
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
	const struct dq_book_decision *d =
	    dq_decisions_get(&book->decisions, number);
	struct dq_slice line = {"{}", 2};
	struct yyjson_doc *doc;
	struct dq_err err;

	if (d)
		line = (struct dq_slice){d->line, d->length};
	doc = dq_json_parse(line, &err);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		dq_part_member(out, keys[i], dq_json_root(doc), keys[i]);
	dq_json_free(doc);
	dq_part_time(out, "decided_at", d ? d->time : DQ_TIME_NONE);
	dq_part_raw(out, "review", d ? d->review : NULL);
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
	dq_part_member(out, "explanation", root, "explanation");
	put_reasons(root, out);
	dq_buf_member_time(out, "event_time", c->time);
	put_decision_of(book, dq_book_in_force(book, c->decision), out);
	dq_part_member(out, "assigned_to",
	    assignment ? dq_json_root(assignment) : NULL, "assigned_to");
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
	int64_t until = walk->put + STEP_PUT;

	for (int i = 0; i < STEP && walk->put < until; i++) {
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

const struct dq_endpoint dq_api_watch[] = {
    {"GET", "/high_risk_customers", DQ_ROLE_READ, get_high_risk},
    {.path = NULL},
};
