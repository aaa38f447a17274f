#include "features/features.h"

#include "base/mem.h"
#include "features/apply.h"
#include "features/rows.h"
#include "features/wanted.h"

#include <stdlib.h>

#define PREFETCH 2048 /* bytes of a customer */

void
dq_features_init(struct dq_features *f)
{
	*f = (struct dq_features){
	    .large = 5000 * 1000,
	    .dedup = 64,
	    .wanted = dq_calloc(1, sizeof(*f->wanted)),
	    .sight = dq_calloc(1, sizeof(*f->sight)),
	};
}

void
dq_features_clear(struct dq_features *f)
{
	for (size_t i = 0; i < f->known_cap; i++)
		dq_customer_free(f->known[i]);
	free(f->known);
	free(f->order);
	dq_buf_release(&f->source);
	dq_map_release(&f->ids);
	dq_map_release(&f->currencies);
	f->known = NULL;
	f->order = NULL;
	f->known_cap = f->order_count = f->order_cap = 0;
}

void
dq_features_release(struct dq_features *f)
{
	dq_features_clear(f);
	dq_selection_release(&f->selection);
	dq_wanted_release(f->wanted);
	free(f->wanted);
	free(f->sight);
}

/* The number of an id; known[number] may be asked for. */
static uint32_t
number_of(struct dq_features *f, struct dq_slice id)
{
	uint32_t number = dq_map_put(&f->ids, id);
	size_t cap = f->known_cap;

	if (number < cap)
		return number;
	f->known_cap = (size_t)number * 2 + 64;
	f->known = dq_realloc_array(f->known, f->known_cap, sizeof(*f->known));
	memset(f->known + cap, 0, (f->known_cap - cap) * sizeof(*f->known));
	return number;
}

static struct dq_customer *
customer_of(struct dq_features *f, uint32_t number)
{
	struct dq_customer *c = f->known[number];

	if (c)
		return c;
	c = f->known[number] = dq_customer_new();
	if (f->order_count == f->order_cap) {
		f->order_cap = f->order_cap * 2 + 64;
		f->order =
		    dq_realloc_array(f->order, f->order_cap, sizeof(*f->order));
	}
	c->place = (uint32_t)f->order_count;
	f->order[f->order_count++] = number;
	return c;
}

static void
forget(struct dq_features *f, uint32_t number)
{
	struct dq_customer *c = f->known[number];

	if (!c)
		return;
	f->order[c->place] = DQ_MAP_NONE;
	f->known[number] = NULL;
	dq_customer_free(c);
}

/* Why and when a features record is made. */
struct occasion {
	uint32_t number; /* of the customer */
	int32_t T;
	int64_t time;
	const char *trigger;
	struct dq_slice source; /* of the input record; may be empty */
};

static void
emit(struct dq_features *f, const struct occasion *why, struct dq_out *out)
{
	struct dq_slice id = dq_map_key(&f->ids, why->number);
	struct dq_buf *buf = dq_out_begin(out);
	double values[DQ_FEATURES_MAX];

	dq_selection_values(
	    &f->selection, f->sight, f->known[why->number], why->T, values);
	dq_buf_str(buf, "{\"event_type\":\"features\",\"event_time\":\"");
	dq_buf_time(buf, why->time);
	dq_buf_str(buf, "\",\"customer_id\":");
	dq_buf_json_text(buf, id);
	dq_buf_str(buf, ",\"trigger\":\"");
	dq_buf_str(buf, why->trigger);
	dq_buf_slice(buf, dq_buf_view(&f->selection.prefix));
	dq_selection_write(&f->selection, values, buf);
	if (why->source.len) {
		dq_buf_str(buf, ",\"source\":");
		dq_buf_slice(buf, why->source);
	}
	dq_buf_byte(buf, '}');
	dq_out_end(out, id);
}

static void
close_day(struct dq_features *f, uint32_t number, struct dq_out *out)
{
	struct dq_customer *c = f->known[number];
	struct occasion why = {.number = number, .trigger = "daily"};

	if (!c->day_open)
		return;
	c->day_open = false;
	why.T = c->newest;
	why.time = c->newest_time;
	emit(f, &why, out);
}

static void
emit_wanted(
    struct dq_features *f, const struct dq_wanted *wanted, struct dq_out *out)
{
	struct occasion why = {
	    .number = wanted->customer,
	    .T = (int32_t)dq_zone_day(f->zone, wanted->time),
	    .time = wanted->time,
	    .trigger = "at",
	};

	emit(f, &why, out);
}

/* What is owed before an accepted record of that time and day is applied. */
static void
emit_before(struct dq_features *f, uint32_t number, int64_t time, int32_t day,
    struct dq_out *out)
{
	const struct dq_wanted *wanted;

	if (f->emit == DQ_EMIT_DAILY && day > f->known[number]->newest)
		close_day(f, number, out);
	if (f->emit != DQ_EMIT_AT)
		return;
	while ((wanted = dq_wanted_take(f->wanted, number, time)))
		emit_wanted(f, wanted, out);
}

/* Almost all of it will be looked at: its cache lines come in together. */
static void
prefetch(const struct dq_customer *c)
{
	for (size_t at = 0; at < PREFETCH; at += 64)
		__builtin_prefetch((const char *)c + at);
}

static struct dq_slice
source_of(struct dq_features *f, const struct dq_record *record)
{
	if (dq_record_has(record, DQ_SOURCE))
		return dq_record_raw(record, DQ_SOURCE);
	f->source.len = 0;
	if (f->place == DQ_SOURCE_ALWAYS ||
	    (f->place == DQ_SOURCE_TOPIC && record->place.topic))
		dq_buf_place(&f->source, &record->place, false);
	return dq_buf_view(&f->source);
}

static void
event(struct dq_features *f, const struct dq_record *record, struct dq_out *out)
{
	int32_t day = (int32_t)dq_zone_day(f->zone, record->time);
	uint32_t number = number_of(f, record->customer_id);
	struct dq_customer **c = &f->known[number];
	struct occasion why = {.number = number, .time = record->time};

	customer_of(f, number);
	prefetch(*c);
	if (!dq_apply_accepts(f, *c, record, day))
		return;
	emit_before(f, number, record->time, day, out);
	(*c)->partition = record->place.partition;
	if (record->kind == DQ_KIND_TRANSACTION)
		why.trigger = dq_apply_transaction(f, c, record, day);
	else
		why.trigger = dq_apply_payment(f, c, record, day);
	if (f->emit == DQ_EMIT_EACH)
		why.trigger = "each";
	if (!why.trigger || f->emit > DQ_EMIT_EACH)
		return;
	why.T = (*c)->newest;
	why.source = source_of(f, record);
	emit(f, &why, out);
}

bool
dq_features_record(struct dq_features *f, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	uint32_t number;

	if (!dq_apply_check(record, err))
		return false;
	if (record->kind != DQ_KIND_CUSTOMER) {
		event(f, record, out);
		return true;
	}
	number = number_of(f, record->customer_id);
	if (dq_record_flag(record, DQ_DELETED, false))
		forget(f, number);
	else
		dq_apply_profile(f, customer_of(f, number), record);
	return true;
}

void
dq_features_tick(
    struct dq_features *f, int64_t time, int32_t partition, struct dq_out *out)
{
	struct occasion why = {
	    .T = (int32_t)dq_zone_day(f->zone, time), .time = time};

	if (f->emit != DQ_EMIT_TRIGGER && f->emit != DQ_EMIT_DAILY)
		return;
	for (size_t i = 0; i < f->order_count; i++) {
		struct dq_customer *c;

		why.number = f->order[i];
		c = why.number == DQ_MAP_NONE ? NULL : f->known[why.number];
		if (!c || c->newest == DQ_NO_DAY || why.T < c->newest ||
		    (partition >= 0 && c->partition != partition))
			continue;
		if (f->emit == DQ_EMIT_DAILY) {
			if (why.T > c->newest)
				close_day(f, why.number, out);
			continue;
		}
		why.trigger = dq_apply_tick(c, why.T);
		if (why.trigger)
			emit(f, &why, out);
	}
}

const struct dq_customer *
dq_features_customer(const struct dq_features *f, struct dq_slice id)
{
	uint32_t number = dq_map_get(&f->ids, id);

	return number < f->known_cap ? f->known[number] : NULL;
}

enum dq_known
dq_features_now(struct dq_features *f, struct dq_slice id, int64_t time,
    const char *trigger, struct dq_out *out)
{
	const struct dq_customer *c = dq_features_customer(f, id);
	struct occasion why = {.trigger = trigger};

	if (!c || c->newest == DQ_NO_DAY)
		return DQ_UNKNOWN;
	why.time = time == DQ_TIME_NONE ? c->newest_time : time;
	why.T = time == DQ_TIME_NONE ? c->newest
				     : (int32_t)dq_zone_day(f->zone, time);
	if (why.T < c->newest)
		return DQ_FORGOTTEN;
	why.number = f->order[c->place];
	emit(f, &why, out);
	return DQ_KNOWN;
}

void
dq_features_end(struct dq_features *f, struct dq_out *out)
{
	for (size_t i = 0; f->emit == DQ_EMIT_DAILY && i < f->order_count; i++)
		if (f->order[i] != DQ_MAP_NONE)
			close_day(f, f->order[i], out);
	for (size_t i = 0; f->emit == DQ_EMIT_AT && i < f->wanted->count; i++)
		if (!f->wanted->all[i].done)
			emit_wanted(f, &f->wanted->all[i], out);
}

void
dq_features_want(struct dq_features *f, struct dq_slice id, int64_t time)
{
	dq_wanted_add(f->wanted, number_of(f, id), time);
}

void
dq_features_wanted(struct dq_features *f)
{
	dq_wanted_sort(f->wanted);
}

static void
write_row(const struct dq_features *f, uint32_t number, struct dq_buf *value)
{
	const struct dq_customer *c = f->known[number];
	struct dq_slice currency = {"", 0};

	if (c->currency)
		currency = dq_map_key(&f->currencies, c->currency - 1u);
	dq_row_write(c, currency, value);
}

bool
dq_features_get(
    const struct dq_features *f, struct dq_slice key, struct dq_buf *value)
{
	uint32_t number = dq_map_get(&f->ids, key);

	if (number == DQ_MAP_NONE || !f->known[number])
		return false;
	write_row(f, number, value);
	return true;
}

/* Customers forgotten leave holes in the order; they close here, so that a
 * run that goes on and one that is restored number alike. */
size_t
dq_features_rows(struct dq_features *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->order_count; i++) {
		if (f->order[i] == DQ_MAP_NONE)
			continue;
		f->known[f->order[i]]->place = (uint32_t)count;
		f->order[count++] = f->order[i];
	}
	return f->order_count = count;
}

static bool
restore(struct dq_features *f, struct dq_slice key, struct dq_customer *c)
{
	uint32_t number = number_of(f, key);
	struct dq_customer *fresh;

	if (f->known[number])
		return false;
	fresh = customer_of(f, number);
	c->place = fresh->place;
	dq_customer_free(fresh);
	f->known[number] = c;
	return true;
}

void
dq_features_save(const struct dq_features *f, size_t row, struct dq_buf *key,
    struct dq_buf *value)
{
	uint32_t number = f->order[row];

	dq_buf_slice(key, dq_map_key(&f->ids, number));
	write_row(f, number, value);
}

bool
dq_features_load(struct dq_features *f, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	struct dq_slice currency;
	struct dq_customer *c = dq_row_read(value, &currency);

	if (!c)
		return dq_err_set(err, "a customer's state is damaged");
	if (currency.len)
		c->currency =
		    (uint16_t)(dq_map_put(&f->currencies, currency) + 1);
	if (restore(f, key, c))
		return true;
	dq_customer_free(c);
	return dq_err_set(err, "a customer's state is there twice");
}
