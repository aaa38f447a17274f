/* A customer day by day: what is remembered here, and before that, and where
 * something is missing, what the database says. */
#include "base/mem.h"
#include "base/money.h"
#include "base/time.h"
#include "features/diary.h"
#include "serve/api_parts.h"

#include <math.h>
#include <stdlib.h>

/* Of each day the last score, and the account. */
static const char asked[] =
    "SELECT coalesce(s.day, b.balance_date) - date '1970-01-01', "
    "s.risk_score, b.closing_balance, b.total_debits, b.total_credits "
    "FROM (SELECT DISTINCT ON (day) (score_date AT TIME ZONE 'UTC')::date "
    "AS day, risk_score FROM risk_scores WHERE customer_id = $1 "
    "AND score_date >= $2::timestamptz AND score_date < $3::timestamptz "
    "ORDER BY day, score_date DESC) s "
    "FULL JOIN (SELECT * FROM daily_balances WHERE customer_id = $1 "
    "AND balance_date >= ($2::timestamptz AT TIME ZONE 'UTC')::date "
    "AND balance_date < ($3::timestamptz AT TIME ZONE 'UTC')::date) b "
    "ON b.balance_date = s.day ORDER BY 1";
enum { DAY, SCORE, BALANCE, SPEND, INCOME };

/* Days of three kinds, merged: with a score, with an account, of the database.
 */
struct history {
	struct dq_score scores[DQ_SCORE_DAYS];
	struct dq_diary_day days[DQ_KEPT_DAYS];
	const struct dq_past_job *job; /* NULL: no database, or it is away */
	size_t score_count, day_count, row_count;
	size_t at_score, at_day, at_row;
	int digits;
	int32_t last;
};

static int32_t
row_day(const struct history *h)
{
	return (int32_t)strtol(dq_past_value(h->job, h->at_row, DAY), NULL, 10);
}

static int32_t
next_day(const struct history *h)
{
	int32_t day = INT32_MAX;

	if (h->at_day < h->day_count)
		day = h->days[h->at_day].day;
	if (h->at_score < h->score_count && h->scores[h->at_score].day < day)
		day = h->scores[h->at_score].day;
	if (h->at_row < h->row_count && row_day(h) < day)
		day = row_day(h);
	return day;
}

/* The database's own amount where we know none. */
static void
put_amount(struct dq_buf *out, const char *key, bool known, int64_t amount,
    int digits, const char *past)
{
	if (known) {
		dq_buf_key(out, key);
		dq_buf_money(out, amount, digits);
	} else if (past)
		dq_buf_member_raw(out, key, DQ_SLICE(past));
	else
		dq_buf_member_null(out, key);
}

static void
put_score(
    struct dq_buf *out, const struct dq_prediction_form *form, double score)
{
	dq_part_real(out, "risk_score", score);
	if (isnan(score))
		dq_buf_member_null(out, "risk_level");
	else
		dq_buf_member_str(out, "risk_level",
		    dq_level_names[dq_level_of(form, score)]);
}

static void
put_day(struct history *h, int32_t day, const struct dq_prediction_form *form,
    bool skip, struct dq_buf *out)
{
	const struct dq_diary_day none = {0};
	const struct dq_diary_day *d = &none;
	const char *past[INCOME + 1] = {0};
	double score = NAN;
	bool there = h->at_day < h->day_count && h->days[h->at_day].day == day;

	if (there)
		d = &h->days[h->at_day++];
	if (h->at_row < h->row_count && row_day(h) == day) {
		for (int i = SCORE; i <= INCOME; i++)
			past[i] = dq_past_value(h->job, h->at_row, i);
		h->at_row++;
	}
	if (h->at_score < h->score_count && h->scores[h->at_score].day == day)
		score = h->scores[h->at_score++].score;
	else if (past[SCORE])
		score = strtod(past[SCORE], NULL);
	if (skip)
		return;
	dq_buf_comma(out);
	dq_buf_str(out, "{\"date\":\"");
	dq_buf_day(out, day);
	dq_buf_byte(out, '"');
	put_score(out, form, score);
	put_amount(
	    out, "balance", d->known, d->balance, h->digits, past[BALANCE]);
	put_amount(out, "spend", there, d->spend, h->digits, past[SPEND]);
	put_amount(out, "income", there, d->income, h->digits, past[INCOME]);
	dq_buf_byte(out, '}');
}

/* What is remembered here. `last` is its latest day, else the day it is. */
static void
remembered(const struct dq_serve *serve, struct dq_slice id, struct history *h)
{
	uint32_t number = dq_book_find(&serve->book, id);
	const struct dq_customer *account =
	    dq_features_customer(&serve->desk.features, id);
	int64_t time = serve->event_time;

	*h = (struct history){.last = INT32_MIN};
	h->score_count =
	    dq_scores_read(&serve->book.customers[number].scores, h->scores);
	if (account) {
		h->day_count = dq_diary_read(account, h->days);
		h->digits = account->digits;
	}
	if (h->day_count)
		h->last = h->days[h->day_count - 1].day;
	if (h->score_count && h->scores[h->score_count - 1].day > h->last)
		h->last = h->scores[h->score_count - 1].day;
	if (h->last == INT32_MIN)
		h->last =
		    dq_day_of(time == DQ_TIME_NONE ? dq_clock_wall() : time);
}

/* `job` is NULL where no database was asked, or it did not answer; `partial`:
 * it should have. */
static void
put_history(struct dq_serve *serve, struct dq_slice id, int64_t days,
    const struct dq_past_job *job, bool partial, struct dq_buf *out)
{
	struct history h;
	int64_t count = 0;
	int32_t day;

	remembered(serve, id, &h);
	h.job = job;
	h.row_count = job ? dq_past_rows(job) : 0;
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", id);
	dq_buf_key(out, "history");
	dq_buf_byte(out, '[');
	while ((day = next_day(&h)) != INT32_MAX) {
		bool skip = day <= h.last - days;

		put_day(&h, day, &serve->desk.scoring.form, skip, out);
		count += !skip;
	}
	dq_buf_byte(out, ']');
	dq_buf_member_int(out, "count", count);
	dq_buf_member_flag(out, "partial", partial);
	dq_buf_str(out, "}\n");
}

struct question {
	struct dq_serve *serve;
	struct dq_past_job *job;
	char *id;
	int64_t days;
};

static enum dq_work
step(void *context, struct dq_request *request, void *state)
{
	struct question *q = state;
	enum dq_past_state is = dq_past_look(q->serve->past, q->job);
	bool good = is == DQ_PAST_GOOD;

	(void)context;
	if (is == DQ_PAST_WAITING)
		return DQ_WORK_WAIT;
	put_history(q->serve, DQ_SLICE(q->id), q->days, good ? q->job : NULL,
	    !good, request->out);
	return DQ_WORK_DONE;
}

static void
release(void *state)
{
	struct question *q = state;

	dq_past_forget(q->serve->past, q->job);
	free(q->id);
	free(q);
}

static struct dq_past_job *
ask(struct dq_serve *serve, struct dq_slice id, int64_t days)
{
	struct history h;
	struct dq_buf from = {0}, to = {0};
	struct dq_past_job *job;

	remembered(serve, id, &h);
	dq_buf_time(&from, (h.last + 1 - days) * DQ_DAY);
	dq_buf_time(&to, (h.last + (int64_t)1) * DQ_DAY);
	job = dq_past_ask(serve->past, asked, 3,
	    (const struct dq_slice[]){
		id, dq_buf_view(&from), dq_buf_view(&to)});
	dq_buf_release(&from);
	dq_buf_release(&to);
	return job;
}

static void
get_history(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_slice id = request->args[0];
	struct dq_past_job *job = NULL;
	struct question *q;
	int64_t days = 30;

	if (dq_part_customer(serve, request, id) == DQ_MAP_NONE ||
	    !dq_request_int(request, "days", 1, 400, &days))
		return;
	if (serve->past)
		job = ask(serve, id, days);
	if (!job) {
		put_history(serve, id, days, NULL, serve->past, request->out);
		return;
	}
	q = dq_calloc(1, sizeof(*q));
	*q = (struct question){.serve = serve,
	    .job = job,
	    .id = dq_strndup(id.data, id.len),
	    .days = days};
	dq_request_work(request, step, release, q);
}

const struct dq_endpoint dq_api_history[] = {
    {"GET", "/customer/{id}/history", DQ_ROLE_READ, get_history},
    {.path = NULL},
};
