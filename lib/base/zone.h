/* IANA time zones, any number of them at once, from the system's tz data. */
#ifndef DQ_BASE_ZONE_H
#define DQ_BASE_ZONE_H

#include "base/err.h"
#include "base/time.h"

struct dq_zone;

/* The zone of that name ("Europe/Prague", "UTC"), cached for the life of the
 * process: do not free. NULL with err set when the system does not know it.
 * Reads the system's tz files on first use of a name. */
const struct dq_zone *dq_zone_get(struct dq_slice name, struct dq_err *err);

/* Microseconds to add to UTC to get the zone's local time at that instant. */
int64_t dq_zone_offset(const struct dq_zone *zone, int64_t time);

/* The day it is there at that instant. NULL is UTC. */
int64_t dq_zone_day(const struct dq_zone *zone, int64_t time);

/* The instant of a local time given as microseconds since local 1970. Where
 * the clock is set back and the local time comes twice: the first. Where it
 * is set forward and the local time never comes: the instant of the change. */
int64_t dq_zone_instant(const struct dq_zone *zone, int64_t local);

#endif
