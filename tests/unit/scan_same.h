/* The reader's fast path beside yyjson: what it takes yyjson takes, and the
 * trees are the same. */
#ifndef TESTS_SCAN_SAME_H
#define TESTS_SCAN_SAME_H

#include "record/record.h"
#include "record/scan.h"

#include <stdlib.h>

static bool
same_tree(struct yyjson_val *a, struct yyjson_val *b)
{
	struct dq_json_iter i = dq_json_iter(a), j = dq_json_iter(b);
	bool more;

	if (yyjson_get_type(a) != yyjson_get_type(b) ||
	    dq_json_size(a) != dq_json_size(b) ||
	    !dq_slice_equal(dq_json_text(a), dq_json_text(b)) ||
	    yyjson_get_bool(a) != yyjson_get_bool(b))
		return false;
	for (;;) {
		more = dq_json_next(&i);
		if (more != dq_json_next(&j))
			return false;
		if (!more)
			return true;
		if (i.key.len != j.key.len ||
		    (i.key.len && !dq_slice_equal(i.key, j.key)) ||
		    !same_tree(i.value, j.value))
			return false;
	}
}

/* The members by their places and by the raw walk. */
static bool
same_members(const char *text, size_t len, const struct dq_scan_result *got)
{
	struct dq_record record = {.line = {text, len}};
	struct dq_raw_iter iter;

	dq_raw_begin(&iter, &record);
	for (size_t i = 0; i < got->span_count; i++) {
		const struct dq_span *span = &got->spans[i];

		if (!dq_raw_next(&iter) ||
		    iter.key.data != yyjson_get_str(span->key) ||
		    iter.key.len != yyjson_get_len(span->key) ||
		    iter.value.data != span->value ||
		    iter.value.data + iter.value.len != span->end ||
		    iter.field != (enum dq_field)span->field)
			return false;
	}
	return !got->span_count || !dq_raw_next(&iter);
}

/* False: they differ. *taken: the fast path took the line. */
static bool
scan_same(struct dq_scan *scan, const char *line, size_t len, bool *taken,
    uint64_t *shape)
{
	/* To the last byte that may be looked at. */
	char *text = calloc(1, len + DQ_SCAN_PADDING);
	struct yyjson_val *pool = calloc(DQ_SCAN_VALUES(len), sizeof(*pool));
	struct dq_scan_result got = {0};
	yyjson_doc *doc = NULL;
	bool good = true;

	memcpy(text, line, len);
	*taken = dq_scan_line(scan, text, len, pool, &got);
	*shape = *taken ? got.shape : 0;
	if (*taken) {
		doc = yyjson_read(text, len, YYJSON_READ_NUMBER_AS_RAW);
		good = doc && same_tree(got.root, yyjson_doc_get_root(doc)) &&
		       same_members(text, len, &got);
	}
	yyjson_doc_free(doc);
	free(pool);
	free(text);
	return good;
}

#endif
