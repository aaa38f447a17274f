#include "serve/book.h"

#include "base/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
dq_book_init(struct dq_book *book, int64_t keep)
{
	*book = (struct dq_book){.alert_day = INT32_MIN,
	    .updated = DQ_TIME_NONE,
	    .decisions.keep = keep};
	book->tallies = dq_calloc(DQ_BOOK_TALLIES, sizeof(*book->tallies));
}

void
dq_book_release(struct dq_book *book)
{
	for (size_t i = 0; i < book->ids.count; i++) {
		free(book->customers[i].profile);
		free(book->customers[i].prediction);
		free(book->customers[i].assignment);
		dq_scores_release(&book->customers[i].scores);
	}
	free(book->customers);
	dq_decisions_release(&book->decisions);
	free(book->tallies);
	dq_rank_release(&book->rank);
	for (size_t i = 0; i < book->expected.count; i++)
		free(book->expected_json[i]);
	free(book->expected_json);
	dq_map_release(&book->expected);
	dq_map_release(&book->ids);
	dq_map_release(&book->texts);
}

uint32_t
dq_book_find(const struct dq_book *book, struct dq_slice id)
{
	return dq_map_get(&book->ids, id);
}

/* What waits for a customer; taken. */
static char *
take_expected(struct dq_book *book, struct dq_slice id)
{
	uint32_t number = dq_map_get(&book->expected, id);
	char *json = NULL;

	if (number != DQ_MAP_NONE) {
		json = book->expected_json[number];
		book->expected_json[number] = NULL;
	}
	return json;
}

static struct dq_book_customer *
customer_of(struct dq_book *book, struct dq_slice id, uint32_t *number)
{
	size_t count = book->ids.count;

	*number = dq_map_put(&book->ids, id);
	if (*number >= book->cap) {
		book->cap = book->cap * 2 + 64;
		book->customers = dq_realloc_array(
		    book->customers, book->cap, sizeof(*book->customers));
	}
	if (*number == count)
		book->customers[*number] =
		    (struct dq_book_customer){.time = DQ_TIME_NONE,
			.score = NAN,
			.reason = DQ_MAP_NONE,
			.decision = DQ_MAP_NONE,
			.assignment = take_expected(book, id)};
	return &book->customers[*number];
}

static void
changed(struct dq_book *book, int64_t time)
{
	book->version++;
	if (time == DQ_TIME_NONE || time <= book->updated)
		return;
	book->updated = time;
	dq_decisions_prune(&book->decisions, time);
}

static char *
copy(struct dq_slice bytes)
{
	return dq_strndup(bytes.data, bytes.len);
}

/* The number of a counted text; DQ_MAP_NONE where there are too many. */
static uint32_t
text_number(struct dq_book *book, struct dq_slice text)
{
	if (!text.len || book->texts.count == DQ_BOOK_TALLIES)
		return dq_map_get(&book->texts, text);
	return dq_map_put(&book->texts, text);
}

void
dq_book_profile(struct dq_book *book, const struct dq_record *record)
{
	uint32_t number;
	struct dq_book_customer *c =
	    customer_of(book, record->customer_id, &number);

	free(c->profile);
	c->profile = copy(record->line);
	changed(book, record->time);
}

static int
bar_of(double score)
{
	int bar = (int)(score * DQ_BOOK_BARS);

	return bar < 0 ? 0 : bar >= DQ_BOOK_BARS ? DQ_BOOK_BARS - 1 : bar;
}

/* Adds a customer to the sums, or takes it out of them. */
static void
count(struct dq_book *book, const struct dq_book_customer *c, int sign)
{
	if (isnan(c->score))
		return;
	book->scored += sign;
	book->levels[c->level] += sign;
	book->bars[bar_of(c->score)] += sign;
	book->score_sum += sign * c->score;
	if (c->level >= DQ_LEVEL_HIGH && c->reason != DQ_MAP_NONE)
		book->tallies[c->reason].reasons += sign;
}

/* The line without its features, which can be had anew. */
static char *
short_line(const struct dq_record *prediction)
{
	struct dq_raw_iter iter;
	struct dq_buf buf = {0};

	dq_buf_byte(&buf, '{');
	dq_raw_begin(&iter, prediction);
	while (dq_raw_next(&iter))
		if (iter.field != DQ_FEATURES) {
			dq_buf_comma(&buf);
			dq_buf_slice(&buf, iter.member);
		}
	dq_buf_byte(&buf, '}');
	dq_buf_text(&buf);
	return dq_realloc(buf.data, buf.len + 1);
}

struct dq_slice
dq_book_top_reason(const struct dq_record *prediction, const char *key)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(prediction, DQ_TOP_FEATURES));

	if (!dq_json_next(&iter))
		return (struct dq_slice){"", 0};
	return dq_json_text(dq_json_get(iter.value, key));
}

static void
name_reason(struct dq_book *book, uint32_t reason, struct dq_slice code)
{
	uint32_t number = text_number(book, code);

	if (reason != DQ_MAP_NONE && number != DQ_MAP_NONE)
		book->tallies[reason].code = number + 1;
}

static enum dq_level
level_in(const struct dq_record *prediction)
{
	struct dq_slice name = dq_record_text(prediction, DQ_RISK_LEVEL);
	int level = 0;

	while (level < DQ_LEVEL_CRITICAL &&
	       !dq_slice_is(name, dq_level_names[level]))
		level++;
	return (enum dq_level)level;
}

static void
note_alert(struct dq_book *book, int64_t time)
{
	int32_t day = (int32_t)dq_day_of(time);

	if (day > book->alert_day) {
		book->alert_day = day;
		book->alerts = 0;
	}
	book->alerts += day == book->alert_day;
}

struct dq_book_change
dq_book_prediction(struct dq_book *book, const struct dq_record *record)
{
	uint32_t number;
	struct dq_book_customer *c =
	    customer_of(book, record->customer_id, &number);
	struct dq_book_change change = {.first = isnan(c->score),
	    .before = c->level,
	    .now = level_in(record)};
	double score = dq_record_real(record, DQ_RISK_SCORE);

	if (isnan(score) || record->time == DQ_TIME_NONE ||
	    (c->time != DQ_TIME_NONE && record->time < c->time))
		return change;
	count(book, c, -1);
	free(c->prediction);
	c->prediction = short_line(record);
	c->time = record->time;
	c->score = score;
	c->level = change.now;
	c->reason = text_number(book, dq_book_top_reason(record, "feature"));
	name_reason(book, c->reason, dq_book_top_reason(record, "code"));
	dq_scores_put(&c->scores, (int32_t)dq_day_of(record->time), score);
	count(book, c, 1);
	dq_rank_put(&book->rank, number, score);
	change.taken = true;
	change.alert = c->level >= DQ_LEVEL_HIGH &&
		       (change.first || change.before < c->level);
	if (change.alert)
		note_alert(book, record->time);
	changed(book, record->time);
	return change;
}

/* Drops the oldest decision of a customer who has too many, but for the one in
 * force: a review that is open must not be pushed out by those that wait for
 * it. */
static void
forget_one(struct dq_book *book, struct dq_book_customer *c)
{
	uint32_t kept = dq_book_in_force(book, c->decision);
	uint32_t *at = &c->decision, *oldest = at;
	struct dq_book_decision *d;
	int count = 0;

	for (; (d = dq_decisions_get(&book->decisions, *at)); at = &d->older) {
		count++;
		if (*at != kept)
			oldest = at;
	}
	if (count <= DQ_BOOK_DECISIONS)
		return;
	d = dq_decisions_get(&book->decisions, *oldest);
	dq_decision_drop(d);
	*oldest = d->older;
}

static uint32_t
tally(struct dq_book *book, const struct dq_record *record, enum dq_field field)
{
	return text_number(book, dq_record_text(record, field));
}

static void
count_decision(struct dq_book *book, const struct dq_record *record)
{
	uint32_t decision = tally(book, record, DQ_DECISION);
	uint32_t channel = tally(book, record, DQ_CHANNEL);
	uint32_t suppressor = tally(book, record, DQ_SUPPRESSED_BY);

	if (decision != DQ_MAP_NONE)
		book->tallies[decision].decisions++;
	if (channel != DQ_MAP_NONE &&
	    dq_slice_is(dq_record_text(record, DQ_DECISION), "act"))
		book->tallies[channel].channels++;
	if (suppressor != DQ_MAP_NONE)
		book->tallies[suppressor].suppressors++;
}

static enum dq_gives_way
way_of(struct dq_slice suppressor)
{
	if (dq_slice_begins(suppressor, "review_pending"))
		return DQ_WAY_REVIEW;
	if (dq_slice_begins(suppressor, "cool_down") ||
	    dq_slice_begins(suppressor, "cap:"))
		return DQ_WAY_CONTACT;
	return DQ_WAY_STANDS;
}

bool
dq_book_decide(struct dq_book *book, const struct dq_record *record)
{
	int64_t time =
	    record->time == DQ_TIME_NONE ? book->updated : record->time;
	uint32_t customer, number;
	struct dq_book_customer *c;

	number = dq_decisions_add(&book->decisions,
	    dq_record_text(record, DQ_INTERVENTION_ID),
	    time == DQ_TIME_NONE ? 0 : time);
	if (number == DQ_MAP_NONE)
		return false;
	c = customer_of(book, record->customer_id, &customer);
	*dq_decisions_get(&book->decisions, number) = (struct dq_book_decision){
	    .line = copy(record->line),
	    .length = (uint32_t)record->line.len,
	    .customer = customer,
	    .older = c->decision,
	    .time = record->time,
	    .contact = dq_record_number(record, DQ_NOT_BEFORE, record->time),
	    .decision = dq_decision_named(dq_record_text(record, DQ_DECISION)),
	    .way = way_of(dq_record_text(record, DQ_SUPPRESSED_BY)),
	};
	c->decision = number;
	forget_one(book, c);
	count_decision(book, record);
	changed(book, record->time);
	return true;
}

bool
dq_book_review(struct dq_book *book, const struct dq_record *record)
{
	struct dq_book_decision *d = dq_decisions_get(
	    &book->decisions, dq_decisions_find(&book->decisions,
				  dq_record_text(record, DQ_INTERVENTION_ID)));

	if (!d || !d->line)
		return false;
	free(d->review);
	d->review = copy(record->line);
	changed(book, record->time);
	return true;
}

void
dq_book_outcome(struct dq_book *book, const struct dq_record *record)
{
	dq_effect_add(&book->effect, record);
	changed(book, record->time);
}

void
dq_book_assign(struct dq_book *book, uint32_t customer, struct dq_slice json)
{
	free(book->customers[customer].assignment);
	book->customers[customer].assignment = copy(json);
	changed(book, DQ_TIME_NONE);
}

void
dq_book_expect(struct dq_book *book, struct dq_slice id, struct dq_slice json)
{
	uint32_t number = dq_book_find(book, id);

	if (number != DQ_MAP_NONE) {
		dq_book_assign(book, number, json);
		return;
	}
	number = dq_map_put(&book->expected, id);
	if (number >= book->expected_cap) {
		size_t cap = book->expected_cap * 2 + 64;

		book->expected_json = dq_realloc_array(
		    book->expected_json, cap, sizeof(*book->expected_json));
		memset(book->expected_json + book->expected_cap, 0,
		    (cap - book->expected_cap) * sizeof(*book->expected_json));
		book->expected_cap = cap;
	}
	free(book->expected_json[number]);
	book->expected_json[number] = copy(json);
}

double
dq_book_score_before(const struct dq_book_customer *c, int days)
{
	return dq_scores_until(&c->scores, c->scores.last - days);
}
