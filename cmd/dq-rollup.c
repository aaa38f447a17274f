/* dq-rollup: what was predicted, decided and achieved, in figures a window. */
#include "base/num.h"
#include "base/time.h"
#include "rollup/rollup.h"
#include "run/tool.h"

struct tool {
	struct dq_rollup_options options;
	bool pass;
	struct dq_rollup *rollup;
	struct dq_buf state_version;
};

static bool
each(void *context, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct tool *t = context;

	if (t->pass)
		dq_out_pass(out, record);
	return dq_rollup_record(t->rollup, record, out, err);
}

static void
tick(void *context, int64_t time, int32_t partition, struct dq_out *out)
{
	dq_rollup_tick(((struct tool *)context)->rollup, time, partition, out);
}

static void
end(void *context, struct dq_out *out)
{
	dq_rollup_end(((struct tool *)context)->rollup, out);
}

static size_t
rows(void *context)
{
	return dq_rollup_rows(((struct tool *)context)->rollup);
}

static void
save(void *context, size_t row, struct dq_buf *key, struct dq_buf *value)
{
	dq_rollup_save(((struct tool *)context)->rollup, row, key, value);
}

static bool
load(void *context, struct dq_slice key, struct dq_slice value,
    struct dq_err *err)
{
	return dq_rollup_load(
	    ((struct tool *)context)->rollup, key, value, err);
}

static bool
get(void *context, struct dq_slice key, struct dq_buf *value)
{
	return dq_rollup_get(((struct tool *)context)->rollup, key, value);
}

static struct dq_filter filter;

static void
clear(void *context)
{
	struct tool *t = context;

	dq_rollup_free(t->rollup);
	t->rollup = dq_rollup_new(&t->options);
	dq_rollup_watch(t->rollup, filter.changed, filter.changed_context);
}

static struct tool self = {
    .options = {.window = DQ_HOUR, .lateness = DQ_DAY, .top = 10},
};

static struct dq_opt options[] = {
    {.name = "window",
	.argument = "TIME",
	.type = DQ_OPT_DURATION,
	.value = &self.options.window,
	.help = "event time that one record sums up (1h)"},
    {.name = "lateness",
	.argument = "TIME",
	.type = DQ_OPT_DURATION,
	.value = &self.options.lateness,
	.help = "how long after its end a window is corrected (1d)"},
    {.name = "every",
	.argument = "TIME",
	.type = DQ_OPT_DURATION,
	.value = &self.options.every,
	.help = "write windows that changed that often (--window)"},
    {.name = "top",
	.argument = "N",
	.type = DQ_OPT_INT,
	.value = &self.options.top,
	.help = "reasons named in a record (10)"},
    {.name = "pass",
	.type = DQ_OPT_FLAG,
	.value = &self.pass,
	.help = "pass on what is read too, before what comes of it"},
    {.name = NULL},
};

static struct dq_tool tool = {
    .name = "dq-rollup",
    .usage = "[OPTIONS]",
    .summary = "Sums up predictions, decisions and outcomes by windows of "
	       "event time.",
    .options = options,
    .reads = DQ_ROLLUP_KINDS | DQ_KIND_BIT(DQ_KIND_TICK),
    .writes = DQ_KIND_BIT(DQ_KIND_DASHBOARD),
    .stateful = true,
    .kafka = &dq_kafka,
    .group = "dashboard-service-group",
};

static struct dq_filter filter = {
    .state = &self,
    .kinds = DQ_ROLLUP_KINDS,
    .each = each,
    .tick = tick,
    .end = end,
    .rows = rows,
    .save = save,
    .load = load,
    .clear = clear,
    .get = get,
};

static void
set_up(struct tool *t)
{
	struct dq_rollup_options *o = &t->options;

	if (o->window < DQ_SECOND)
		dq_die(DQ_EXIT_USAGE, "--window", "is not 1s or more");
	if (o->lateness < 0 || o->lateness / o->window >= DQ_WINDOWS_MAX)
		dq_die(DQ_EXIT_USAGE, "--lateness",
		    "keeps %d windows open or more: shorten it, or lengthen "
		    "--window",
		    DQ_WINDOWS_MAX);
	if (!o->every)
		o->every = o->window;
	if (o->every < DQ_SECOND)
		dq_die(DQ_EXIT_USAGE, "--every", "is not 1s or more");
	if (o->top < 0)
		dq_die(DQ_EXIT_USAGE, "--top", "is below 0");
	dq_buf_str(&t->state_version, "rollup 1, window ");
	dq_buf_int(&t->state_version, o->window);
	dq_buf_str(&t->state_version, " us");
	clear(t);
}

int
main(int argc, char **argv)
{
	enum dq_exit code;
	int64_t late;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1],
		    "not an option; input is named with --from");
	set_up(&self);
	filter.state_version = dq_buf_text(&self.state_version);
	code = dq_tool_run(&tool, &filter);
	late = dq_rollup_late(self.rollup);
	if (late)
		dq_warn("left out",
		    "%lld records so far whose windows were final: --lateness "
		    "would have to be longer",
		    (long long)late);
	dq_rollup_free(self.rollup);
	dq_buf_release(&self.state_version);
	return (int)code;
}
