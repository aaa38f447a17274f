#include "base/zone.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The C library reads tz files, but for one zone at a time. A zone's changes
 * of offset are asked of it once, by bisection, and kept. */

#define FIRST_YEAR 1970
#define LAST_YEAR 2100
#define STEP (7 * DQ_DAY) /* two changes never stand closer together */

struct change {
	int64_t time;	/* from this instant on */
	int64_t offset; /* microseconds east of UTC */
};

struct dq_zone {
	char *name;
	struct change *changes; /* ascending; the first at INT64_MIN */
	size_t count;
	struct dq_zone *next;
};

static struct dq_zone *zones;

static int64_t
library_offset(int64_t time)
{
	time_t seconds = (time_t)(time / DQ_SECOND);
	struct tm local;

	localtime_r(&seconds, &local);
	return local.tm_gmtoff * DQ_SECOND;
}

static void
add_change(struct dq_zone *zone, int64_t time, int64_t offset)
{
	zone->changes = dq_realloc_array(
	    zone->changes, zone->count + 1, sizeof(*zone->changes));
	zone->changes[zone->count++] = (struct change){time, offset};
}

/* The first whole second in (from, to] that has another offset than from. */
static int64_t
find_change(int64_t from, int64_t to, int64_t offset)
{
	while (to - from > DQ_SECOND) {
		int64_t middle = from + (to - from) / 2 / DQ_SECOND * DQ_SECOND;

		if (library_offset(middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

static void
read_changes(struct dq_zone *zone)
{
	int64_t time =
	    dq_day_from_date((struct dq_date){FIRST_YEAR, 1, 1}) * DQ_DAY;
	int64_t end =
	    dq_day_from_date((struct dq_date){LAST_YEAR, 1, 1}) * DQ_DAY;
	int64_t offset = library_offset(time);

	add_change(zone, INT64_MIN, offset);
	for (; time < end; time += STEP) {
		int64_t next = library_offset(time + STEP);

		if (next == offset)
			continue;
		add_change(zone, find_change(time, time + STEP, offset), next);
		offset = next;
	}
}

/* The library takes an unknown name for UTC in silence, so the file is asked
 * for first; the name must not lead out of the directory of zones, which also
 * holds other files and directories. */
static bool
zone_exists(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[512], magic[4];
	FILE *file;
	bool good;

	if (!*name || *name == '/' || strstr(name, ".."))
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "/usr/share/zoneinfo",
	    name);
	file = fopen(path, "re");
	if (!file)
		return false;
	good = fread(magic, 1, 4, file) == 4 && !memcmp(magic, "TZif", 4);
	fclose(file);
	return good;
}

static struct dq_zone *
zone_load(char *name)
{
	struct dq_zone *zone = dq_calloc(1, sizeof(*zone));
	const char *before = getenv("TZ");
	char *saved = before ? dq_strdup(before) : NULL;

	setenv("TZ", name, 1);
	tzset();
	read_changes(zone);
	if (saved)
		setenv("TZ", saved, 1);
	else
		unsetenv("TZ");
	tzset();
	free(saved);
	zone->name = name;
	zone->next = zones;
	zones = zone;
	return zone;
}

const struct dq_zone *
dq_zone_get(struct dq_slice text, struct dq_err *err)
{
	bool utc = dq_slice_is(text, "UTC") || dq_slice_is(text, "Z");
	char *name;

	for (struct dq_zone *zone = zones; zone; zone = zone->next)
		if (dq_slice_is(text, zone->name))
			return zone;
	name = dq_strndup(text.data, text.len);
	if (!utc && (strlen(name) < text.len || !zone_exists(name))) {
		dq_err_set(err, "time zone \"%s\" is not known here", name);
		free(name);
		return NULL;
	}
	return zone_load(name);
}

int64_t
dq_zone_offset(const struct dq_zone *zone, int64_t time)
{
	size_t low = 0, high = zone->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].time <= time)
			low = middle;
		else
			high = middle;
	}
	return zone->changes[low].offset;
}

int64_t
dq_zone_day(const struct dq_zone *zone, int64_t time)
{
	return dq_day_of(zone ? time + dq_zone_offset(zone, time) : time);
}

int64_t
dq_zone_instant(const struct dq_zone *zone, int64_t local)
{
	/* The larger offset gives the earlier instant. */
	int64_t before = dq_zone_offset(zone, local - DQ_DAY);
	int64_t after = dq_zone_offset(zone, local + DQ_DAY);
	int64_t early = local - (before > after ? before : after);
	int64_t late = local - (before > after ? after : before);
	int64_t low, high;

	if (early + dq_zone_offset(zone, early) == local)
		return early;
	if (late + dq_zone_offset(zone, late) == local)
		return late;
	for (low = early, high = late; high - low > DQ_SECOND;) {
		int64_t middle = low + (high - low) / 2 / DQ_SECOND * DQ_SECOND;

		if (dq_zone_offset(zone, middle) == before)
			low = middle;
		else
			high = middle;
	}
	return high / DQ_SECOND * DQ_SECOND;
}
