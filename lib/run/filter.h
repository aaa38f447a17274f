/* A filter is state and three functions; the runner (run.h) owns the rest. */
#ifndef DQ_RUN_FILTER_H
#define DQ_RUN_FILTER_H

#include "record/out.h"

/* Every function gets `state`. A function that refuses a record returns false
 * with err set: the runner deals with it by --on-bad. */
struct dq_filter {
	void *state;

	/* Kinds that each() wants, as DQ_KIND_BITs. Records of other kinds
	 * pass by unchanged. What each() is given goes no further unless it
	 * says dq_out_pass. Ticks come to each() only where they are named
	 * here; to tick() otherwise. */
	uint32_t kinds;

	/* A batch tool that only writes a report: records of other kinds,
	 * ticks and control lines end here instead of passing. */
	bool absorbs;

	/* One record. Appends lines to out: whole ones only. */
	bool (*each)(void *state, const struct dq_record *record,
	    struct dq_out *out, struct dq_err *err);

	/* Event time has reached `time` (a tick; of that partition, or -1 for
	 * all). The runner passes the tick itself on afterwards. NULL: none. */
	void (*tick)(
	    void *state, int64_t time, int32_t partition, struct dq_out *out);

	/* No more input; what is still owed is written. NULL: nothing is. Not
	 * called when the run continues later (--state). */
	void (*end)(void *state, struct dq_out *out);

	/* The input has gone quiet or a block is full: what was held back for
	 * the sake of batching must be written now. NULL: holds nothing. */
	void (*flush)(void *state, struct dq_out *out);

	/* For more than one thread: states that are worked on at the same time,
	 * each by one thread, the first of them `state`; ticks, `end` and saved
	 * state are not for such a filter. 0: only `state`. */
	void **states;
	size_t state_count;

	/* The operator asks (SIGHUP) to read models and the like anew; nothing
	 * is held back when this is called. False with err set: all is as it
	 * was. NULL: there is nothing to read, SIGHUP ends the tool. */
	bool (*reload)(void *state, struct dq_err *err);

	/* State by key, for snapshots; NULL without state. Rows are numbered
	 * 0 .. rows()-1. A filter without customers' state but with some of its
	 * own uses keys that begin with '@'. */
	size_t (*rows)(void *state);
	void (*save)(
	    void *state, size_t row, struct dq_buf *key, struct dq_buf *value);
	bool (*load)(void *state, struct dq_slice key, struct dq_slice value,
	    struct dq_err *err);

	/* State by key, for a changelog (--state kafka:), where customers come
	 * and go with their partitions; NULL: the tool has none such. clear
	 * forgets everything. get appends the value that load would take, or
	 * says false: there is nothing (any more) of that key. A filter's own
	 * row of a partition has the key "@clock N". */
	void (*clear)(void *state);
	bool (*get)(void *state, struct dq_slice key, struct dq_buf *value);
	/* Set by the runner, or NULL: to be called with a key that changes
	 * though neither the record in hand nor a tick is about it. One that
	 * begins with '@' may be new: it is of the partition of the record or
	 * tick in hand. */
	void (*changed)(void *context, struct dq_slice key);
	void *changed_context;

	/* Names what a snapshot depends on (catalogue hash, options that
	 * change its meaning): another text is refused. */
	const char *state_version;
};

#endif
