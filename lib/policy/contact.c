#include "policy/contact.h"

#include "base/mem.h"

#include <stdlib.h>

void
dq_contacts_release(struct dq_contacts *contacts)
{
	free(contacts->items);
	*contacts = (struct dq_contacts){0};
}

void
dq_contacts_add(struct dq_contacts *contacts, struct dq_contact contact)
{
	uint32_t at = contacts->count;

	if (contacts->count == contacts->cap) {
		contacts->cap = contacts->cap ? contacts->cap * 2 : 2;
		contacts->items = dq_realloc_array(
		    contacts->items, contacts->cap, sizeof(*contacts->items));
	}
	for (; at && contacts->items[at - 1].time > contact.time; at--)
		contacts->items[at] = contacts->items[at - 1];
	contacts->items[at] = contact;
	contacts->count++;
}

void
dq_contacts_forget(struct dq_contacts *contacts, int64_t time)
{
	uint32_t old = 0;

	while (old < contacts->count && contacts->items[old].time < time)
		old++;
	if (!old)
		return;
	contacts->count -= old;
	memmove(contacts->items, contacts->items + old,
	    contacts->count * sizeof(*contacts->items));
}

uint32_t
dq_contacts_within(
    const struct dq_contacts *contacts, int64_t time, int64_t span)
{
	uint32_t n = 0;

	for (uint32_t i = contacts->count; i-- > 0;) {
		if (contacts->items[i].time <= time - span)
			break;
		n += contacts->items[i].time <= time;
	}
	return n;
}

/* Contacts that count for the cap on the `cap->days` days that end with
 * `last`. */
static int64_t
count_days(const struct dq_cap *cap, const struct dq_contacts *contacts,
    const struct dq_zone *zone, int64_t last)
{
	int64_t n = 0;

	for (uint32_t i = contacts->count; i-- > 0;) {
		const struct dq_contact *contact = &contacts->items[i];
		int64_t day = dq_zone_day(zone, contact->time);

		if (day <= last - cap->days)
			break;
		n += day <= last && cap->channels >> contact->channel & 1;
	}
	return n;
}

/* Every span of days that holds the new contact's day ends on that day or on
 * the day of a later contact, or holds no more than one that does. */
static bool
breaks(const struct dq_cap *cap, const struct dq_contacts *contacts,
    const struct dq_zone *zone, int64_t new_day)
{
	if (count_days(cap, contacts, zone, new_day) >= cap->max)
		return true;
	for (uint32_t i = contacts->count; i-- > 0;) {
		int64_t day = dq_zone_day(zone, contacts->items[i].time);

		if (day <= new_day)
			break;
		if (day < new_day + cap->days &&
		    count_days(cap, contacts, zone, day) >= cap->max)
			return true;
	}
	return false;
}

const struct dq_cap *
dq_caps_broken(const struct dq_policy *policy,
    const struct dq_contacts *contacts, const struct dq_zone *zone,
    struct dq_contact contact)
{
	int64_t day = dq_zone_day(zone, contact.time);

	for (size_t i = 0; i < policy->caps_count; i++) {
		const struct dq_cap *cap = &policy->caps[i];

		if (cap->channels >> contact.channel & 1 &&
		    breaks(cap, contacts, zone, day))
			return cap;
	}
	return NULL;
}

bool
dq_cooling_down(
    const struct dq_contacts *contacts, int64_t time, int64_t cool_down)
{
	for (uint32_t i = contacts->count; i-- > 0;)
		if (llabs(contacts->items[i].time - time) < cool_down)
			return true;
	return false;
}

bool
dq_held_out(const struct dq_policy *policy, struct dq_slice customer_id)
{
	struct dq_buf text = {0};
	unsigned char digest[32];
	uint32_t draw;

	if (policy->hold_out_share <= 0)
		return false;
	dq_buf_str(&text, policy->hold_out_salt);
	dq_buf_byte(&text, ':');
	dq_buf_slice(&text, customer_id);
	dq_sha256(dq_buf_view(&text), digest);
	dq_buf_release(&text);
	draw = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
	       (uint32_t)digest[2] << 8 | digest[3];
	return draw < policy->hold_out_share * 0x1p32;
}
