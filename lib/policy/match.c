/* Which rule a prediction falls under. */
#include "base/num.h"
#include "policy/engine_state.h"
#include "policy/keys.h"

static void
add_customer(const struct dq_engine *engine, const struct dq_customer *customer,
    struct dq_buf *facts)
{
	dq_buf_key(facts, "customer");
	dq_buf_byte(facts, '{');
	dq_buf_member_flag(
	    facts, "known", customer->profile_time != DQ_TIME_NONE);
	if (customer->zone_name != DQ_MAP_NONE)
		dq_buf_member_text(facts, "time_zone",
		    dq_map_key(&engine->names, customer->zone_name));
	if (customer->language != DQ_MAP_NONE)
		dq_buf_member_text(facts, "language",
		    dq_map_key(&engine->names, customer->language));
	dq_buf_member_flag(facts, "vulnerable", customer->vulnerable);
	dq_buf_key(facts, "consent");
	dq_buf_byte(facts, '{');
	for (int i = 0; i < DQ_CHANNELS; i++)
		if (customer->consent[i] != DQ_CONSENT_UNKNOWN)
			dq_buf_member_flag(facts, dq_channel_names[i],
			    customer->consent[i] == DQ_CONSENT_GIVEN);
	dq_buf_str(facts, "}}");
}

static void
add_contacts(
    const struct dq_contacts *contacts, int64_t now, struct dq_buf *facts)
{
	static const struct {
		const char *name;
		int days;
	} spans[] = {{"in_1_day", 1}, {"in_7_days", 7}, {"in_30_days", 30}};
	uint32_t last = contacts->count;

	while (last && contacts->items[last - 1].time > now)
		last--;
	dq_buf_key(facts, "contacts");
	dq_buf_byte(facts, '{');
	if (last) {
		int64_t time = contacts->items[last - 1].time;

		dq_buf_member_time(facts, "last_time", time);
		dq_buf_member_real(
		    facts, "days_since_last", (double)(now - time) / DQ_DAY);
	}
	for (int i = 0; i < 3; i++)
		dq_buf_member_int(facts, spans[i].name,
		    dq_contacts_within(contacts, now, spans[i].days * DQ_DAY));
	dq_buf_byte(facts, '}');
}

static void
add_local(const struct dq_zone *zone, int64_t now, struct dq_buf *facts)
{
	int64_t local = now + dq_zone_offset(zone, now);
	int64_t day = dq_day_of(local);

	dq_buf_key(facts, "local");
	dq_buf_byte(facts, '{');
	dq_buf_key(facts, "date");
	dq_buf_byte(facts, '"');
	dq_buf_day(facts, day);
	dq_buf_byte(facts, '"');
	dq_buf_member_str(facts, "weekday", dq_weekday_names[dq_weekday(day)]);
	dq_buf_member_int(facts, "hour", (local - day * DQ_DAY) / DQ_HOUR);
	dq_buf_byte(facts, '}');
}

/* The prediction itself with what we know of the customer behind it; of two
 * members of one name jq takes the last, so ours cannot be forged. */
static struct dq_slice
make_facts(struct dq_engine *engine, const struct dq_customer *customer,
    const struct dq_record *record)
{
	struct dq_buf *facts = &engine->facts;

	facts->len = 0;
	dq_buf_slice(facts, record->line);
	while (facts->len && facts->data[--facts->len] != '}')
		;
	add_customer(engine, customer, facts);
	add_contacts(&customer->contacts, record->time, facts);
	if (customer->last_time != DQ_TIME_NONE) {
		dq_buf_key(facts, "previous");
		dq_buf_byte(facts, '{');
		dq_buf_member_time(facts, "event_time", customer->last_time);
		dq_buf_member_real(facts, "risk_score", customer->last_score);
		dq_buf_byte(facts, '}');
	} else
		dq_buf_member_null(facts, "previous");
	add_local(dq_engine_zone(engine, customer), record->time, facts);
	dq_buf_byte(facts, '}');
	return dq_buf_view(facts);
}

bool
dq_engine_match(struct dq_engine *engine, const struct dq_customer *customer,
    const struct dq_record *record, const struct dq_rule **rule,
    struct dq_err *err)
{
	int level = dq_choice_find(
	    dq_level_names, dq_record_text(record, DQ_RISK_LEVEL));
	struct dq_slice facts = {NULL, 0};

	for (size_t i = 0; i < engine->policy->rules_count; i++) {
		bool yes = true;

		*rule = &engine->policy->rules[i];
		if ((*rule)->levels && !((*rule)->levels >> level & 1))
			continue;
		if ((*rule)->jq && !facts.data)
			facts = make_facts(engine, customer, record);
		if ((*rule)->jq && !dq_jq_test((*rule)->jq, facts, &yes, err))
			return dq_err_at(err, "rule \"%s\"", (*rule)->name);
		if (yes)
			return true;
	}
	*rule = NULL;
	return true;
}
