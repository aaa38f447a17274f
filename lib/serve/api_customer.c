/* One customer. */
#include "base/money.h"
#include "base/num.h"
#include "base/time.h"
#include "features/diary.h"
#include "serve/api_parts.h"

#include <math.h>

static void
put_decisions(const struct dq_book *book, uint32_t newest, struct dq_buf *out)
{
	dq_buf_key(out, "decisions");
	dq_buf_byte(out, '[');
	for (const struct dq_book_decision *d =
		 dq_decisions_get(&book->decisions, newest);
	     d; d = dq_decisions_get(&book->decisions, d->older))
		dq_part_decision(d, out);
	dq_buf_byte(out, ']');
}

/* Which of them holds: its id. */
static void
put_in_force(const struct dq_book *book, uint32_t newest, struct dq_buf *out)
{
	uint32_t number = dq_book_in_force(book, newest);

	if (number == DQ_MAP_NONE)
		dq_buf_member_null(out, "in_force");
	else
		dq_buf_member_text(
		    out, "in_force", dq_decisions_id(&book->decisions, number));
}

static void
put_features(struct dq_serve *serve, struct dq_slice id, struct dq_buf *out)
{
	struct dq_slice json;

	if (dq_desk_features(&serve->desk, id, &json))
		dq_buf_member_raw(out, "features", json);
	else
		dq_buf_member_null(out, "features");
}

static void
get_customer(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_buf *out = request->out;
	uint32_t number = dq_part_customer(serve, request, request->args[0]);
	const struct dq_book_customer *c;

	if (number == DQ_MAP_NONE)
		return;
	c = &serve->book.customers[number];
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", request->args[0]);
	dq_part_raw(out, "profile", c->profile);
	dq_part_raw(out, "risk", c->prediction);
	put_features(serve, request->args[0], out);
	put_in_force(&serve->book, c->decision, out);
	put_decisions(&serve->book, c->decision, out);
	dq_buf_key(out, "assignments");
	dq_buf_byte(out, '[');
	if (c->assignment)
		dq_buf_str(out, c->assignment);
	dq_buf_str(out, "]}\n");
}

/* Days with a score and days with an account, merged. */
struct history {
	struct dq_diary_day days[DQ_KEPT_DAYS];
	size_t day_count;
	struct dq_score scores[DQ_SCORE_DAYS];
	size_t score_count;
	size_t at_day, at_score;
	int digits;
};

static int32_t
next_day(const struct history *h)
{
	int32_t day = INT32_MAX;

	if (h->at_day < h->day_count)
		day = h->days[h->at_day].day;
	if (h->at_score < h->score_count && h->scores[h->at_score].day < day)
		day = h->scores[h->at_score].day;
	return day;
}

static void
put_money_or_null(
    struct dq_buf *out, const char *key, bool known, int64_t amount, int digits)
{
	if (!known) {
		dq_buf_member_null(out, key);
		return;
	}
	dq_buf_key(out, key);
	dq_buf_money(out, amount, digits);
}

static void
put_day(struct history *h, int32_t day, const struct dq_prediction_form *form,
    bool skip, struct dq_buf *out)
{
	const struct dq_diary_day none = {0};
	const struct dq_diary_day *d = &none;
	double score = NAN;
	bool there = h->at_day < h->day_count && h->days[h->at_day].day == day;

	if (there)
		d = &h->days[h->at_day++];
	if (h->at_score < h->score_count && h->scores[h->at_score].day == day)
		score = h->scores[h->at_score++].score;
	if (skip)
		return;
	dq_buf_comma(out);
	dq_buf_str(out, "{\"date\":\"");
	dq_buf_day(out, day);
	dq_buf_byte(out, '"');
	dq_part_real(out, "risk_score", score);
	if (isnan(score))
		dq_buf_member_null(out, "risk_level");
	else
		dq_buf_member_str(out, "risk_level",
		    dq_level_names[dq_level_of(form, score)]);
	put_money_or_null(out, "balance", d->known, d->balance, h->digits);
	put_money_or_null(out, "spend", there, d->spend, h->digits);
	put_money_or_null(out, "income", there, d->income, h->digits);
	dq_buf_byte(out, '}');
}

static int32_t
last_day(const struct history *h)
{
	int32_t day = INT32_MIN;

	if (h->day_count)
		day = h->days[h->day_count - 1].day;
	if (h->score_count && h->scores[h->score_count - 1].day > day)
		day = h->scores[h->score_count - 1].day;
	return day;
}

static void
get_history(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_buf *out = request->out;
	uint32_t number = dq_part_customer(serve, request, request->args[0]);
	const struct dq_customer *account =
	    dq_features_customer(&serve->desk.features, request->args[0]);
	struct history h = {0};
	int64_t days = 30, count = 0;
	int32_t day;

	if (number == DQ_MAP_NONE ||
	    !dq_request_int(request, "days", 1, 400, &days))
		return;
	h.score_count =
	    dq_scores_read(&serve->book.customers[number].scores, h.scores);
	if (account) {
		h.day_count = dq_diary_read(account, h.days);
		h.digits = account->digits;
	}
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", request->args[0]);
	dq_buf_key(out, "history");
	dq_buf_byte(out, '[');
	while ((day = next_day(&h)) != INT32_MAX) {
		bool skip = day <= last_day(&h) - days;

		put_day(&h, day, &serve->desk.scoring.form, skip, out);
		count += !skip;
	}
	dq_buf_byte(out, ']');
	dq_buf_member_int(out, "count", count);
	dq_buf_str(out, "}\n");
}

const struct dq_endpoint dq_api_customer[] = {
    {"GET", "/customer/{id}", DQ_ROLE_READ, get_customer},
    {"GET", "/customer/{id}/history", DQ_ROLE_READ, get_history},
    {.path = NULL},
};
