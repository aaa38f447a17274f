#include "model/compare.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

void
dq_compare_release(struct dq_compare *c)
{
	dq_map_release(&c->occasions);
	dq_map_release(&c->times);
	dq_buf_release(&c->key);
	free(c->before);
	free(c->now);
	free(c->seen);
}

static int
level_of(const struct dq_record *record)
{
	struct dq_slice text = dq_record_text(record, DQ_RISK_LEVEL);
	int level = DQ_LEVELS - 1;

	while (level >= 0 && !dq_slice_is(text, dq_level_names[level]))
		level--;
	return level;
}

static uint64_t
first_reason(const struct dq_record *record)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_record_value(record, DQ_TOP_FEATURES));

	if (!dq_json_next(&iter))
		return 0;
	return dq_hash(dq_json_text(dq_json_get(iter.value, "code")), 1);
}

static bool
read_prediction(
    const struct dq_record *record, struct dq_compared *out, struct dq_err *err)
{
	*out = (struct dq_compared){
	    .score = dq_record_real(record, DQ_RISK_SCORE),
	    .reason = first_reason(record),
	    .level = level_of(record),
	};
	if (!(out->score >= 0 && out->score <= 1))
		return dq_err_set(err, "\"risk_score\" is not between 0 and 1");
	if (out->level < 0)
		return dq_err_set(err, "\"risk_level\" is none of the levels");
	return true;
}

/* How often this occasion was seen in the set, with this one. */
static int64_t
count_occasion(struct dq_compare *c, const struct dq_record *record, bool now)
{
	struct dq_slice trigger = dq_record_text(record, DQ_TRIGGER);
	uint32_t number;

	c->key.len = 0;
	dq_buf_byte(&c->key, now ? 'n' : 'b');
	dq_buf_add(&c->key, &record->time, sizeof(record->time));
	dq_buf_slice(&c->key, trigger);
	dq_buf_byte(&c->key, 0);
	dq_buf_slice(&c->key, record->customer_id);
	number = dq_map_put(&c->times, dq_buf_view(&c->key));
	if (number >= c->seen_cap) {
		size_t cap = c->seen_cap;

		c->seen_cap = (size_t)number * 2 + 64;
		c->seen =
		    dq_realloc_array(c->seen, c->seen_cap, sizeof(*c->seen));
		memset(
		    c->seen + cap, 0, (c->seen_cap - cap) * sizeof(*c->seen));
	}
	return ++c->seen[number];
}

/* Leaves the occasion's name in c->key, the same in both sets. */
static struct dq_slice
name_occasion(struct dq_compare *c, const struct dq_record *record, bool now)
{
	int64_t count = count_occasion(c, record, now);

	c->key.data[0] = 'o';
	dq_buf_add(&c->key, &count, sizeof(count));
	return dq_buf_view(&c->key);
}

bool
dq_compare_before(
    struct dq_compare *c, const struct dq_record *record, struct dq_err *err)
{
	struct dq_compared read;
	uint32_t number;

	if (!read_prediction(record, &read, err))
		return false;
	number = dq_map_put(&c->occasions, name_occasion(c, record, false));
	if (number >= c->before_cap) {
		c->before_cap = (size_t)number * 2 + 64;
		c->before = dq_realloc_array(
		    c->before, c->before_cap, sizeof(*c->before));
	}
	c->before[number] = read;
	return true;
}

static void
match(struct dq_compare *c, const struct dq_compared *before,
    const struct dq_compared *now)
{
	double change = now->score - before->score;

	c->matched++;
	c->levels[before->level][now->level]++;
	c->other_reason += before->reason != now->reason;
	c->change += change;
	c->absolute += fabs(change);
	if (fabs(change) > c->greatest)
		c->greatest = fabs(change);
}

bool
dq_compare_now(
    struct dq_compare *c, const struct dq_record *record, struct dq_err *err)
{
	struct dq_compared read;
	uint32_t number;

	if (!read_prediction(record, &read, err))
		return false;
	if (c->now_count == c->now_cap) {
		c->now_cap = c->now_cap * 2 + 1024;
		c->now = dq_realloc_array(c->now, c->now_cap, sizeof(*c->now));
	}
	c->now[c->now_count++] = read.score;
	number = dq_map_get(&c->occasions, name_occasion(c, record, true));
	if (number != DQ_MAP_NONE)
		match(c, &c->before[number], &read);
	return true;
}

static int
by_score(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
stability(const struct dq_compare *c)
{
	size_t n = c->occasions.count, m = c->now_count;
	double *scores = dq_calloc(n + 1, sizeof(*scores)), psi = 0;
	size_t done = 0, now_done = 0;

	for (size_t i = 0; i < n; i++)
		scores[i] = c->before[i].score;
	qsort(scores, n, sizeof(*scores), by_score);
	qsort(c->now, m, sizeof(*c->now), by_score);
	for (int bin = 1; bin <= DQ_COMPARE_BINS; bin++) {
		size_t until = n * (size_t)bin / DQ_COMPARE_BINS, at = now_done;
		double p, q;

		/* Equal scores are in one tenth. */
		while (until > done && until < n &&
		       scores[until] == scores[until - 1])
			until++;
		if (until <= done)
			continue;
		while (at < m && (until == n || c->now[at] < scores[until]))
			at++;
		p = (double)(until - done) / (double)n;
		q = at > now_done ? (double)(at - now_done) / (double)m
				  : 0.5 / (double)m;
		psi += (q - p) * log(q / p);
		done = until;
		now_done = at;
	}
	free(scores);
	return psi;
}

void
dq_compare_finish(struct dq_compare *c, struct dq_comparison *out)
{
	double n = (double)c->matched;

	*out = (struct dq_comparison){
	    .matched = c->matched,
	    .only_before = (int64_t)c->occasions.count - c->matched,
	    .only_now = (int64_t)c->now_count - c->matched,
	    .other_level = c->matched,
	    .other_reason = c->other_reason,
	    .mean_change = n > 0 ? c->change / n : NAN,
	    .mean_absolute = n > 0 ? c->absolute / n : NAN,
	    .greatest = n > 0 ? c->greatest : NAN,
	    .psi = NAN,
	};
	for (int i = 0; i < DQ_LEVELS; i++)
		out->other_level -= c->levels[i][i];
	if (c->occasions.count && c->now_count)
		out->psi = stability(c);
}
