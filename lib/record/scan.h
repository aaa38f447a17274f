/* The reader's fast path. The lines of a stream have the same keys in the same
 * places: each stretch between two values (comma, key, colon) is compared with
 * the one that stood there in the last line that began alike. What comes out
 * is the tree of values that yyjson makes of the line. */
#ifndef DQ_RECORD_SCAN_H
#define DQ_RECORD_SCAN_H

#include "record/record.h"

#define DQ_SCAN_PADDING 64 /* zero bytes behind the text */
#define DQ_SCAN_SPANS 64
#define DQ_SCAN_VALUES(len) ((len) / 2 + DQ_DEPTH_LIMIT + 4)

/* A member of the root, and where it stands in the text. */
struct dq_span {
	struct yyjson_val *key; /* the value stands behind it */
	const char *value, *end;
	uint32_t field; /* enum dq_field */
};

struct dq_scan_result {
	struct yyjson_val *root; /* an object */
	struct dq_span spans[DQ_SCAN_SPANS];
	size_t span_count; /* 0: the root has more members than that */
	/* Lines with the same number, not 0, have the same keys in the same
	 * order, at each depth: so an object that is a member of the root has
	 * the same members. */
	uint64_t shape;
};

struct dq_scan;

struct dq_scan *dq_scan_new(void);
void dq_scan_free(struct dq_scan *scan);

/* Reads `text`, which is followed by DQ_SCAN_PADDING zero bytes, into values in
 * `pool` (room for DQ_SCAN_VALUES(len) of them), which point into the text;
 * numbers are raw. False: the text is no JSON object, or not plain enough
 * (escapes, exponents, more than DQ_DEPTH_LIMIT levels): yyjson must tell. True
 * only where yyjson would take it too. */
bool dq_scan_line(struct dq_scan *scan, const char *text, size_t len,
    struct yyjson_val *pool, struct dq_scan_result *result);

#endif
