#include "policy/contact.h"

/* The last instant of that local time: where the clock is set back it comes
 * twice, and dq_zone_instant gives the first. */
static int64_t
last_instant(const struct dq_zone *zone, int64_t local)
{
	int64_t first = dq_zone_instant(zone, local);
	int64_t offset = dq_zone_offset(zone, first + 4 * DQ_HOUR);
	int64_t second = local - offset;

	if (second > first && dq_zone_offset(zone, second) == offset)
		return second;
	return first;
}

/* The end of the quiet time that began on the day and holds `time`, or `time`
 * when it does not. */
static int64_t
end_of(const struct dq_quiet *quiet, const struct dq_zone *zone, int64_t day,
    int64_t time)
{
	int64_t midnight = day * DQ_DAY, begin, end;

	if (!(quiet->weekdays >> dq_weekday(day) & 1))
		return time;
	begin = dq_zone_instant(zone, midnight + quiet->from);
	end = midnight + quiet->to;
	if (quiet->to <= quiet->from)
		end += DQ_DAY;
	end = last_instant(zone, end);
	return time >= begin && time < end ? end : time;
}

/* `day` may begin after `time` and its quiet time before it, where the clock
 * is set back over midnight. */
static int64_t
pass_quiet(const struct dq_policy *policy, const struct dq_zone *zone,
    int channel, int64_t time)
{
	for (size_t i = 0; i < policy->quiet_count; i++) {
		const struct dq_quiet *quiet = &policy->quiet[i];
		int64_t day = dq_zone_day(zone, time);

		if (!(quiet->channels >> channel & 1))
			continue;
		for (int64_t d = day - 1; d <= day + 1; d++)
			time = end_of(quiet, zone, d, time);
	}
	return time;
}

int64_t
dq_quiet_until(const struct dq_policy *policy,
    const struct dq_zone *const *zones, size_t zones_count, int channel,
    int64_t time)
{
	int64_t limit = time + 14 * DQ_DAY, before;

	/* One quiet time may end within another. */
	do {
		before = time;
		for (size_t i = 0; i < zones_count; i++)
			time = pass_quiet(policy, zones[i], channel, time);
		if (time > limit)
			return DQ_TIME_NONE;
	} while (time != before);
	return time;
}
