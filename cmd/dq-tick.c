/* dq-tick: event time has come this far, for cron or a timer. */
#include "base/time.h"
#include "run/tool.h"

int
main(int argc, char **argv)
{
	int64_t at = DQ_TIME_NONE;
	struct dq_opt options[] = {
	    {.name = "at",
		.argument = "TIME",
		.type = DQ_OPT_TIME,
		.value = &at,
		.help = "the time to tell (now)"},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-tick",
	    .usage = "[OPTIONS]",
	    .summary = "Writes one tick, into each partition of a topic.",
	    .options = options,
	    .writes = DQ_KIND_BIT(DQ_KIND_TICK),
	    .source = true,
	    .kafka = &dq_kafka,
	};
	struct dq_out *out;
	struct dq_buf *buf;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-tick -h");
	out = dq_tool_open_out(&tool);
	buf = dq_out_begin(out);
	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "tick");
	dq_buf_member_time(
	    buf, "event_time", at == DQ_TIME_NONE ? dq_clock_wall() : at);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
	dq_tool_emitted(&tool, true);
	return (int)dq_tool_close_out(&tool);
}
