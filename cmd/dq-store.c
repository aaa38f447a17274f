/* dq-store: the tables of the pipeline in PostgreSQL, made, checked, filled,
 * read and pruned. */
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "port/pg_csv.h"
#include "port/pg_schema.h"
#include "run/files.h"
#include "run/pseudonyms.h"
#include "run/tool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define MIGRATIONS_MAX 999

struct store {
	struct dq_tool *tool;
	int64_t keep, before;
	bool dry;
	char *tables; /* "a,b" */
	struct dq_pg_migration *list;
	size_t count;
	struct dq_pseudonyms pseudonyms;
	struct dq_buf out;
	int64_t findings;
};

static void
must(bool good, const struct dq_err *err)
{
	if (!good)
		dq_die(err->code ? err->code : DQ_EXIT_RETRY, NULL, "%s",
		    err->text);
}

static void
say(void *context, const char *what, const char *is)
{
	struct store *store = context;

	store->findings++;
	dq_buf_byte(&store->out, '{');
	dq_buf_member_str(&store->out, "what", what);
	dq_buf_member_str(&store->out, "is", is);
	dq_buf_str(&store->out, "}\n");
}

/* "12-name.sql"; 0 for any other name. */
static int64_t
version_of(const char *name)
{
	size_t digits = strspn(name, "0123456789"), len = strlen(name);
	int64_t version = 0;

	if (name[digits] != '-' || len < 4 || strcmp(name + len - 4, ".sql"))
		return 0;
	dq_num_int((struct dq_slice){name, digits}, &version);
	return version;
}

static void
add_migration(struct store *store, const char *dir, const char *name)
{
	int64_t version = version_of(name);
	struct dq_buf path = {0}, text = {0};

	if (!version)
		return;
	if (version > MIGRATIONS_MAX || store->list[version - 1].name)
		dq_die(DQ_EXIT_USAGE, name, "a number too many");
	dq_buf_printf(&path, "%s/%s", dir, name);
	dq_file_read(dq_buf_text(&path), 1 << 20, &text);
	store->list[version - 1] = (struct dq_pg_migration){
	    version, dq_strdup(name), dq_buf_view(&text)};
	if ((size_t)version > store->count)
		store->count = (size_t)version;
	dq_buf_release(&path);
}

static void
read_migrations(struct store *store)
{
	char *dir = dq_file_share("sql");
	DIR *open = opendir(dir);
	struct dirent *entry;

	if (!open)
		dq_die(DQ_EXIT_USAGE, dir, "cannot read: %m");
	store->list = dq_calloc(MIGRATIONS_MAX, sizeof(*store->list));
	while ((entry = readdir(open)))
		add_migration(store, dir, entry->d_name);
	closedir(open);
	for (size_t i = 0; i < store->count; i++)
		if (!store->list[i].name)
			dq_die(
			    DQ_EXIT_USAGE, dir, "number %zu is missing", i + 1);
	free(dir);
}

static void
free_migrations(struct store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		free((char *)(uintptr_t)store->list[i].name);
		free((char *)(uintptr_t)store->list[i].sql.data);
	}
	free(store->list);
}

static enum dq_exit
schema(struct store *store, bool init)
{
	const struct dq_pg_finding finding = {say, store};
	struct dq_pg_client client;
	struct dq_err err;

	read_migrations(store);
	dq_pg_client_init(&client, &store->tool->common.pg);
	must(dq_pg_connect(&client, &err), &err);
	must((init ? dq_pg_schema_init : dq_pg_schema_check)(
		 &client, store->list, store->count, &finding, &err),
	    &err);
	dq_pg_client_close(&client);
	free_migrations(store);
	return !init && store->findings ? DQ_EXIT_NO : DQ_EXIT_OK;
}

static enum dq_exit
prune(struct store *store, int count, char **tables)
{
	static char first[] = "transactions", second[] = "risk_scores";
	char *both[] = {first, second};
	const struct dq_pg_finding finding = {say, store};
	struct dq_pg_client client;
	struct dq_err err;

	if ((store->keep > 0) == (store->before != DQ_TIME_NONE))
		dq_die(DQ_EXIT_USAGE, "prune",
		    "wants --keep TIME or --before TIME");
	if (store->keep > 0)
		store->before = dq_clock_wall() - store->keep;
	if (!count) {
		tables = both;
		count = 2;
	}
	for (int i = 0; i < count; i++)
		if (strcmp(tables[i], first) && strcmp(tables[i], second))
			dq_die(DQ_EXIT_USAGE, tables[i],
			    "has no months to drop; transactions and "
			    "risk_scores have");
	dq_pg_client_init(&client, &store->tool->common.pg);
	must(dq_pg_connect(&client, &err), &err);
	for (int i = 0; i < count; i++)
		must(dq_pg_schema_prune(&client, tables[i], store->before,
			 store->dry, &finding, &err),
		    &err);
	dq_pg_client_close(&client);
	return DQ_EXIT_OK;
}

static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct store *store = state;

	(void)err;
	if (store->pseudonyms.path)
		dq_pseudonyms_record(&store->pseudonyms, record, out);
	else
		dq_out_pass(out, record);
	return true;
}

static void
flush(void *state, struct dq_out *out)
{
	struct store *store = state;

	if (store->pseudonyms.path)
		dq_pseudonyms_flush(&store->pseudonyms, out);
}

static struct dq_source *
wrap(void *context, struct dq_source *source)
{
	return dq_pg_csv(source, context);
}

/* Both are a copy from a source to a sink, as dq-cat makes. */
static enum dq_exit
copy(struct store *store, bool load, int count, char **tables)
{
	struct dq_filter filter = {.state = store,
	    .kinds = DQ_KIND_BIT(DQ_KINDS) - 1,
	    .each = each,
	    .flush = flush};
	struct dq_common *c = &store->tool->common;
	struct dq_buf spec = {0};
	enum dq_exit code;

	if (!count)
		dq_die(DQ_EXIT_USAGE, NULL, "name the tables, or say all");
	if (strcmp(load ? c->to : c->from, "-") != 0)
		dq_die(DQ_EXIT_USAGE, load ? "--to" : "--from",
		    "is the database here");
	dq_buf_str(&spec, "pg:");
	for (int i = 0; i < count; i++)
		dq_buf_printf(&spec, "%s%s", i ? "," : "", tables[i]);
	dq_buf_text(&spec);
	*(load ? &c->to : &c->from) = spec.data;
	if (load) {
		store->tool->wrap = wrap;
		store->tool->wrap_context = spec.data + 3;
		if (c->pseudonym)
			dq_pseudonyms_open(&store->pseudonyms, c->pseudonym);
	}
	code = dq_tool_run(store->tool, &filter);
	dq_pseudonyms_close(&store->pseudonyms);
	dq_buf_release(&spec);
	return code;
}

static enum dq_exit
run(struct store *store, const char *verb, int count, char **tables)
{
	if (store->tool->common.pseudonym && strcmp(verb, "load"))
		dq_die(DQ_EXIT_USAGE, "--pseudonym", "is for load only");
	if (!strcmp(verb, "init") || !strcmp(verb, "check")) {
		if (count)
			dq_die(DQ_EXIT_USAGE, tables[0], "not wanted here");
		return schema(store, !strcmp(verb, "init"));
	}
	if (!strcmp(verb, "load") || !strcmp(verb, "export"))
		return copy(store, !strcmp(verb, "load"), count, tables);
	if (!strcmp(verb, "prune"))
		return prune(store, count, tables);
	dq_die(DQ_EXIT_USAGE, verb, "not init, check, load, export or prune");
}

int
main(int argc, char **argv)
{
	struct store store = {.before = DQ_TIME_NONE};
	struct dq_opt options[] = {
	    {0, "keep", "TIME", DQ_OPT_DURATION, &store.keep, NULL,
		"prune: months that ended longer ago, such as 365d", NULL,
		false},
	    {0, "before", "TIME", DQ_OPT_TIME, &store.before, NULL,
		"prune: months that ended before", NULL, false},
	    {0, "dry-run", NULL, DQ_OPT_FLAG, &store.dry, NULL,
		"prune: only say what would be dropped", NULL, false},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-store",
	    .usage = "[OPTIONS] VERB [TABLE...]",
	    .summary = "The tables: init, check, load, export or prune.",
	    .options = options,
	    .pg = &dq_pg,
	    .ingest = true,
	    .reads = DQ_KIND_BIT(DQ_KIND_OTHER) - 1,
	};
	int count = dq_tool_start(&tool, argc, argv);
	enum dq_exit code;

	if (count < 1)
		dq_die(DQ_EXIT_USAGE, NULL, "which verb? See dq-store -h");
	store.tool = &tool;
	code = run(&store, argv[1], count - 1, argv + 2);
	if ((store.out.len &&
		fwrite(store.out.data, store.out.len, 1, stdout) != 1) ||
	    fflush(stdout) != 0)
		dq_die(DQ_EXIT_IO, "stdout", "cannot write: %m");
	dq_buf_release(&store.out);
	return code;
}
