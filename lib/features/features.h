/* All customers and the rules of emission: what dq-features does with a
 * record, a tick and the end. dq-catalogue(7), EMISSION, defines each. */
#ifndef DQ_FEATURES_FEATURES_H
#define DQ_FEATURES_FEATURES_H

#include "base/map.h"
#include "base/zone.h"
#include "features/catalogue.h"
#include "record/out.h"

enum dq_emit { DQ_EMIT_TRIGGER, DQ_EMIT_EACH, DQ_EMIT_DAILY, DQ_EMIT_AT };

#define DQ_DEDUP_MAX 4096

struct dq_features_counts {
	int64_t late;	    /* records older than N-90, not counted */
	int64_t duplicates; /* transactions seen before, not counted */
	int64_t merchants;  /* purchases beyond 256 merchants */
	int64_t payments;   /* payments pushed out by more than 32 */
};

/* Which records without a source of their own are given one. */
enum dq_features_source {
	DQ_SOURCE_TOPIC, /* those of a topic */
	DQ_SOURCE_ALWAYS,
	DQ_SOURCE_NEVER,
};

struct dq_features {
	/* Set by the caller before the first record. */
	const struct dq_zone *zone; /* NULL: UTC */
	int64_t large;		    /* thousandths of a major unit */
	uint32_t dedup;		    /* 0 to DQ_DEDUP_MAX */
	int emit;		    /* enum dq_emit */
	int place;		    /* enum dq_features_source */
	struct dq_selection selection;

	struct dq_map ids;	    /* of customers */
	struct dq_customer **known; /* by number in ids; NULL: none */
	size_t known_cap;
	uint32_t *order; /* numbers by first appearance; DQ_MAP_NONE: gone */
	size_t order_count, order_cap;
	struct dq_map currencies;
	struct dq_wanted_list *wanted; /* for DQ_EMIT_AT */
	struct dq_sight *sight;
	struct dq_buf source; /* of the record at hand */
	bool has_id;	      /* of the transaction at hand: is there */
	uint64_t id;	      /* an id to look out for, its hash */
	struct dq_features_counts counts;
};

void dq_features_init(struct dq_features *features);
void dq_features_release(struct dq_features *features);

/* A transaction, payment or customer record. False with err set when it
 * cannot be taken (it changed nothing then). */
bool dq_features_record(struct dq_features *features,
    const struct dq_record *record, struct dq_out *out, struct dq_err *err);

/* partition -1: customers of all partitions. */
void dq_features_tick(struct dq_features *features, int64_t time,
    int32_t partition, struct dq_out *out);

void dq_features_end(struct dq_features *features, struct dq_out *out);

enum dq_known { DQ_KNOWN, DQ_UNKNOWN, DQ_FORGOTTEN };

/* Writes the features of one customer as of `time` (DQ_TIME_NONE: as of the
 * latest record), whatever DQ_EMIT says, with that trigger; changes nothing.
 * DQ_UNKNOWN: there is no record of that customer. DQ_FORGOTTEN: `time` is a
 * day before the latest record's, of which not all is kept. */
enum dq_known dq_features_now(struct dq_features *features, struct dq_slice id,
    int64_t time, const char *trigger, struct dq_out *out);

/* NULL: never seen, or forgotten. */
const struct dq_customer *dq_features_customer(
    const struct dq_features *features, struct dq_slice id);

/* A (customer, time) pair of DQ_EMIT_AT, in the order of the file. */
void dq_features_want(
    struct dq_features *features, struct dq_slice id, int64_t time);

/* To be called once, behind the last of them. */
void dq_features_wanted(struct dq_features *features);

/* State by customer, as struct dq_filter has it. */
void dq_features_clear(struct dq_features *features);
bool dq_features_get(const struct dq_features *features, struct dq_slice key,
    struct dq_buf *value);
size_t dq_features_rows(struct dq_features *features);
void dq_features_save(const struct dq_features *features, size_t row,
    struct dq_buf *key, struct dq_buf *value);
bool dq_features_load(struct dq_features *features, struct dq_slice key,
    struct dq_slice value, struct dq_err *err);

#endif
