/* When and how often a customer may be contacted: quiet hours, caps,
 * cool-down, hold-out. */
#ifndef DQ_POLICY_CONTACT_H
#define DQ_POLICY_CONTACT_H

#include "policy/policy.h"

/* A contact made, scheduled, or held out (which takes its place). */
struct dq_contact {
	int64_t time;
	int channel;
};

/* A customer's contacts in order of time; zeroed memory is an empty one. */
struct dq_contacts {
	struct dq_contact *items;
	uint32_t count, cap;
};

void dq_contacts_release(struct dq_contacts *contacts);
void dq_contacts_add(struct dq_contacts *contacts, struct dq_contact contact);

/* Forgets those before `time`. */
void dq_contacts_forget(struct dq_contacts *contacts, int64_t time);

/* Contacts in (time - span, time]. */
uint32_t dq_contacts_within(
    const struct dq_contacts *contacts, int64_t time, int64_t span);

/* The first cap that a contact at `time` would break, counting those already
 * scheduled for later too; NULL when none. Days are days of the zone. */
const struct dq_cap *dq_caps_broken(const struct dq_policy *policy,
    const struct dq_contacts *contacts, const struct dq_zone *zone,
    struct dq_contact contact);

/* Is there a contact less than `cool_down` before or after `time`? */
bool dq_cooling_down(
    const struct dq_contacts *contacts, int64_t time, int64_t cool_down);

/* The first instant from `time` on at which the channel is quiet in none of
 * the zones: `time` itself outside quiet hours. DQ_TIME_NONE when there is
 * none within the next two weeks. Where the clock is set back, quiet hours
 * begin at the first and end at the last of the two times of that name. */
int64_t dq_quiet_until(const struct dq_policy *policy,
    const struct dq_zone *const *zones, size_t zones_count, int channel,
    int64_t time);

/* Is the customer of the hold-out group? The first 8 hexadecimal digits of
 * sha256("salt:customer_id"), over 2^32, are below the share: anyone can say
 * it again with `printf %s salt:customer_id | sha256sum`. */
bool dq_held_out(const struct dq_policy *policy, struct dq_slice customer_id);

#endif
