/* Lines of control marks: whatever comes, one run, no gap, nothing after the
 * end. */
#include "run/control.h"
#include "fuzz.h"

static bool
take(struct dq_control *control, struct dq_slice line)
{
	struct dq_control before = *control;
	enum dq_exit code = DQ_EXIT_OK;
	enum dq_mark mark;
	struct dq_err err = {0};

	if (dq_control_read(control, line, &mark, &code, &err)) {
		MUST(control->begun && !before.ended);
		if (mark == DQ_MARK_BEGIN)
			MUST(!before.begun);
		else if (mark != DQ_MARK_STATE)
			MUST(control->seq == before.seq + 1);
		return true;
	}
	MUST(err.text[0]);
	MUST(code == DQ_EXIT_USAGE || code == DQ_EXIT_DATA ||
	     code == DQ_EXIT_RETRY);
	return false;
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
	return 0;
}
