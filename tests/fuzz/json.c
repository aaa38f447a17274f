/* Whole documents: what is parsed, written and parsed again is the same. */
#include "record/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_slice text = {(const char *)data, size};
	struct dq_buf once = {0}, twice = {0};
	struct dq_err err = {0};
	struct yyjson_doc *doc = dq_json_parse(text, &err);

	if (!doc) {
		MUST(err.text[0]);
		return 0;
	}
	dq_buf_json_value(&once, dq_json_root(doc));
	dq_json_free(doc);
	doc = dq_json_parse(dq_buf_view(&once), &err);
	MUST(doc);
	dq_buf_json_value(&twice, dq_json_root(doc));
	dq_json_free(doc);
	MUST(dq_slice_equal(dq_buf_view(&once), dq_buf_view(&twice)));
	dq_buf_release(&once);
	dq_buf_release(&twice);
	return 0;
}
