/* dq-audit: decisions under seal, the seals held against them, and the same
 * decisions made again. */
#include "audit/again.h"
#include "audit/page.h"
#include "audit/sealer.h"
#include "audit/verify.h"
#include "base/mem.h"
#include "review/redecide.h"
#include "review/rows.h"
#include "run/endpoint.h"
#include "run/files.h"
#include "run/pseudonyms.h"
#include "run/scratch.h"
#include "run/tool.h"

#include <stdlib.h>

#define KEY_LIMIT (64u << 10)
#define HEADS_LIMIT (1u << 20)
#define HEADS_MAX 4096 /* chains */

static struct audit {
	const char *key_path, *head_path, *pseudonyms_path;
	const char *score, *intervene; /* commands */
	const char *id;
	int format;
	int64_t every;
	bool partial;
	struct dq_key *key;
	struct dq_sealer sealer;
	struct dq_verify *verify;
	bool table; /* the input is one */
	struct dq_rows rows;
	struct dq_redecide redecide;
	struct dq_scratch all; /* explain */
	int64_t findings;
} audit = {.every = 1000, .score = "dq-score", .intervene = "dq-intervene"};

static void
load_key(struct audit *a, bool private)
{
	struct dq_buf pem = {0};
	struct dq_err err;

	if (!a->key_path)
		return;
	dq_file_read(a->key_path, KEY_LIMIT, &pem);
	a->key = private ? dq_key_private(dq_buf_view(&pem), &err)
			 : dq_key_public(dq_buf_view(&pem), &err);
	explicit_bzero(pem.data, pem.len);
	dq_buf_release(&pem);
	if (!a->key)
		dq_die(DQ_EXIT_USAGE, a->key_path, "%s", err.text);
}

static bool
seal(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	return dq_sealer_record(
	    &((struct audit *)state)->sealer, record, out, err);
}

static void
seal_end(void *state, struct dq_out *out)
{
	dq_sealer_end(&((struct audit *)state)->sealer, out);
}

static size_t
rows(void *state)
{
	return ((struct audit *)state)->sealer.count;
}

static void
save(void *state, size_t row, struct dq_buf *key, struct dq_buf *value)
{
	dq_sealer_save(&((struct audit *)state)->sealer, row, key, value);
}

static bool
load(
    void *state, struct dq_slice key, struct dq_slice value, struct dq_err *err)
{
	(void)key;
	return dq_sealer_load(&((struct audit *)state)->sealer, value, err);
}

static bool
get(void *state, struct dq_slice key, struct dq_buf *value)
{
	return dq_sealer_get(&((struct audit *)state)->sealer, key, value);
}

static void
clear(void *state)
{
	dq_sealer_clear(&((struct audit *)state)->sealer);
}

/* To be kept where whoever can change the decisions cannot reach. */
static void
keep_heads(const struct audit *a)
{
	struct dq_buf text = {0};
	struct dq_err err;

	dq_sealer_heads(&a->sealer, &text);
	if (!dq_file_replace(a->head_path, dq_buf_view(&text), &err))
		dq_die(DQ_EXIT_IO, "--head", "%s", err.text);
	dq_buf_release(&text);
}

static enum dq_exit
run_seal(struct dq_tool *tool)
{
	struct dq_filter filter = {
	    .state = &audit,
	    .kinds = DQ_SEALED_KINDS,
	    .each = seal,
	    .end = seal_end,
	    .rows = rows,
	    .save = save,
	    .load = load,
	    .get = get,
	    .clear = clear,
	    .state_version = "audit 2",
	};
	enum dq_exit code;

	if (audit.every < 1)
		dq_die(DQ_EXIT_USAGE, "--every", "is not 1 or more");
	load_key(&audit, true);
	audit.sealer.key = audit.key;
	audit.sealer.every = audit.every;
	code = dq_tool_run(tool, &filter);
	if (code == DQ_EXIT_OK && audit.head_path)
		keep_heads(&audit);
	dq_sealer_release(&audit.sealer);
	return code;
}

/* A table has no order of its own: seals have. */
static bool
take_row(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	(void)out, (void)err;
	dq_rows_add(&((struct audit *)state)->rows, record);
	return true;
}

/* From a table: when all rows are there. */
static void
from_tables(const struct dq_tool *tool, struct dq_filter *filter)
{
	audit.table = dq_endpoint_tables(tool->common.from);
	if (!audit.table)
		return;
	dq_rows_open(&audit.rows);
	filter->each = take_row;
}

static void
verify_one(void *context, const struct dq_record *record, struct dq_out *out)
{
	dq_verify_record(((struct audit *)context)->verify, record, out);
}

static bool
verify(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	(void)err;
	verify_one(state, record, out);
	return true;
}

/* The heads that were kept; the number of them. */
static size_t
read_heads(const char *path, struct dq_head *heads)
{
	struct dq_buf bytes = {0};
	size_t count = 0;

	dq_file_read(path, HEADS_LIMIT, &bytes);
	for (size_t at = 0; at < bytes.len; count++) {
		char *end = memchr(bytes.data + at, '\n', bytes.len - at);
		size_t n = (end ? (size_t)(end - bytes.data) : bytes.len) - at;

		if (count == HEADS_MAX ||
		    !dq_head_read(
			(struct dq_slice){bytes.data + at, n}, &heads[count]))
			dq_die(DQ_EXIT_USAGE, path,
			    "line %zu is no head as dq-audit seal --head "
			    "keeps it",
			    count + 1);
		at += n + 1;
	}
	dq_buf_release(&bytes);
	return count;
}

static void
verify_end(void *state, struct dq_out *out)
{
	struct audit *a = state;
	struct dq_head *heads = dq_calloc(HEADS_MAX, sizeof(*heads));
	size_t count = a->head_path ? read_heads(a->head_path, heads) : 0;

	if (a->table)
		dq_rows_give(&a->rows, verify_one, a, out);
	dq_verify_end(a->verify, heads, count, out);
	a->findings = dq_verify_findings(a->verify);
	free(heads);
}

static enum dq_exit
run_verify(struct dq_tool *tool)
{
	struct dq_filter filter = {
	    .state = &audit,
	    .kinds = DQ_SEALED_KINDS | DQ_KIND_BIT(DQ_KIND_OTHER),
	    .absorbs = true,
	    .each = verify,
	    .end = verify_end,
	};
	enum dq_exit code;

	load_key(&audit, false);
	audit.verify = dq_verify_new(audit.key, audit.partial);
	from_tables(tool, &filter);
	code = dq_tool_run(tool, &filter);
	dq_verify_free(audit.verify);
	return code;
}

static void
again_one(void *context, const struct dq_record *record, struct dq_out *out)
{
	(void)out;
	dq_redecide_record(&((struct audit *)context)->redecide, record);
}

static bool
take_again(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	(void)err;
	again_one(state, record, out);
	return true;
}

static void
redecide_end(void *state, struct dq_out *out)
{
	struct audit *a = state;

	if (a->table)
		dq_rows_give(&a->rows, again_one, a, out);
	dq_redecide_end(&a->redecide, out);
	a->findings = a->redecide.findings;
}

static enum dq_exit
run_redecide(struct dq_tool *tool)
{
	struct dq_filter filter = {
	    .state = &audit,
	    .kinds = DQ_SEALED_KINDS | DQ_KIND_BIT(DQ_KIND_TICK),
	    .absorbs = true,
	    .each = take_again,
	    .end = redecide_end,
	};

	dq_redecide_open(&audit.redecide, audit.score, audit.intervene);
	from_tables(tool, &filter);
	return dq_tool_run(tool, &filter);
}

static bool
take_any(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct dq_scratch *all = &((struct audit *)state)->all;

	(void)out, (void)err;
	dq_buf_unsealed(&all->buf, record->line);
	dq_scratch_line(all);
	return true;
}

static void
explain_end(void *state, struct dq_out *out)
{
	struct audit *a = state;
	struct dq_slice lines = dq_scratch_map(&a->all);

	if (!dq_buf_page(dq_out_begin(out), lines, a->id, a->format == 1))
		dq_die(DQ_EXIT_NO, a->id,
		    "no prediction or intervention of that id is here");
	out->buf.len--; /* dq_out_end brings the last newline */
	dq_out_end(out, (struct dq_slice){"", 0});
}

static enum dq_exit
run_explain(struct dq_tool *tool)
{
	struct dq_filter filter = {
	    .state = &audit,
	    .kinds = DQ_DECIDED_KINDS,
	    .absorbs = true,
	    .each = take_any,
	    .end = explain_end,
	};

	dq_scratch_open(&audit.all);
	return dq_tool_run(tool, &filter);
}

/* The person's name goes; what was decided about the pseudonym stays, and its
 * chain holds. */
static enum dq_exit
run_forget(struct dq_tool *tool)
{
	struct dq_pseudonyms pseudonyms;
	char name[DQ_PSEUDONYM + 1];
	struct dq_buf text = {0};
	bool found;

	(void)tool;
	if (!audit.pseudonyms_path)
		dq_die(DQ_EXIT_USAGE, "--pseudonym",
		    "missing: names the file that dq-cat and others keep");
	dq_pseudonyms_open(&pseudonyms, audit.pseudonyms_path);
	found = dq_pseudonyms_forget(&pseudonyms, DQ_SLICE(audit.id), name);
	dq_pseudonyms_close(&pseudonyms);
	if (!found)
		dq_die(DQ_EXIT_NO, audit.pseudonyms_path,
		    "knows no such customer: nothing to forget");
	dq_buf_str(&text, "{\"event_type\":\"forgotten\"");
	dq_buf_member_str(&text, "pseudonym", name);
	dq_buf_str(&text, "}\n");
	dq_tool_print(&text);
}

static const struct verb {
	const char *name;
	enum dq_exit (*run)(struct dq_tool *tool);
	bool stateful;
	int arguments;	/* behind the verb */
	const char *no; /* what a finding means */
} verbs[] = {
    {"seal", run_seal, true, 0, ""},
    {"verify", run_verify, false, 0, "they are not as they were sealed"},
    {"redecide", run_redecide, false, 0, "they would not be decided so again"},
    {"explain", run_explain, false, 1, ""},
    {"forget", run_forget, false, 1, ""},
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static enum dq_exit
run(const struct verb *verb, struct dq_tool *tool)
{
	enum dq_exit code;

	if (tool->common.state && !verb->stateful)
		dq_die(DQ_EXIT_USAGE, "--state", "is for seal only");
	code = verb->run(tool);
	if (code != DQ_EXIT_OK || !audit.findings)
		return code;
	dq_warn(verb->name, "%s (findings: %lld)", verb->no,
	    (long long)audit.findings);
	return DQ_EXIT_NO;
}

static const struct verb *
find_verb(int arguments, char **argv)
{
	for (size_t i = 0; arguments && i < VERBS; i++) {
		int more = arguments - 1 - verbs[i].arguments;

		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if (more < 0)
			dq_die(DQ_EXIT_USAGE, argv[1],
			    "needs an id, of a decision or of a customer");
		if (more > 0)
			dq_die(DQ_EXIT_USAGE, argv[arguments],
			    "unexpected; input is named with --from");
		return &verbs[i];
	}
	dq_die(DQ_EXIT_USAGE, arguments ? argv[1] : NULL,
	    "say what to do: seal, verify, redecide, explain or forget");
}

int
main(int argc, char **argv)
{
	struct dq_opt options[] = {
	    {0, "key", "FILE", DQ_OPT_TEXT, &audit.key_path,
		.help = "Ed25519 key in PEM: private to seal, else public"},
	    {0, "head", "FILE", DQ_OPT_TEXT, &audit.head_path,
		.help = "keep the chains' heads there, or compare them"},
	    {0, "every", "N", DQ_OPT_INT, &audit.every,
		.help = "seal: a head after each N records (1000)"},
	    {0, "partial", NULL, DQ_OPT_FLAG, &audit.partial,
		.help = "verify: the chains begin before this input"},
	    {0, "score", "COMMAND", DQ_OPT_TEXT, &audit.score,
		.help = "redecide: what scores (dq-score)"},
	    {0, "intervene", "COMMAND", DQ_OPT_TEXT, &audit.intervene,
		.help = "redecide: what decides (dq-intervene)"},
	    {0, "pseudonym", "FILE", DQ_OPT_TEXT, &audit.pseudonyms_path,
		.help = "forget: who is who, as dq-cat and others keep it"},
	    {0, "format", "FORMAT", DQ_OPT_CHOICE, &audit.format,
		.choices = "text|html",
		.help = "explain: the page as text or as html (text)"},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-audit",
	    .usage = "seal|verify|redecide|explain ID|forget ID [OPTIONS]",
	    .summary = "Seals decisions, verifies them, makes them again.",
	    .options = options,
	    .reads = DQ_SEALED_KINDS,
	    .writes = DQ_SEALED_KINDS,
	    .stateful = true,
	    .kafka = &dq_kafka,
	    .pg = &dq_pg,
	};
	const struct verb *verb;
	enum dq_exit code;

	verb = find_verb(dq_tool_start(&tool, argc, argv), argv);
	audit.id = verb->arguments ? argv[2] : "";
	code = run(verb, &tool);
	dq_key_free(audit.key);
	return code;
}
