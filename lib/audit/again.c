#include "audit/again.h"

#include "audit/chain.h"
#include "base/mem.h"

#include <stdlib.h>

void
dq_buf_unsealed(struct dq_buf *buf, struct dq_slice line)
{
	struct dq_seal seal;

	if (!dq_seal_read(line, &seal)) {
		dq_buf_slice(buf, line);
		return;
	}
	dq_buf_slice(buf, seal.body);
	dq_buf_byte(buf, '}');
}

static struct dq_slice
member(struct dq_slice line, enum dq_field field)
{
	struct dq_raw_iter iter;

	dq_raw_begin_line(&iter, line);
	while (dq_raw_next(&iter))
		if (iter.field == field)
			return iter.value;
	return (struct dq_slice){"", 0};
}

/* Passed on by dq-score as it stood in the features record? */
static bool
is_carried(enum dq_field field)
{
	if (field == DQ_EVENT_TYPE || field == DQ_FEATURE_SET)
		return false;
	return field == DQ_SOURCE || !dq_kind_has(DQ_KIND_PREDICTION, field);
}

void
dq_buf_snapshot(struct dq_buf *buf, struct dq_slice prediction)
{
	static const enum dq_field first[] = {DQ_EVENT_TIME, DQ_CUSTOMER_ID,
	    DQ_TRIGGER, DQ_FEATURE_SET, DQ_FEATURES};
	struct dq_raw_iter iter;

	dq_buf_str(buf, "{\"event_type\":\"features\"");
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		struct dq_slice value = member(prediction, first[i]);

		if (value.len)
			dq_buf_member_raw(
			    buf, dq_field_info(first[i])->name, value);
	}
	dq_raw_begin_line(&iter, prediction);
	while (dq_raw_next(&iter)) {
		if (!is_carried(iter.field))
			continue;
		dq_buf_byte(buf, ',');
		dq_buf_slice(buf, iter.member);
	}
	dq_buf_byte(buf, '}');
}

void
dq_decided_release(struct dq_decided *d)
{
	dq_map_release(&d->occasions);
	dq_buf_release(&d->key);
	free(d->all);
	free(d->of);
}

static struct dq_decided_of *
of_occasion(struct dq_decided *d, struct dq_slice line)
{
	size_t cap = d->of_cap;
	uint32_t number;

	d->key.len = 0;
	dq_buf_slice(&d->key, member(line, DQ_EVENT_TYPE));
	dq_buf_slice(&d->key, member(line, DQ_EVENT_TIME));
	dq_buf_slice(&d->key, member(line, DQ_CUSTOMER_ID));
	number = dq_map_put(&d->occasions, dq_buf_view(&d->key));
	if (number >= cap) {
		d->of_cap = (size_t)number * 2 + 64;
		d->of = dq_realloc_array(d->of, d->of_cap, sizeof(*d->of));
		for (size_t i = cap; i < d->of_cap; i++)
			d->of[i] =
			    (struct dq_decided_of){DQ_MAP_NONE, DQ_MAP_NONE};
	}
	return &d->of[number];
}

void
dq_decided_add(struct dq_decided *d, struct dq_slice line)
{
	struct dq_decided_of *of = of_occasion(d, line);

	if (d->count == d->cap) {
		d->cap = d->cap * 2 + 64;
		d->all = dq_realloc_array(d->all, d->cap, sizeof(*d->all));
	}
	d->all[d->count] = (struct dq_decision_at){line, DQ_MAP_NONE};
	if (of->first == DQ_MAP_NONE)
		of->first = (uint32_t)d->count;
	else
		d->all[of->last].next = (uint32_t)d->count;
	of->last = (uint32_t)d->count++;
}

/* The next one of the line's occasion, taken out; empty when none is left. */
static struct dq_slice
take(struct dq_decided *d, struct dq_slice line)
{
	struct dq_decided_of *of = of_occasion(d, line);
	struct dq_decision_at *at;
	struct dq_slice taken;

	if (of->first == DQ_MAP_NONE)
		return (struct dq_slice){"", 0};
	at = &d->all[of->first];
	taken = at->line;
	at->line.len = 0;
	of->first = at->next;
	return taken;
}

static bool
same(struct dq_slice a, struct dq_slice b, enum dq_field field)
{
	return dq_slice_equal(member(a, field), member(b, field));
}

/* Would they be equal but for the id, which is made of the whole input? */
static bool
same_but_id(struct dq_slice a, struct dq_slice b)
{
	struct dq_raw_iter x, y;

	dq_raw_begin_line(&x, a);
	dq_raw_begin_line(&y, b);
	while (dq_raw_next(&x)) {
		if (!dq_raw_next(&y))
			return false;
		if (!dq_slice_equal(x.member, y.member) &&
		    x.field != DQ_PREDICTION_ID)
			return false;
	}
	return !dq_raw_next(&y);
}

/* Why two decisions of one occasion differ; NULL: they do not. */
static const char *
differs(struct dq_slice was, struct dq_slice is)
{
	if (dq_slice_equal(was, is))
		return NULL;
	if (dq_slice_is(member(was, DQ_EVENT_TYPE), "\"outcome\"") &&
	    !same(was, is, DQ_INTERVENTION_ID))
		return "decision";
	if (!same(was, is, DQ_MODEL))
		return "model";
	if (!same(was, is, DQ_POLICY))
		return "policy";
	if (!same(was, is, DQ_FEATURES) || same_but_id(was, is))
		return "input";
	return "program";
}

/* prediction_id or intervention_id as it stands in the line, quotes too. */
static struct dq_slice
id_of(struct dq_slice line)
{
	struct dq_slice type = member(line, DQ_EVENT_TYPE);

	return member(line, dq_slice_is(type, "\"prediction\"")
				? DQ_PREDICTION_ID
				: DQ_INTERVENTION_ID);
}

static int64_t
tell(const char *finding, const char *because, struct dq_slice line,
    struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_str(buf, "{\"event_type\":\"finding\"");
	dq_buf_member_str(buf, "finding", finding);
	if (because)
		dq_buf_member_str(buf, "because", because);
	dq_buf_member_raw(buf, "id", id_of(line));
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
	return 1;
}

int64_t
dq_decided_compare(
    struct dq_decided *d, struct dq_slice line, struct dq_out *out)
{
	struct dq_slice was;
	const char *why;

	if (!id_of(line).len)
		return 0;
	was = take(d, line);
	if (!was.len)
		return tell("decided anew", NULL, line, out);
	why = differs(was, line);
	return why ? tell("differs", why, was, out) : 0;
}

int64_t
dq_decided_left(struct dq_decided *d, struct dq_out *out)
{
	int64_t findings = 0;

	for (size_t i = 0; i < d->count; i++)
		if (d->all[i].line.len)
			findings += tell(
			    "not decided again", NULL, d->all[i].line, out);
	return findings;
}
