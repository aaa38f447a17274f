/* How a key's value is kept where rows are only added, in a compacted topic or
 * a file: whole under the key itself, then what changed, each time under a key
 * of its own, until that is as much as writing it whole. The newest row of
 * every key, in their order, gives the value back. */
#ifndef DQ_RUN_STATEROW_H
#define DQ_RUN_STATEROW_H

#include "base/buf.h"
#include "base/err.h"

#define DQ_STATEROW_FORMAT 2 /* grows when the rows mean something else */
#define DQ_STATEROW_CHANGES 16
#define DQ_STATEROW_LIMIT (16u << 20) /* bytes of a value */

/* What is there of a key. Zeroed: nothing. */
struct dq_staterow {
	uint64_t written; /* hash of the value, 0: none */
	uint32_t spent;	  /* bytes of the changes since it was written whole */
	uint8_t changes;  /* their number */
	uint8_t most;	  /* of them at any time: so many keys are in use */
};

/* Writes a row; a value of no data forgets the key. */
typedef bool dq_staterow_put(void *context, struct dq_slice key,
    struct dq_slice value, struct dq_err *err);

/* Puts what makes the value `now` of what is written: nothing, what changed
 * since `before`, or all of it. Data of NULL: `now`, there is no value any
 * more; `before`, it is not known. A `before` that is not what was written is
 * seen to be so. */
bool dq_staterow_save(struct dq_staterow *row, struct dq_slice key,
    struct dq_slice before, struct dq_slice now, dq_staterow_put *put,
    void *context, struct dq_err *err);

/* Whose row is it? The key borrows from `raw`; 0: it is whole, else the number
 * of a change. */
unsigned dq_staterow_key(struct dq_slice raw, struct dq_slice *key);

/* A value while its rows are read. Zeroed: none. */
struct dq_staterow_value {
	struct dq_buf bytes;
	bool broken; /* a change is missing; all is well with the next whole */
};

/* Takes a row of that number; a value without bytes forgets. */
void dq_staterow_take(struct dq_staterow *row, struct dq_staterow_value *value,
    unsigned number, struct dq_slice bytes);

#endif
