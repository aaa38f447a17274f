/* dq-cat: any source to any sink. */
#include "base/mem.h"
#include "port/kafka.h"
#include "record/jq.h"
#include "run/cure.h"
#include "run/pseudonyms.h"
#include "run/tool.h"

#include <stdlib.h>

struct field {
	struct dq_slice name;
	struct dq_slice start;	  /* of its member: {"name": */
	struct yyjson_val *value; /* in the line at hand, or NULL */
	size_t position;	  /* of the member in the line */
};

struct cat {
	bool envelope, cured, follow;
	struct dq_cure cure;
	struct dq_pseudonyms pseudonyms;
	const char *where;
	const char *map;
	const char *fields;
	struct dq_jq *where_program;
	struct dq_jq *map_program;
	struct field *list; /* of --fields */
	size_t count;
};

static void
find_fields(struct cat *cat, const struct dq_record *record)
{
	struct dq_json_iter iter = dq_json_iter(record->root);

	for (size_t i = 0; i < cat->count; i++)
		cat->list[i].value = NULL;
	for (size_t at = 0; dq_json_next(&iter); at++)
		for (size_t i = 0; i < cat->count; i++)
			if (dq_slice_equal(iter.key, cat->list[i].name)) {
				cat->list[i].value = iter.value;
				cat->list[i].position = at;
			}
}

/* The value as it stands in the line. */
static struct dq_slice
bytes_of(const struct field *field, const struct dq_record *record)
{
	struct dq_slice bytes = dq_record_span(record, field->value);
	struct dq_raw_iter iter;

	if (bytes.len)
		return bytes;
	dq_raw_begin(&iter, record);
	for (size_t at = 0; dq_raw_next(&iter); at++)
		if (at == field->position)
			return iter.value;
	return bytes;
}

static void
put_fields(struct cat *cat, const struct dq_record *record, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	find_fields(cat, record);
	for (size_t i = 0; i < cat->count; i++) {
		const struct field *field = &cat->list[i];

		dq_buf_slice(buf, field->start);
		if (field->value)
			dq_buf_slice(buf, bytes_of(field, record));
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
	if (cat->pseudonyms.path) {
		dq_pseudonyms_record(&cat->pseudonyms, record, out);
		return true;
	}
	if (cat->cured)
		return dq_cure_letter(&cat->cure, record, out, err);
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

/* Held back are records whose pseudonyms are not on disk yet. */
static void
flush(void *state, struct dq_out *out)
{
	struct cat *cat = state;

	if (cat->pseudonyms.path)
		dq_pseudonyms_flush(&cat->pseudonyms, out);
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
add_field(struct cat *cat, struct dq_slice name)
{
	struct dq_buf start = {0};

	dq_buf_byte(&start, cat->count ? ',' : '{');
	dq_buf_json_text(&start, name);
	dq_buf_byte(&start, ':');
	cat->list =
	    dq_realloc_array(cat->list, cat->count + 1, sizeof(*cat->list));
	cat->list[cat->count++] =
	    (struct field){.name = name, .start = dq_buf_view(&start)};
}

static void
split_fields(struct cat *cat)
{
	const char *at = cat->fields;

	while (at) {
		size_t n = strcspn(at, ",");

		if (!n)
			dq_die(DQ_EXIT_USAGE, "--fields", "an empty name");
		add_field(cat, (struct dq_slice){at, n});
		at = at[n] ? at + n + 1 : NULL;
	}
}

static void
free_fields(struct cat *cat)
{
	for (size_t i = 0; i < cat->count; i++)
		free((char *)cat->list[i].start.data);
	free(cat->list);
}

static void
prepare(struct cat *cat, const struct dq_tool *tool)
{
	if (cat->envelope &&
	    (cat->where || cat->map || cat->fields || cat->cured))
		dq_die(DQ_EXIT_USAGE, "--envelope",
		    "goes without --where, --map, --fields and --cure");
	if (tool->common.pseudonym &&
	    (cat->envelope || cat->map || cat->fields || cat->cured))
		dq_die(DQ_EXIT_USAGE, "--pseudonym",
		    "goes without --envelope, --map, --fields and --cure");
	if (cat->follow && tool->common.kafka.exit_at_end)
		dq_die(DQ_EXIT_USAGE, "--follow", "goes without --exit-at-end");
	if (cat->cured && cat->fields)
		dq_die(DQ_EXIT_USAGE, "--cure", "goes without --fields");
	if (cat->map && cat->fields)
		dq_die(DQ_EXIT_USAGE, "--fields", "not together with --map");
	cat->where_program = compile("--where", cat->where);
	cat->map_program = compile("--map", cat->map);
	split_fields(cat);
	if (tool->common.pseudonym)
		dq_pseudonyms_open(&cat->pseudonyms, tool->common.pseudonym);
	if (cat->cured)
		dq_cure_init(&cat->cure, tool, cat->map_program);
}

static struct cat cat;

static struct dq_opt options[] = {
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
    {.name = "envelope",
	.type = DQ_OPT_FLAG,
	.value = &cat.envelope,
	.help = "of a topic: key, headers and offset too"},
    {.name = "follow",
	.type = DQ_OPT_FLAG,
	.value = &cat.follow,
	.help = "wait for more at the end of a file, too"},
    {.name = "cure",
	.type = DQ_OPT_FLAG,
	.value = &cat.cured,
	.help = "dead letters back into what they were"},
    {.name = NULL},
};

static struct dq_tool tool = {
    .name = "dq-cat",
    .usage = "[OPTIONS]",
    .summary = "Copies records from any source to any sink.",
    .options = options,
    .kafka = &dq_kafka,
    .pg = &dq_pg,
    .ingest = true,
    .reads = DQ_KIND_BIT(DQ_KIND_OTHER) - 1,
};

static struct dq_filter filter = {
    .state = &cat,
    .kinds = DQ_KIND_BIT(DQ_KINDS) - 1,
    .each = each,
    .flush = flush,
};

int
main(int argc, char **argv)
{
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-cat -h");
	tool.common.kafka.envelope = cat.envelope;
	tool.long_lines = cat.cured;
	tool.follow = cat.follow;
	prepare(&cat, &tool);
	code = dq_tool_run(&tool, &filter);
	dq_jq_free(cat.where_program);
	dq_jq_free(cat.map_program);
	dq_cure_release(&cat.cure);
	dq_pseudonyms_close(&cat.pseudonyms);
	free_fields(&cat);
	return code;
}
