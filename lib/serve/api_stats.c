/* Sums over all customers. */
#include "base/num.h"
#include "base/time.h"
#include "serve/api_parts.h"

#include <math.h>

#define REASONS_SHOWN 10

/* Those of one kind of tally that are not 0, as an object. */
static void
put_tallies(
    const struct dq_book *book, const char *key, size_t at, struct dq_buf *out)
{
	dq_buf_key(out, key);
	dq_buf_byte(out, '{');
	for (uint32_t i = 0; i < book->texts.count; i++) {
		const char *tally = (const char *)&book->tallies[i];
		int64_t n;

		memcpy(&n, tally + at, sizeof(n));
		if (!n)
			continue;
		dq_buf_comma(out);
		dq_buf_json_text(out, dq_map_key(&book->texts, i));
		dq_buf_byte(out, ':');
		dq_buf_int(out, n);
	}
	dq_buf_byte(out, '}');
}

/* The text with the most reasons below `limit`, ties by number. */
static uint32_t
next_reason(const struct dq_book *book, uint32_t last)
{
	int64_t limit =
	    last == DQ_MAP_NONE ? INT64_MAX : book->tallies[last].reasons;
	uint32_t best = DQ_MAP_NONE;

	for (uint32_t i = 0; i < book->texts.count; i++) {
		int64_t n = book->tallies[i].reasons;
		bool behind = n < limit ||
			      (n == limit && last != DQ_MAP_NONE && i > last);

		if (n > 0 && behind &&
		    (best == DQ_MAP_NONE || n > book->tallies[best].reasons))
			best = i;
	}
	return best;
}

static void
put_top_reasons(const struct dq_book *book, struct dq_buf *out)
{
	uint32_t reason = DQ_MAP_NONE;

	dq_buf_key(out, "top_reasons");
	dq_buf_byte(out, '[');
	for (int i = 0; i < REASONS_SHOWN; i++) {
		reason = next_reason(book, reason);
		if (reason == DQ_MAP_NONE)
			break;
		dq_buf_comma(out);
		dq_buf_byte(out, '{');
		dq_buf_member_text(
		    out, "feature", dq_map_key(&book->texts, reason));
		if (book->tallies[reason].code)
			dq_buf_member_text(out, "code",
			    dq_map_key(
				&book->texts, book->tallies[reason].code - 1));
		dq_buf_member_int(out, "count", book->tallies[reason].reasons);
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, ']');
}

/* The lowest score of each level but the last. */
static void
put_levels(const struct dq_prediction_form *form, struct dq_buf *out)
{
	dq_buf_key(out, "levels");
	dq_buf_byte(out, '{');
	dq_buf_member_real(out, "CRITICAL", form->critical);
	dq_buf_member_real(out, "HIGH", form->high);
	dq_buf_member_real(out, "MEDIUM", form->medium);
	dq_buf_byte(out, '}');
}

void
dq_serve_stats(const struct dq_serve *serve, struct dq_buf *out)
{
	static const char *const names[] = {"low_risk_count",
	    "medium_risk_count", "high_risk_count", "critical_risk_count"};
	const struct dq_book *book = &serve->book;

	dq_buf_member_int(out, "total_customers", book->ids.count);
	dq_buf_member_int(out, "scored_customers", book->scored);
	for (int i = DQ_LEVELS - 1; i >= 0; i--)
		dq_buf_member_int(out, names[i], book->levels[i]);
	dq_part_real(out, "avg_risk_score",
	    book->scored ? book->score_sum / (double)book->scored : NAN);
	dq_part_time(out, "last_updated", book->updated);
	dq_buf_key(out, "histogram");
	dq_buf_byte(out, '[');
	for (int i = 0; i < DQ_BOOK_BARS; i++) {
		dq_buf_comma(out);
		dq_buf_int(out, book->bars[i]);
	}
	dq_buf_byte(out, ']');
	put_levels(&serve->desk.scoring.form, out);
	dq_buf_member_int(out, "alerts_today", book->alerts);
	dq_buf_key(out, "decisions");
	dq_buf_byte(out, '{');
	put_tallies(
	    book, "decision", offsetof(struct dq_book_tally, decisions), out);
	put_tallies(
	    book, "channel", offsetof(struct dq_book_tally, channels), out);
	put_tallies(book, "suppressed_by",
	    offsetof(struct dq_book_tally, suppressors), out);
	dq_buf_byte(out, '}');
	put_top_reasons(book, out);
	dq_buf_member_int(out, "rejected", serve->refused);
}

static void
get_stats(void *context, struct dq_request *request)
{
	dq_buf_byte(request->out, '{');
	dq_serve_stats(context, request->out);
	dq_buf_str(request->out, "}\n");
}

static void
get_outcomes(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;

	dq_effect_write(&serve->book.effect, request->out);
	dq_buf_byte(request->out, '\n');
}

const struct dq_endpoint dq_api_stats[] = {
    {"GET", "/stats", DQ_ROLE_READ, get_stats},
    {"GET", "/outcomes", DQ_ROLE_READ, get_outcomes},
    {.path = NULL},
};
