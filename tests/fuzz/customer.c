/* A customer's row of the state: what is read, written and read again is
 * written the same. */
#include "policy/customer.h"
#include "fuzz.h"

static bool
rewrite(struct dq_slice row, struct dq_buf *out)
{
	struct dq_customer customer;
	struct dq_map names = {0};
	struct dq_err err = {0};
	bool good;

	dq_customer_init(&customer);
	good = dq_customer_load(&customer, &names, row, &err);
	if (good)
		dq_customer_save(&customer, &names, out);
	else
		MUST(err.text[0]);
	dq_customer_release(&customer);
	dq_map_release(&names);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_slice row = {(const char *)data, size};
	struct dq_buf once = {0}, twice = {0};

	if (rewrite(row, &once)) {
		MUST(rewrite(dq_buf_view(&once), &twice));
		MUST(dq_slice_equal(dq_buf_view(&once), dq_buf_view(&twice)));
	}
	dq_buf_release(&once);
	dq_buf_release(&twice);
	return 0;
}
