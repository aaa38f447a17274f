#include "port/kafka_watch.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
same(const struct dq_kafka_lag *a, const struct dq_kafka_lag *b)
{
	return a->partition == b->partition && !strcmp(a->group, b->group) &&
	       !strcmp(a->topic ? a->topic : "", b->topic ? b->topic : "");
}

static struct dq_kafka_watched
compare(const struct dq_kafka_watch *watch, const struct dq_kafka_lag *lag)
{
	struct dq_kafka_watched row = {*lag, dq_clock_steady(), false};

	for (size_t i = 0; i < watch->count; i++) {
		const struct dq_kafka_watched *old = &watch->rows[i];

		if (!same(&old->lag, lag))
			continue;
		if (old->lag.committed != lag->committed)
			row.moved = true;
		else
			row = (struct dq_kafka_watched){
			    *lag, old->since, old->moved};
	}
	return row;
}

void
dq_kafka_watch_release(struct dq_kafka_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		free(watch->rows[i].lag.topic);
	free(watch->rows);
	watch->rows = NULL;
	watch->count = 0;
}

bool
dq_kafka_watch_look(struct dq_kafka_watch *watch, struct dq_err *err)
{
	struct dq_kafka_watched *rows;
	struct dq_kafka_lag *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < watch->groups.count; i++)
		if (!dq_kafka_lags_look(watch->lags, watch->groups.items[i],
			&found, &count, err)) {
			dq_kafka_lags_free(found, count);
			return false;
		}
	rows = dq_calloc(count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		rows[i] = compare(watch, &found[i]);
	free(found);
	dq_kafka_watch_release(watch);
	watch->rows = rows;
	watch->count = count;
	return true;
}

static bool
owes(const struct dq_kafka_lag *lag)
{
	return lag->messages > 0 || lag->pending > 0;
}

enum dq_lag_state
dq_kafka_watch_state(
    const struct dq_kafka_watch *watch, const struct dq_kafka_watched *row)
{
	int64_t still = dq_clock_steady() - row->since;

	if (row->lag.messages < 0)
		return DQ_LAG_UNKNOWN;
	if (row->moved && still < watch->stall)
		return DQ_LAG_OK;
	if (!row->lag.reader)
		return DQ_LAG_STOPPED;
	return owes(&row->lag) && still >= watch->stall ? DQ_LAG_STALLED
							: DQ_LAG_OK;
}

static bool
unsure(const struct dq_kafka_watch *watch, const struct dq_kafka_watched *row)
{
	const struct dq_kafka_lag *lag = &row->lag;

	return lag->messages >= 0 && lag->reader && owes(lag) && !row->moved &&
	       dq_clock_steady() - row->since < watch->stall &&
	       (lag->time == DQ_TIME_NONE ||
		   dq_clock_wall() - lag->time >= watch->stall);
}

bool
dq_kafka_watch_unsure(const struct dq_kafka_watch *watch)
{
	bool any = false;

	for (size_t i = 0; i < watch->count; i++)
		any = any || unsure(watch, &watch->rows[i]);
	return any;
}

int64_t
dq_kafka_lag_behind(const struct dq_kafka_lag *lag)
{
	int64_t time = dq_clock_wall() - lag->time;

	if (lag->messages < 0 || (owes(lag) && lag->time == DQ_TIME_NONE))
		return -1;
	return owes(lag) && time > 0 ? time : 0;
}

const char *
dq_kafka_watch_why(const struct dq_kafka_watch *watch,
    const struct dq_kafka_watched *row, char text[200])
{
	enum dq_lag_state state = dq_kafka_watch_state(watch, row);

	if (*row->lag.why)
		return row->lag.why;
	if (state == DQ_LAG_STOPPED)
		return "no member of the group reads it";
	if (state == DQ_LAG_UNKNOWN)
		return "no answer";
	if (state == DQ_LAG_OK)
		return "";
	snprintf(text, 200, "nothing committed for %lld s%s",
	    (long long)((dq_clock_steady() - row->since) / DQ_SECOND),
	    row->lag.messages ? "" : ": a transaction stands open before it");
	return text;
}
