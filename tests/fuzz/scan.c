/* Lines one behind the other through the reader's fast path, each beside
 * yyjson; where two have the same shape, so have their members. */
#include "../unit/scan_same.h"
#include "fuzz.h"

/* Keys of the root, and of the objects that are its members. */
static void
list_keys(struct dq_slice line, struct dq_buf *keys)
{
	struct dq_err err;
	yyjson_doc *doc = dq_json_parse(line, &err);
	struct dq_json_iter outer = dq_json_iter(dq_json_root(doc)), inner;

	keys->len = 0;
	dq_buf_byte(keys, '{');
	while (dq_json_next(&outer)) {
		dq_buf_slice(keys, outer.key);
		dq_buf_byte(keys, '\n');
		inner = dq_json_iter(outer.value);
		while (yyjson_is_obj(outer.value) && dq_json_next(&inner)) {
			dq_buf_slice(keys, inner.key);
			dq_buf_byte(keys, '\t');
		}
	}
	dq_buf_byte(keys, '}');
	dq_json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size, *newline;
	struct dq_scan *scan = dq_scan_new();
	struct dq_buf keys = {0}, last = {0};
	uint64_t shape, last_shape = 0;
	bool taken;

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			newline = end;
		MUST(scan_same(
		    scan, at, (size_t)(newline - at), &taken, &shape));
		if (!shape)
			continue;
		list_keys((struct dq_slice){at, (size_t)(newline - at)}, &keys);
		MUST(shape != last_shape ||
		     dq_slice_equal(dq_buf_view(&keys), dq_buf_view(&last)));
		last.len = 0;
		dq_buf_slice(&last, dq_buf_view(&keys));
		last_shape = shape;
	}
	dq_buf_release(&keys);
	dq_buf_release(&last);
	dq_scan_free(scan);
	return 0;
}
