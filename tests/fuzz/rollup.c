/* A row of dq-rollup's state: what is read, written and read again is written
 * the same. The first byte says of what kind the row is. */
#include "rollup/rollup.h"
#include "fuzz.h"

static bool
rewrite(struct dq_slice key, struct dq_slice row, struct dq_buf *out)
{
	const struct dq_rollup_options options = {
	    1000000, 86400000000, 1000000, 10};
	struct dq_rollup *rollup = dq_rollup_new(&options);
	struct dq_err err = {0};
	bool good = dq_rollup_load(rollup, key, row, &err);

	if (good)
		good = dq_rollup_get(rollup, key, out);
	else
		MUST(err.text[0]);
	dq_rollup_free(rollup);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {"@clock 0", "@window 0 5", "C1"};
	struct dq_slice key = DQ_SLICE(keys[size ? data[0] % 3 : 0]);
	struct dq_slice row = {(const char *)data + 1, size ? size - 1 : 0};
	struct dq_buf once = {0}, twice = {0};

	if (rewrite(key, row, &once)) {
		MUST(rewrite(key, dq_buf_view(&once), &twice));
		MUST(dq_slice_equal(dq_buf_view(&once), dq_buf_view(&twice)));
	}
	dq_buf_release(&once);
	dq_buf_release(&twice);
	return 0;
}
