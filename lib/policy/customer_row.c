/* A customer's row of the state: JSON, times in microseconds. */
#include "base/mem.h"
#include "base/num.h"
#include "policy/customer.h"

#include <stdio.h>
#include <stdlib.h>

static void
save_profile(const struct dq_customer *customer, const struct dq_map *names,
    struct dq_buf *out)
{
	static const char letters[] = "?yn";
	char consent[DQ_CHANNELS + 1] = {0};

	if (customer->profile_time == DQ_TIME_NONE)
		return;
	for (int i = 0; i < DQ_CHANNELS; i++)
		consent[i] = letters[customer->consent[i]];
	dq_buf_member_int(out, "profile", customer->profile_time);
	if (customer->zone_name != DQ_MAP_NONE)
		dq_buf_member_text(
		    out, "zone", dq_map_key(names, customer->zone_name));
	if (customer->language != DQ_MAP_NONE)
		dq_buf_member_text(
		    out, "language", dq_map_key(names, customer->language));
	dq_buf_member_str(out, "consent", consent);
	if (customer->vulnerable)
		dq_buf_member_flag(out, "vulnerable", true);
	if (customer->deleted)
		dq_buf_member_flag(out, "deleted", true);
}

static void
save_contacts(const struct dq_contacts *contacts, struct dq_buf *out)
{
	if (!contacts->count)
		return;
	dq_buf_key(out, "contacts");
	dq_buf_byte(out, '[');
	for (uint32_t i = 0; i < contacts->count; i++) {
		dq_buf_comma(out);
		dq_buf_int(out, contacts->items[i].time);
		dq_buf_byte(out, ',');
		dq_buf_int(out, contacts->items[i].channel);
	}
	dq_buf_byte(out, ']');
}

static void
save_pending(const struct dq_customer *customer, struct dq_buf *out)
{
	if (!customer->pending_count)
		return;
	dq_buf_key(out, "pending");
	dq_buf_byte(out, '[');
	for (uint32_t i = 0; i < customer->pending_count; i++) {
		const struct dq_pending *pending = &customer->pending[i];

		dq_buf_comma(out);
		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "id", pending->id);
		dq_buf_member_int(out, "time", pending->time);
		dq_buf_member_int(out, "due", pending->due);
		dq_buf_member_real(out, "score", pending->score);
		dq_buf_member_flag(out, "held_out", pending->held_out);
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, ']');
}

static void
save_awaiting(const struct dq_customer *customer, struct dq_buf *out)
{
	if (!customer->awaiting_count)
		return;
	dq_buf_key(out, "awaiting");
	dq_buf_byte(out, '[');
	for (uint32_t i = 0; i < customer->awaiting_count; i++) {
		const struct dq_awaiting *awaiting = &customer->awaiting[i];

		dq_buf_comma(out);
		dq_buf_byte(out, '{');
		dq_buf_member_str(out, "id", awaiting->id);
		dq_buf_member_int(out, "due", awaiting->due);
		dq_buf_member_int(out, "priority", awaiting->priority);
		dq_buf_member_raw(
		    out, "proposal", DQ_SLICE(awaiting->proposal));
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, ']');
}

void
dq_customer_save(const struct dq_customer *customer, const struct dq_map *names,
    struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "partition", customer->partition);
	save_profile(customer, names, out);
	if (customer->last_time != DQ_TIME_NONE) {
		dq_buf_member_int(out, "last", customer->last_time);
		dq_buf_member_real(out, "score", customer->last_score);
	}
	if (*customer->last_id)
		dq_buf_member_str(out, "id", customer->last_id);
	save_contacts(&customer->contacts, out);
	save_pending(customer, out);
	save_awaiting(customer, out);
	dq_buf_byte(out, '}');
}

static int64_t
get_int(struct yyjson_val *object, const char *key, int64_t fallback)
{
	int64_t value;

	return dq_json_int(dq_json_get(object, key), &value) ? value : fallback;
}

static double
get_real(struct yyjson_val *object, const char *key)
{
	double value;

	return dq_json_real(dq_json_get(object, key), &value) ? value : 0;
}

static void
get_id(struct yyjson_val *object, const char *key, char id[DQ_ID_TEXT])
{
	struct dq_slice text = dq_json_text(dq_json_get(object, key));

	snprintf(id, DQ_ID_TEXT, "%.*s", (int)text.len, text.data);
}

static uint32_t
get_name(struct yyjson_val *object, const char *key, struct dq_map *names)
{
	struct dq_slice text = dq_json_text(dq_json_get(object, key));

	return text.len ? dq_map_put(names, text) : DQ_MAP_NONE;
}

static void
load_profile(
    struct dq_customer *customer, struct dq_map *names, struct yyjson_val *root)
{
	struct dq_slice zone = dq_json_text(dq_json_get(root, "zone"));
	struct dq_slice consent = dq_json_text(dq_json_get(root, "consent"));

	int64_t time = get_int(root, "profile", DQ_TIME_NONE);

	/* A side table, read before the state, may be newer. */
	if (time <= customer->profile_time)
		return;
	customer->profile_time = time;
	customer->zone_name = get_name(root, "zone", names);
	customer->zone = zone.len ? dq_zone_get(zone, NULL) : NULL;
	customer->language = get_name(root, "language", names);
	for (size_t i = 0; i < DQ_CHANNELS && i < consent.len; i++)
		customer->consent[i] = consent.data[i] == 'y' ? DQ_CONSENT_GIVEN
				       : consent.data[i] == 'n'
					   ? DQ_CONSENT_REFUSED
					   : DQ_CONSENT_UNKNOWN;
	customer->vulnerable = yyjson_is_true(dq_json_get(root, "vulnerable"));
	customer->deleted = yyjson_is_true(dq_json_get(root, "deleted"));
}

static bool
load_contacts(struct dq_customer *customer, struct yyjson_val *array)
{
	struct dq_json_iter iter = dq_json_iter(array);
	struct dq_contact contact;
	int64_t channel;

	while (dq_json_next(&iter)) {
		if (!dq_json_int(iter.value, &contact.time) ||
		    !dq_json_next(&iter) ||
		    !dq_json_int(iter.value, &channel) || channel < 0 ||
		    channel >= DQ_CHANNELS)
			return false;
		contact.channel = (int)channel;
		dq_contacts_add(&customer->contacts, contact);
	}
	return true;
}

static void
load_pending(struct dq_customer *customer, struct yyjson_val *array)
{
	struct dq_json_iter iter = dq_json_iter(array);

	while (dq_json_next(&iter)) {
		struct dq_pending pending = {
		    .time = get_int(iter.value, "time", 0),
		    .due = get_int(iter.value, "due", 0),
		    .score = get_real(iter.value, "score"),
		    .held_out =
			yyjson_is_true(dq_json_get(iter.value, "held_out")),
		};

		get_id(iter.value, "id", pending.id);
		dq_customer_add_pending(customer, &pending);
	}
}

static void
load_awaiting(struct dq_customer *customer, struct yyjson_val *array)
{
	struct dq_json_iter iter = dq_json_iter(array);

	while (dq_json_next(&iter)) {
		struct dq_buf json = {0};
		struct dq_awaiting awaiting = {
		    .due = get_int(iter.value, "due", 0),
		    .priority = get_int(iter.value, "priority", 1),
		};

		get_id(iter.value, "id", awaiting.id);
		dq_buf_json_value(&json, dq_json_get(iter.value, "proposal"));
		dq_buf_text(&json);
		awaiting.proposal = json.data;
		dq_customer_add_awaiting(customer, &awaiting);
	}
}

bool
dq_customer_load(struct dq_customer *customer, struct dq_map *names,
    struct dq_slice row, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(row, err);
	struct yyjson_val *root = dq_json_root(doc);
	bool good = false;

	if (!doc)
		return false;
	customer->partition = (int32_t)get_int(root, "partition", -1);
	load_profile(customer, names, root);
	customer->last_time = get_int(root, "last", DQ_TIME_NONE);
	customer->last_score = get_real(root, "score");
	get_id(root, "id", customer->last_id);
	if (load_contacts(customer, dq_json_get(root, "contacts"))) {
		load_pending(customer, dq_json_get(root, "pending"));
		load_awaiting(customer, dq_json_get(root, "awaiting"));
		good = true;
	} else
		dq_err_set(err, "contacts: not times and channels");
	dq_json_free(doc);
	return good;
}
