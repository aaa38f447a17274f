#include "run/refuse.h"

#include "base/time.h"
#include "record/base64.h"
#include "record/json.h"
#include "run/endpoint.h"

void
dq_refuse_init(
    struct dq_refuse *refuse, const struct dq_tool *tool, struct dq_sink *sink)
{
	const struct dq_common *common = &tool->common;
	struct dq_err err;

	*refuse = (struct dq_refuse){.on_bad = common->on_bad};
	if (refuse->on_bad != DQ_ON_BAD_DLQ)
		return;
	refuse->letters = dq_endpoint_letters(tool, sink, &err);
	if (!refuse->letters)
		dq_die(
		    err.code ? err.code : DQ_EXIT_IO, "--dlq", "%s", err.text);
}

static bool
write_letter(struct dq_refuse *refuse, const struct dq_place *place,
    struct dq_slice line, const char *why, struct dq_err *err)
{
	struct dq_out *out = dq_sink_out(refuse->letters);
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "dead_letter");
	dq_buf_member_time(buf, "failed_at", dq_clock_wall());
	dq_buf_member_str(buf, "tool", dq_program());
	dq_buf_member_str(buf, "version", DQ_VERSION);
	dq_buf_key(buf, "source");
	dq_buf_place(buf, place, true);
	dq_buf_member_str(buf, "error", why);
	dq_buf_key(buf, "raw");
	dq_buf_byte(buf, '"');
	dq_buf_base64(buf, line);
	dq_buf_str(buf, "\"}");
	dq_out_end(out, (struct dq_slice){"", 0});
	refuse->unsynced = true;
	return dq_sink_write(refuse->letters, false, err);
}

bool
dq_refuse_line(struct dq_refuse *refuse, const struct dq_place *place,
    struct dq_slice line, const char *why, enum dq_exit *code)
{
	static const char *const advice[] = {
	    [DQ_ON_BAD_STOP] = "stopped; correct it, or see --on-bad",
	    [DQ_ON_BAD_SKIP] = "skipped",
	    [DQ_ON_BAD_DLQ] = "kept as a dead letter",
	};
	struct dq_err err;
	char where[256];

	refuse->count++;
	dq_warn(
	    dq_place_text(place, where), "%s; %s", why, advice[refuse->on_bad]);
	if (refuse->on_bad == DQ_ON_BAD_SKIP)
		return true;
	if (refuse->on_bad == DQ_ON_BAD_STOP) {
		*code = DQ_EXIT_DATA;
		return false;
	}
	if (write_letter(refuse, place, line, why, &err))
		return true;
	dq_warn("--dlq", "%s", err.text);
	*code = err.code ? err.code : DQ_EXIT_IO;
	return false;
}

bool
dq_refuse_sync(struct dq_refuse *refuse, struct dq_err *err)
{
	if (!refuse->unsynced)
		return true;
	refuse->unsynced = false;
	return dq_sink_sync(refuse->letters, err);
}

bool
dq_refuse_close(struct dq_refuse *refuse, struct dq_err *err)
{
	bool good = dq_refuse_sync(refuse, err);

	if (!dq_sink_close(refuse->letters, true, good ? err : NULL))
		good = false;
	refuse->letters = NULL;
	return good;
}
