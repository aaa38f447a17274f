/* The JSON Schema of a kind, made from the tables of kind.c. */
#include "record/json.h"
#include "record/kind.h"

static void
put_choices(struct dq_buf *out, const char *choices)
{
	dq_buf_key(out, "enum");
	dq_buf_byte(out, '[');
	while (*choices) {
		size_t n = strcspn(choices, "|");

		dq_buf_comma(out);
		dq_buf_json_text(out, (struct dq_slice){choices, n});
		choices += n + (choices[n] == '|');
	}
	dq_buf_str(out, ",null]");
}

static const char *
schema_type(enum dq_field_type type)
{
	switch (type) {
	case DQ_TYPE_TEXT:
	case DQ_TYPE_TIME:
		return "[\"string\",\"null\"]";
	case DQ_TYPE_MONEY:
	case DQ_TYPE_AMOUNT:
		return "[\"number\",\"string\",\"null\"]";
	case DQ_TYPE_INT:
		return "[\"integer\",\"null\"]";
	case DQ_TYPE_REAL:
		return "[\"number\",\"null\"]";
	case DQ_TYPE_FLAG:
		return "[\"boolean\",\"null\"]";
	case DQ_TYPE_OBJECT:
		return "[\"object\",\"null\"]";
	case DQ_TYPE_ARRAY:
		return "[\"array\",\"null\"]";
	case DQ_TYPE_ANY:
		break;
	}
	return NULL;
}

static void
put_field(struct dq_buf *out, const struct dq_field_info *info)
{
	const char *type = schema_type(info->type);

	dq_buf_str(out, "\n    ");
	dq_buf_json_str(out, info->name);
	dq_buf_str(out, ": {");
	if (type)
		dq_buf_member_raw(out, "type", DQ_SLICE(type));
	if (info->type == DQ_TYPE_MONEY || info->type == DQ_TYPE_AMOUNT)
		dq_buf_member_str(out, "pattern",
		    info->type == DQ_TYPE_MONEY ? "^[+-]?[0-9]+([.][0-9]*)?$"
						: "^[0-9]+([.][0-9]*)?$");
	if (info->choices)
		put_choices(out, info->choices);
	dq_buf_member_str(out, "description", info->help);
	dq_buf_byte(out, '}');
}

static void
put_required(struct dq_buf *out, const struct dq_kind_info *kind)
{
	dq_buf_str(out, "[\"event_type\"");
	for (int i = 0; kind->fields[i] != DQ_FIELDS; i++)
		if (kind->required >> i & 1)
			dq_buf_printf(out, ",\"%s\"",
			    dq_field_info(kind->fields[i])->name);
	dq_buf_byte(out, ']');
}

void
dq_kind_schema(enum dq_kind which, struct dq_buf *out)
{
	const struct dq_kind_info *kind = dq_kind_info(which);

	dq_buf_printf(out,
	    "{\n  \"$schema\": "
	    "\"https://json-schema.org/draft/2020-12/schema\",\n"
	    "  \"title\": \"%s\",\n  \"description\": \"%s\",\n"
	    "  \"type\": \"object\",\n  \"required\": ",
	    kind->name, kind->help);
	put_required(out, kind);
	dq_buf_printf(out,
	    ",\n  \"properties\": {\n    \"event_type\": {\"const\":\"%s\"}",
	    kind->name);
	for (int i = 0; kind->fields[i] != DQ_FIELDS; i++) {
		dq_buf_byte(out, ',');
		put_field(out, dq_field_info(kind->fields[i]));
	}
	dq_buf_str(out, "\n  }\n}\n");
}
