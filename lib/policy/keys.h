/* Reading a JSON object by a table of its keys: every key is known, typed and
 * checked, and a fault is told with the path of its place. A typing error in
 * a policy must not pass for an absent rule. */
#ifndef DQ_POLICY_KEYS_H
#define DQ_POLICY_KEYS_H

#include "base/err.h"
#include "record/json.h"

/* Where we are in the document, and what was wrong there. */
struct dq_keys {
	struct dq_err *err;
	char path[256]; /* "rules[2].channel" */
};

enum dq_key_type {
	DQ_KEY_TEXT,	 /* char *, not empty; heap */
	DQ_KEY_NOTE,	 /* char *, may be empty or null (NULL); heap */
	DQ_KEY_FLAG,	 /* bool */
	DQ_KEY_INT,	 /* int64_t between min and max */
	DQ_KEY_SHARE,	 /* double between 0 and 1 */
	DQ_KEY_CHOICE,	 /* int: index into choices */
	DQ_KEY_CHOICES,	 /* unsigned: a bit per choice; one text or an array */
	DQ_KEY_DURATION, /* int64_t microseconds, of "36h" */
	DQ_KEY_CLOCK,	 /* int64_t microseconds since midnight, of "21:00" */
	DQ_KEY_TIME,	 /* int64_t microseconds since 1970 */
	DQ_KEY_CUSTOM,	 /* by `read` */
};

struct dq_key {
	const char *name;
	enum dq_key_type type;
	size_t offset; /* of the value in the struct that is filled */
	bool required;
	const char *const *choices; /* ends with NULL */
	int64_t min, max;
	bool (*read)(
	    struct dq_keys *keys, struct yyjson_val *value, void *into);
};

/* Fills `into` from the object by the table (ends with a NULL name; at most
 * 64 rows). What is not there is left as it was. False with err set on an
 * unknown or repeated key, a missing one, a wrong type or value. */
bool dq_keys_object(struct dq_keys *keys, struct yyjson_val *object,
    const struct dq_key *table, void *into);

/* Reads each element of an array into a new zeroed element of *items (heap,
 * `size` bytes each), which grows by one before each; *count follows. */
bool dq_keys_array(struct dq_keys *keys, struct yyjson_val *array, size_t size,
    void **items, size_t *count,
    bool (*read)(struct dq_keys *keys, struct yyjson_val *value, void *into));

/* Enters a member of the path ("channel" or an index), and leaves again with
 * the length that entering returned. */
size_t dq_keys_enter(struct dq_keys *keys, struct dq_slice name);
void dq_keys_leave(struct dq_keys *keys, size_t length);

/* Sets err to "path: text"; returns false. */
bool dq_keys_fault(struct dq_keys *keys, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The number of a text in a list that ends with NULL, -1 when not in it. */
int dq_choice_find(const char *const *choices, struct dq_slice text);

#endif
