#include "policy/engine_state.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

struct dq_engine *
dq_engine_new(const struct dq_policy *policy)
{
	struct dq_engine *engine = dq_calloc(1, sizeof(*engine));

	engine->policy = policy;
	return engine;
}

void
dq_engine_free(struct dq_engine *engine)
{
	if (!engine)
		return;
	for (uint32_t i = 0; i < engine->ids.count; i++)
		dq_customer_release(&engine->customers[i]);
	for (size_t i = 0; i < engine->clocks_count; i++)
		free(engine->clocks[i].dues);
	free(engine->customers);
	free(engine->clocks);
	free(engine->review_customers);
	dq_map_release(&engine->ids);
	dq_map_release(&engine->names);
	dq_map_release(&engine->unknown_zones);
	dq_map_release(&engine->reviews);
	dq_buf_release(&engine->reasons);
	dq_buf_release(&engine->facts);
	free(engine);
}

uint32_t
dq_engine_customer(struct dq_engine *engine, struct dq_slice id)
{
	uint32_t known = engine->ids.count;
	uint32_t number = dq_map_put(&engine->ids, id);

	if (number < known)
		return number;
	if (number == engine->customers_cap) {
		engine->customers_cap =
		    engine->customers_cap ? engine->customers_cap * 2 : 64;
		engine->customers = dq_realloc_array(engine->customers,
		    engine->customers_cap, sizeof(*engine->customers));
	}
	dq_customer_init(&engine->customers[number]);
	return number;
}

void
dq_engine_note_review(
    struct dq_engine *engine, const char *id, uint32_t customer)
{
	uint32_t number = dq_map_put(&engine->reviews, DQ_SLICE(id));

	if (number >= engine->review_customers_cap) {
		engine->review_customers_cap = 2 * (size_t)number + 16;
		engine->review_customers = dq_realloc_array(
		    engine->review_customers, engine->review_customers_cap,
		    sizeof(*engine->review_customers));
	}
	engine->review_customers[number] = customer;
}

void
dq_engine_profile(struct dq_engine *engine, const struct dq_record *record)
{
	uint32_t number = dq_engine_customer(engine, record->customer_id);
	struct dq_customer *customer = &engine->customers[number];

	if (dq_customer_profile(customer, &engine->names, record) &&
	    customer->zone_name != DQ_MAP_NONE && !customer->zone)
		dq_map_put(&engine->unknown_zones,
		    dq_map_key(&engine->names, customer->zone_name));
}

struct dq_slice
dq_engine_unknown_zone(struct dq_engine *engine)
{
	if (engine->unknown_told == engine->unknown_zones.count)
		return (struct dq_slice){"", 0};
	return dq_map_key(&engine->unknown_zones, engine->unknown_told++);
}

/* Rows: the clocks, then the customers. */

size_t
dq_engine_rows(struct dq_engine *engine)
{
	return engine->clocks_count + engine->ids.count;
}

static void
save_clock(const struct dq_clock *clock, struct dq_buf *value)
{
	dq_buf_byte(value, '{');
	dq_buf_member_int(value, "clock", clock->time);
	dq_buf_member_int(value, "of", clock->partition);
	dq_buf_byte(value, '}');
}

bool
dq_engine_get(
    struct dq_engine *engine, struct dq_slice key, struct dq_buf *value)
{
	uint32_t number = dq_map_get(&engine->ids, key);
	char name[32];

	if (number != DQ_MAP_NONE) {
		dq_customer_save(
		    &engine->customers[number], &engine->names, value);
		return true;
	}
	for (size_t i = 0; i < engine->clocks_count; i++) {
		snprintf(name, sizeof(name), "@clock %d",
		    (int)engine->clocks[i].partition);
		if (!dq_slice_is(key, name))
			continue;
		save_clock(&engine->clocks[i], value);
		return true;
	}
	return false;
}

void
dq_engine_watch(struct dq_engine *engine,
    void (*changed)(void *context, struct dq_slice key), void *context)
{
	engine->changed = changed;
	engine->context = context;
}

void
dq_engine_save(struct dq_engine *engine, size_t row, struct dq_buf *key,
    struct dq_buf *value)
{
	uint32_t number;

	if (row < engine->clocks_count) {
		const struct dq_clock *clock = &engine->clocks[row];

		dq_buf_printf(key, "@clock %d", (int)clock->partition);
		save_clock(clock, value);
		return;
	}
	number = (uint32_t)(row - engine->clocks_count);
	dq_buf_slice(key, dq_map_key(&engine->ids, number));
	dq_customer_save(&engine->customers[number], &engine->names, value);
}

/* A customer may be called "@clock 0": only the value tells. */
static bool
load_clock(struct dq_engine *engine, struct dq_slice row)
{
	struct yyjson_doc *doc;
	int64_t time, partition;
	bool is;

	if (!dq_slice_begins(row, "{\"clock\":"))
		return false;
	doc = dq_json_parse(row, NULL);
	is = doc &&
	     dq_json_int(dq_json_get(dq_json_root(doc), "clock"), &time) &&
	     dq_json_int(dq_json_get(dq_json_root(doc), "of"), &partition);
	if (is)
		dq_engine_clock(engine, (int32_t)partition)->time = time;
	dq_json_free(doc);
	return is;
}

static void
note_dues(struct dq_engine *engine, uint32_t number)
{
	const struct dq_customer *customer = &engine->customers[number];

	for (uint32_t i = 0; i < customer->pending_count; i++)
		dq_engine_due(engine,
		    &(struct dq_due){customer->pending[i].due, number, false});
	for (uint32_t i = 0; i < customer->awaiting_count; i++) {
		dq_engine_due(engine,
		    &(struct dq_due){customer->awaiting[i].due, number, true});
		dq_engine_note_review(engine, customer->awaiting[i].id, number);
	}
}

bool
dq_engine_load(struct dq_engine *engine, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	uint32_t number;

	if (load_clock(engine, value))
		return true;
	number = dq_engine_customer(engine, key);
	if (!dq_customer_load(
		&engine->customers[number], &engine->names, value, err))
		return false;
	note_dues(engine, number);
	return true;
}
