/* The book against the plainest model of it: random predictions, decisions and
 * reviews, in order of time and not, and all that it says of them. */
#include "serve/book.h"
#include "unit.h"

#include "base/random.h"
#include "base/time.h"

#include <math.h>
#include <stdarg.h>

#define CUSTOMERS 20
#define DECISIONS 4000
#define DAYS 1500
#define KEEP (100 * DQ_DAY)
#define TOP 3 /* different reasons */

static struct dq_reader *reader;
static struct dq_random random_;

/* What the book should know. */
static struct {
	int64_t time; /* of the latest prediction; DQ_TIME_NONE: none */
	double score;
	enum dq_level level;
	int reason;
	double days[DAYS]; /* score of each, or NAN */
} customers[CUSTOMERS];
static struct {
	int customer;
	int64_t time;
	bool reviewed;
} decisions[DECISIONS];
static int decided;
static int64_t latest;
static int32_t alert_day;
static int64_t alerts;

static const struct dq_record *record(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static const struct dq_record *
record(const char *format, ...)
{
	static char line[1024];
	const struct dq_place place = {.source = "test", .partition = -1};
	struct dq_err err;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return dq_reader_parse(reader, (struct dq_slice){line, (size_t)n},
	    &place, UINT32_MAX, 2, &err);
}

static const char *
text(int64_t time)
{
	static struct dq_buf buf;

	buf.len = 0;
	dq_buf_time(&buf, time);
	return dq_buf_text(&buf);
}

static void
predict(struct dq_book *book, int64_t time)
{
	int i = (int)dq_random_below(&random_, CUSTOMERS);
	double score = (double)dq_random_below(&random_, 1000001) / 1e6;
	int level = score >= 0.7 ? 3 : score >= 0.5 ? 2 : score >= 0.3 ? 1 : 0;
	int reason = (int)dq_random_below(&random_, TOP);
	bool known = customers[i].time != DQ_TIME_NONE;
	bool taken = !known || time >= customers[i].time;
	bool alert =
	    taken && level >= 2 && (!known || level > (int)customers[i].level);
	struct dq_book_change change = dq_book_prediction(book,
	    record("{\"event_type\":\"prediction\",\"event_time\":\"%s\","
		   "\"prediction_id\":\"p\",\"customer_id\":\"C%d\","
		   "\"risk_score\":%.6f,\"risk_level\":\"%s\","
		   "\"top_features\":[{\"feature\":\"f%d\",\"code\":\"R%d\"}]}",
		text(time), i, score, dq_level_names[level], reason, reason));

	CHECK_INT(change.taken, taken);
	CHECK_INT(change.alert, alert);
	if (!taken)
		return;
	customers[i].time = time;
	customers[i].score = score;
	customers[i].level = (enum dq_level)level;
	customers[i].reason = reason;
	customers[i].days[dq_day_of(time)] = score;
	if (alert && dq_day_of(time) > alert_day) {
		alert_day = (int32_t)dq_day_of(time);
		alerts = 0;
	}
	alerts += alert && dq_day_of(time) == alert_day;
	latest = time > latest ? time : latest;
}

static void
decide(struct dq_book *book, int64_t time)
{
	int i = (int)dq_random_below(&random_, CUSTOMERS);
	int same = decided ? (int)dq_random_below(&random_, 20) : 1;
	const char *format =
	    "{\"event_type\":\"intervention\",\"event_time\":\"%s\","
	    "\"intervention_id\":\"D%d\",\"customer_id\":\"C%d\","
	    "\"decision\":\"act\"}";

	if (!same) { /* the last one, again */
		CHECK(!dq_book_decide(
		    book, record(format, text(time), decided - 1,
			      decisions[decided - 1].customer)));
		return;
	}
	CHECK(dq_book_decide(book, record(format, text(time), decided, i)));
	decisions[decided].customer = i;
	decisions[decided++].time = time;
	latest = time > latest ? time : latest;
}

static int
newer_of_customer(int number)
{
	int n = 0;

	for (int i = number + 1; i < decided; i++)
		n += decisions[i].customer == decisions[number].customer;
	return n;
}

static void
review(struct dq_book *book)
{
	int i = decided ? (int)dq_random_below(&random_, (uint32_t)decided) : 0;
	bool taken = dq_book_review(
	    book, record("{\"event_type\":\"review\",\"event_time\":\"%s\","
			 "\"intervention_id\":\"D%d\",\"decision\":\"approve\","
			 "\"by\":\"anna\"}",
		      text(latest), i));

	if (!decided)
		return;
	if (newer_of_customer(i) >= DQ_BOOK_DECISIONS)
		CHECK(!taken);
	else if (decisions[i].time >= latest - KEEP)
		CHECK(taken);
	decisions[i].reviewed = decisions[i].reviewed || taken;
}

/* The sums, and the order by score. */
static void
check_sums(const struct dq_book *book)
{
	int64_t levels[DQ_LEVELS] = {0}, reasons[TOP] = {0}, scored = 0;
	double sum = 0, last = INFINITY;
	uint32_t at = dq_rank_first(&book->rank, INFINITY);

	for (int i = 0; i < CUSTOMERS; i++) {
		if (customers[i].time == DQ_TIME_NONE)
			continue;
		scored++;
		levels[customers[i].level]++;
		sum += customers[i].score;
		reasons[customers[i].reason] += customers[i].level >= 2;
	}
	CHECK_INT(book->scored, scored);
	CHECK(fabs(book->score_sum - sum) < 1e-6);
	CHECK_INT(book->alerts, alerts);
	for (int i = 0; i < DQ_LEVELS; i++)
		CHECK_INT(book->levels[i], levels[i]);
	for (int i = 0; i < TOP; i++) {
		char name[3] = {'f', (char)('0' + i), 0};
		char code[3] = {'R', (char)('0' + i), 0};
		uint32_t n = dq_map_get(&book->texts, DQ_SLICE(name));

		if (n == DQ_MAP_NONE)
			continue;
		CHECK_INT(book->tallies[n].reasons, reasons[i]);
		CHECK_TEXT(
		    dq_map_key(&book->texts, book->tallies[n].code - 1), code);
	}
	for (; at != DQ_RANK_NONE; scored--) {
		CHECK(book->customers[at].score <= last);
		last = book->customers[at].score;
		at = dq_rank_after(&book->rank, last, at);
	}
	CHECK_INT(scored, 0);
}

static void
check_scores(const struct dq_book *book, int i)
{
	const struct dq_book_customer *c;
	struct dq_score days[DQ_SCORE_DAYS];
	char id[16];
	size_t n, at = 0;
	int64_t today;

	if (customers[i].time == DQ_TIME_NONE)
		return;
	snprintf(id, sizeof(id), "C%d", i);
	c = &book->customers[dq_book_find(book, DQ_SLICE(id))];
	n = dq_scores_read(&c->scores, days);
	today = dq_day_of(customers[i].time);
	for (int64_t day = today - DQ_SCORE_DAYS + 1; day <= today; day++) {
		if (day < 0 || isnan(customers[i].days[day]))
			continue;
		CHECK(at < n);
		CHECK_INT(days[at].day, day);
		CHECK(fabs(days[at].score - customers[i].days[day]) < 1e-9);
		at++;
	}
	CHECK_INT(at, n);
}

/* Those of a customer: the latest 16, newest first; of the old ones none. */
static void
check_decisions(const struct dq_book *book, int customer)
{
	char id[16];
	const struct dq_book_decision *d = NULL;
	uint32_t number;
	int seen = 0;

	snprintf(id, sizeof(id), "C%d", customer);
	number = dq_book_find(book, DQ_SLICE(id));
	if (number != DQ_MAP_NONE)
		d = dq_decisions_get(
		    &book->decisions, book->customers[number].decision);
	for (int i = decided; i--;) {
		if (decisions[i].customer != customer)
			continue;
		if (d && seen < DQ_BOOK_DECISIONS) {
			CHECK_INT(d->time, decisions[i].time);
			CHECK_INT(d->review != NULL, decisions[i].reviewed);
			d = dq_decisions_get(&book->decisions, d->older);
			seen++;
		} else
			CHECK(seen == DQ_BOOK_DECISIONS ||
			      decisions[i].time < latest - KEEP);
	}
	CHECK(!d);
}

static void
check_old(const struct dq_book *book)
{
	uint32_t at = dq_decisions_before(&book->decisions, DQ_MAP_NONE);
	int n = 0;

	for (; at != DQ_MAP_NONE; n++) {
		const struct dq_book_decision *d =
		    dq_decisions_get(&book->decisions, at);
		char id[16];

		CHECK(d != NULL);
		CHECK(d->time >= latest - KEEP - KEEP / DQ_SHELVES_KEPT);
		snprintf(id, sizeof(id), "D%d", decided - 1 - n);
		CHECK_TEXT(dq_decisions_id(&book->decisions, at), id);
		CHECK_INT(
		    dq_decisions_find(&book->decisions, DQ_SLICE(id)), at);
		at = dq_decisions_before(&book->decisions, at);
	}
	if (n < decided)
		CHECK(decisions[decided - 1 - n].time < latest - KEEP);
}

static void
as_the_model(void)
{
	struct dq_book book;
	int64_t now = 10 * DQ_DAY;

	dq_book_init(&book, KEEP);
	for (int i = 0; i < CUSTOMERS; i++) {
		customers[i].time = DQ_TIME_NONE;
		for (int day = 0; day < DAYS; day++)
			customers[i].days[day] = NAN;
	}
	alert_day = INT32_MIN;
	latest = DQ_TIME_NONE;
	while (decided < DECISIONS && now < (DAYS - 1) * DQ_DAY) {
		now += (int64_t)dq_random_below(&random_, DQ_HOUR) * 8;
		predict(&book,
		    now - (int64_t)dq_random_below(&random_, DQ_HOUR) * 9);
		predict(&book, now);
		decide(&book, now);
		if (dq_random_below(&random_, 3) == 0)
			review(&book);
		if (dq_random_below(&random_, 40) == 0) {
			check_sums(&book);
			check_old(&book);
			for (int i = 0; i < CUSTOMERS; i++) {
				check_scores(&book, i);
				check_decisions(&book, i);
			}
		}
	}
	CHECK(book.decisions.first > 10); /* shelves have gone */
	dq_book_release(&book);
}

/* A full shelf is followed by another, whatever the time. */
static void
many(void)
{
	struct dq_decisions all = {.keep = DQ_DAY};
	char id[16];

	for (int i = 0; i < 3 * DQ_SHELF; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		CHECK_INT(dq_decisions_add(&all, DQ_SLICE(id), 0), i);
	}
	CHECK_INT(all.count, 3);
	CHECK_INT(dq_decisions_find(&all, DQ_SLICE("x20000")), 20000);
	CHECK_INT(dq_decisions_add(&all, DQ_SLICE("x20000"), 0), DQ_MAP_NONE);
	CHECK_INT(dq_decisions_before(&all, DQ_SHELF), DQ_SHELF - 1);
	CHECK_INT(dq_decisions_before(&all, 0), DQ_MAP_NONE);
	dq_decisions_prune(&all, DQ_DAY);
	CHECK_INT(all.count, 3);
	dq_decisions_prune(&all, DQ_DAY + 1);
	CHECK_INT(all.count, 0);
	CHECK(!dq_decisions_get(&all, 20000));
	CHECK_INT(dq_decisions_before(&all, DQ_MAP_NONE), DQ_MAP_NONE);
	CHECK_INT(dq_decisions_add(&all, DQ_SLICE("x1"), 0), 3 * DQ_SHELF);
	dq_decisions_release(&all);
}

int
main(void)
{
	reader = dq_reader_new();
	dq_random_init(&random_, 11, 0);
	as_the_model();
	many();
	dq_reader_free(reader);
	return unit_done();
}
