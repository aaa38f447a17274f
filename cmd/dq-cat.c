/* dq-cat: any source to any sink. */
#include "record/jq.h"
#include "run/tool.h"

struct cat {
	const char *where;
	const char *map;
	struct dq_jq *where_program;
	struct dq_jq *map_program;
};

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct cat *cat = state;
	bool yes = true;
	struct dq_buf *buf;

	if (cat->where_program &&
	    !dq_jq_test(cat->where_program, record->line, &yes, err))
		return false;
	if (!yes)
		return true;
	if (!cat->map_program) {
		dq_out_pass(out, record);
		return true;
	}
	buf = dq_out_begin(out);
	if (!dq_jq_map(cat->map_program, record->line, buf, err)) {
		dq_out_cancel(out);
		return false;
	}
	if (buf->len == out->line_begin)
		return true;
	buf->len--; /* the last result's newline is the line's end */
	dq_out_end(out, record->customer_id);
	return true;
}

static struct dq_jq *
compile(const char *option, const char *text)
{
	struct dq_err err;
	struct dq_jq *jq = text ? dq_jq_new(text, &err) : NULL;

	if (text && !jq)
		dq_die(DQ_EXIT_USAGE, option, "%s", err.text);
	return jq;
}

int
main(int argc, char **argv)
{
	struct cat cat = {0};
	struct dq_opt options[] = {
	    {.name = "where",
		.argument = "JQ",
		.value = &cat.where,
		.help = "keep records for which this jq program is true"},
	    {.name = "map",
		.argument = "JQ",
		.value = &cat.map,
		.help = "write this jq program's results instead"},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-cat",
	    .usage = "[OPTIONS]",
	    .summary = "Copies records from any source to any sink.",
	    .options = options,
	    .reads = DQ_KIND_BIT(DQ_KIND_OTHER) - 1,
	};
	struct dq_filter filter = {
	    .state = &cat,
	    .kinds = DQ_KIND_BIT(DQ_KINDS) - 1,
	    .each = each,
	};
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-cat -h");
	cat.where_program = compile("--where", cat.where);
	cat.map_program = compile("--map", cat.map);
	code = dq_tool_run(&tool, &filter);
	dq_jq_free(cat.where_program);
	dq_jq_free(cat.map_program);
	return code;
}
