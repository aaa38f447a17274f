/* dq-cat: any source to any sink. */
#include "base/mem.h"
#include "record/jq.h"
#include "run/tool.h"

#include <stdlib.h>

struct field {
	struct dq_slice name;
	struct dq_slice value; /* in the line at hand; empty: not there */
};

struct cat {
	const char *where;
	const char *map;
	const char *fields;
	struct dq_jq *where_program;
	struct dq_jq *map_program;
	struct field *list; /* of --fields */
	size_t count;
};

/* The line's own bytes of each wanted value. Keys are compared unescaped, so
 * the parsed members and the bytes are walked side by side. */
static void
find_fields(struct cat *cat, const struct dq_record *record)
{
	struct dq_json_iter parsed = dq_json_iter(record->root);
	struct dq_raw_iter raw;

	for (size_t i = 0; i < cat->count; i++)
		cat->list[i].value.len = 0;
	dq_raw_begin(&raw, record->line);
	while (dq_json_next(&parsed) && dq_raw_next(&raw))
		for (size_t i = 0; i < cat->count; i++)
			if (dq_slice_equal(parsed.key, cat->list[i].name))
				cat->list[i].value = raw.value;
}

static void
put_fields(struct cat *cat, const struct dq_record *record, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	find_fields(cat, record);
	for (size_t i = 0; i < cat->count; i++) {
		const struct field *field = &cat->list[i];

		dq_buf_byte(buf, i ? ',' : '{');
		dq_buf_json_text(buf, field->name);
		dq_buf_byte(buf, ':');
		if (field->value.len)
			dq_buf_slice(buf, field->value);
		else
			dq_buf_add(buf, "null", 4);
	}
	dq_buf_byte(buf, '}');
	dq_out_end(out, record->customer_id);
}

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
	if (cat->list) {
		put_fields(cat, record, out);
		return true;
	}
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

static void
split_fields(struct cat *cat)
{
	const char *at = cat->fields;

	while (at && *at) {
		size_t n = strcspn(at, ",");

		if (!n)
			break;
		cat->list = dq_realloc_array(
		    cat->list, cat->count + 1, sizeof(*cat->list));
		cat->list[cat->count++] =
		    (struct field){.name = {.data = at, .len = n}};
		at += n + (at[n] == ',');
	}
	if (at && (*at || !cat->count))
		dq_die(DQ_EXIT_USAGE, "--fields", "an empty name");
}

static void
prepare(struct cat *cat)
{
	if (cat->map && cat->fields)
		dq_die(DQ_EXIT_USAGE, "--fields", "not together with --map");
	cat->where_program = compile("--where", cat->where);
	cat->map_program = compile("--map", cat->map);
	split_fields(cat);
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
	    {.name = "fields",
		.argument = "NAMES",
		.value = &cat.fields,
		.help = "write just these fields, as name,name,..."},
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
	prepare(&cat);
	code = dq_tool_run(&tool, &filter);
	dq_jq_free(cat.where_program);
	dq_jq_free(cat.map_program);
	free(cat.list);
	return code;
}
