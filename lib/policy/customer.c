#include "policy/customer.h"

#include "base/mem.h"

#include <stdlib.h>

void
dq_customer_init(struct dq_customer *customer)
{
	*customer = (struct dq_customer){
	    .profile_time = DQ_TIME_NONE,
	    .zone_name = DQ_MAP_NONE,
	    .language = DQ_MAP_NONE,
	    .partition = -1,
	    .last_time = DQ_TIME_NONE,
	};
}

void
dq_customer_release(struct dq_customer *customer)
{
	for (uint32_t i = 0; i < customer->awaiting_count; i++)
		free(customer->awaiting[i].proposal);
	free(customer->awaiting);
	free(customer->pending);
	dq_contacts_release(&customer->contacts);
}

static void
read_consent(struct dq_customer *customer, struct yyjson_val *consent)
{
	for (int i = 0; i < DQ_CHANNELS; i++) {
		struct yyjson_val *word =
		    dq_json_get(consent, dq_channel_names[i]);

		customer->consent[i] =
		    !yyjson_is_bool(word)  ? DQ_CONSENT_UNKNOWN
		    : yyjson_is_true(word) ? DQ_CONSENT_GIVEN
					   : DQ_CONSENT_REFUSED;
	}
}

static uint32_t
name_number(struct dq_map *names, struct dq_slice name)
{
	return name.len ? dq_map_put(names, name) : DQ_MAP_NONE;
}

bool
dq_customer_profile(struct dq_customer *customer, struct dq_map *names,
    const struct dq_record *record)
{
	struct dq_slice zone = dq_record_text(record, DQ_TIME_ZONE);
	int64_t time = record->time;

	if (time == DQ_TIME_NONE)
		time = customer->profile_time == DQ_TIME_NONE
			   ? 0
			   : customer->profile_time;
	if (time < customer->profile_time)
		return false;
	customer->profile_time = time;
	customer->zone_name = name_number(names, zone);
	customer->zone = zone.len ? dq_zone_get(zone, NULL) : NULL;
	customer->language =
	    name_number(names, dq_record_text(record, DQ_LANGUAGE));
	read_consent(customer, dq_record_value(record, DQ_CONSENT));
	customer->vulnerable = dq_record_flag(record, DQ_VULNERABLE, false);
	customer->deleted = dq_record_flag(record, DQ_DELETED, false);
	return true;
}

void
dq_customer_add_pending(
    struct dq_customer *customer, const struct dq_pending *pending)
{
	uint32_t at = customer->pending_count++;

	customer->pending = dq_realloc_array(customer->pending,
	    customer->pending_count, sizeof(*customer->pending));
	for (; at && customer->pending[at - 1].due > pending->due; at--)
		customer->pending[at] = customer->pending[at - 1];
	customer->pending[at] = *pending;
}

bool
dq_customer_take_pending(
    struct dq_customer *customer, int64_t due, struct dq_pending *out)
{
	for (uint32_t i = 0; i < customer->pending_count; i++) {
		if (customer->pending[i].due != due)
			continue;
		*out = customer->pending[i];
		customer->pending_count--;
		memmove(customer->pending + i, customer->pending + i + 1,
		    (customer->pending_count - i) * sizeof(*out));
		return true;
	}
	return false;
}

void
dq_customer_add_awaiting(
    struct dq_customer *customer, const struct dq_awaiting *awaiting)
{
	customer->awaiting = dq_realloc_array(customer->awaiting,
	    customer->awaiting_count + 1, sizeof(*customer->awaiting));
	customer->awaiting[customer->awaiting_count++] = *awaiting;
}

bool
dq_customer_take_awaiting(struct dq_customer *customer, const char *id,
    int64_t due, struct dq_awaiting *out)
{
	for (uint32_t i = 0; i < customer->awaiting_count; i++) {
		const struct dq_awaiting *awaiting = &customer->awaiting[i];

		if (id ? strcmp(awaiting->id, id) : awaiting->due != due)
			continue;
		*out = *awaiting;
		customer->awaiting_count--;
		memmove(customer->awaiting + i, customer->awaiting + i + 1,
		    (customer->awaiting_count - i) * sizeof(*out));
		return true;
	}
	return false;
}
