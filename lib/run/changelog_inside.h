/* --state of a topic's reader: inside. changelog.c keeps what changed and
 * saves it, changelog_load.c reads what was saved. */
#ifndef DQ_RUN_CHANGELOG_INSIDE_H
#define DQ_RUN_CHANGELOG_INSIDE_H

#include "base/map.h"
#include "run/changelog.h"
#include "run/statelog.h"
#include "run/staterow.h"

#define DQ_OFFSET_KEY "@offset"
#define DQ_VERSION_KEY "@version"

struct dq_changelog_row {
	struct dq_staterow kept;
	int32_t partition;
	bool dirty;
};

/* A row that may have changed, and its value before it did, in `before`; of no
 * length: not known. */
struct dq_changelog_dirty {
	uint32_t number;
	uint32_t size;
	size_t begin;
};

struct dq_changelog_place {
	int32_t partition;
	int64_t offset; /* in the topic; -1: none */
	bool versioned; /* the topic says what its rows are made by */
};

struct dq_changelog {
	const struct dq_tool *tool;
	const struct dq_filter *filter;
	const char *topic; /* or the directory */
	struct dq_buf version;
	struct dq_statelog *local;
	struct dq_statelog_names names;
	struct dq_map keys;
	struct dq_changelog_row *rows; /* by number in keys */
	size_t row_cap;
	int32_t partition;		  /* of what is in hand */
	struct dq_changelog_dirty *dirty; /* in the order they became so */
	size_t dirty_count, dirty_cap;
	struct dq_buf before;
	struct dq_changelog_place *places;
	size_t place_count;
	struct dq_staterow_value *values; /* while loading: by number in keys */
	size_t value_count;
	bool (*waiting)(void *context, struct dq_err *err);
	void *context;
};

/* What the filter's values are made with. */
const char *dq_changelog_values(const struct dq_changelog *log);

/* The number of the key in `keys` and `rows`. */
uint32_t dq_changelog_number(
    struct dq_changelog *log, struct dq_slice key, int32_t partition);

struct dq_changelog_place *dq_changelog_place(
    const struct dq_changelog *log, int32_t partition);

/* Forgets all that is known of the partitions. */
void dq_changelog_forget(struct dq_changelog *log);
void dq_changelog_drop_values(struct dq_changelog *log);

#endif
