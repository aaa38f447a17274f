/* Lines of control marks: whatever comes, one run, no gap, nothing after the
 * end. */
#include "record/control.h"
#include "fuzz.h"

static void
read_offsets(const struct dq_control *control)
{
	struct dq_json_iter iter = dq_control_offsets(control);
	struct dq_control_offset offset;
	size_t sum = 0;

	while (dq_control_offset(&iter, &offset))
		for (size_t i = 0; i < offset.topic.len; i++)
			sum += (unsigned char)offset.topic.data[i];
	__asm__ volatile("" ::"r"(sum));
}

/* Any row is whole, or refused with a reason. */
static void
read_state(struct dq_slice line)
{
	struct dq_control_state row;
	struct dq_buf bytes = {0};
	struct yyjson_doc *doc;
	struct dq_err err = {.text = ""};

	if (dq_control_state_read(line, &row, &doc, &bytes, &err))
		MUST(row.partition >= 0 && (row.value.data || !row.value.len));
	else
		MUST(err.text[0]);
	dq_json_free(doc);
	dq_buf_release(&bytes);
}

static bool
take(struct dq_control *control, struct dq_slice line)
{
	struct dq_control before = *control;
	struct dq_err err = {.text = ""};

	if (!dq_control_read(control, line, &err)) {
		MUST(err.text[0]);
		MUST(err.code == DQ_EXIT_USAGE || err.code == DQ_EXIT_DATA ||
		     err.code == DQ_EXIT_RETRY);
		return false;
	}
	MUST(control->begun && !before.ended);
	if (control->mark == DQ_MARK_BEGIN)
		MUST(!before.begun);
	else if (control->mark == DQ_MARK_STATE ||
		 control->mark == DQ_MARK_PARTITION)
		MUST(control->seq == before.seq);
	else
		MUST(control->seq == before.seq + 1);
	if (control->mark == DQ_MARK_STATE)
		read_state(line);
	if (control->mark == DQ_MARK_ASSIGN ||
	    control->mark == DQ_MARK_CHECKPOINT)
		read_offsets(control);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_control control = {0};
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);
		struct dq_slice line = {at, n};

		if (dq_is_control(line) && !take(&control, line))
			break;
		at += n + 1;
	}
	dq_control_release(&control);
	return 0;
}
