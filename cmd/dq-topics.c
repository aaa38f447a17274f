/* dq-topics: the topics of the pipeline, made, shown and held against their
 * table. */
#include "base/num.h"
#include "port/kafka_admin.h"
#include "port/topics.h"
#include "run/files.h"
#include "run/tool.h"

#include <stdio.h>

struct topics {
	const char *table_path;
	bool text, dry;
	int64_t replicas;
	/* arguments behind the verb; none: all of the table */
	char **names;
	int name_count;
	const struct dq_topic *table;
	struct dq_kafka_admin *admin;
	struct dq_kafka_topic *there;
	size_t there_count;
	struct dq_buf out;
	int64_t differences;
};

static void
must(bool good, const struct dq_err *err)
{
	if (!good)
		dq_die(err->code ? err->code : DQ_EXIT_RETRY, NULL, "%s",
		    err->text);
}

static bool
is_wanted(const struct topics *t, const char *name)
{
	bool wanted = t->name_count == 0;

	for (int i = 0; i < t->name_count; i++)
		wanted = wanted || !strcmp(t->names[i], name);
	return wanted;
}

static const struct dq_kafka_topic *
there(const struct topics *t, const char *name)
{
	for (size_t i = 0; i < t->there_count; i++)
		if (!strcmp(t->there[i].name, name))
			return &t->there[i];
	return NULL;
}

/* One line about a topic: what is so, what ought to be. */
static void
say(struct topics *t, const char *topic, const char *what, const char *have,
    const char *want)
{
	t->differences++;
	if (t->text) {
		dq_buf_printf(&t->out, "%-22s %-22s %s%s%s\n", topic, what,
		    have, *want ? " -> " : "", want);
		return;
	}
	dq_buf_byte(&t->out, '{');
	dq_buf_member_str(&t->out, "topic", topic);
	dq_buf_member_str(&t->out, "what", what);
	dq_buf_member_str(&t->out, "have", have);
	if (*want)
		dq_buf_member_str(&t->out, "want", want);
	dq_buf_str(&t->out, "}\n");
}

/* Creates what is missing; with `change`, mends the rest; else only says. */
static void
compare(struct topics *t, const struct dq_topic *row, bool create, bool change)
{
	struct dq_topic_setting settings[DQ_TOPIC_SETTINGS];
	struct dq_kafka_config wanted[DQ_TOPIC_SETTINGS];
	size_t n = dq_topic_settings(row, settings), wrong = 0;
	const struct dq_kafka_topic *now = there(t, row->name);
	struct dq_err err;
	char have[16], want[16];

	for (size_t i = 0; i < n; i++)
		wanted[i] = (struct dq_kafka_config){
		    (char *)(uintptr_t)settings[i].name, settings[i].value,
		    true};
	if (!now) {
		struct dq_kafka_topic made = {(char *)(uintptr_t)row->name,
		    row->partitions, (int32_t)t->replicas, wanted, n};

		say(t, row->name, "topic", "missing", create ? "created" : "");
		must(!create ||
			 dq_kafka_admin_create(t->admin, &made, t->dry, &err),
		    &err);
		return;
	}
	snprintf(have, sizeof(have), "%d", now->partitions);
	snprintf(want, sizeof(want), "%d", row->partitions);
	if (now->partitions != row->partitions)
		say(t, row->name, "partitions", have, want);
	if (now->partitions > row->partitions && change)
		dq_die(DQ_EXIT_NO, row->name,
		    "partitions cannot be taken away: %s to %s", have, want);
	if (now->partitions < row->partitions && change)
		must(dq_kafka_admin_grow(
			 t->admin, row->name, row->partitions, t->dry, &err),
		    &err);
	for (size_t i = 0; i < n; i++) {
		const char *value =
		    dq_kafka_topic_config(now, settings[i].name);

		if (value && !strcmp(value, settings[i].value))
			continue;
		say(t, row->name, settings[i].name, value ? value : "",
		    settings[i].value);
		wrong++;
	}
	if (wrong && change)
		must(dq_kafka_admin_set(t->admin, now, wanted, n, t->dry, &err),
		    &err);
}

static void
compare_all(struct topics *t, bool create, bool change)
{
	for (const struct dq_topic *row = t->table; row->name; row++)
		if (is_wanted(t, row->name))
			compare(t, row, create, change);
}

static void
show(struct topics *t, const struct dq_kafka_topic *topic, bool all)
{
	if (t->text) {
		dq_buf_printf(&t->out,
		    "%-24s %3d partitions %2d replicas  %s\n", topic->name,
		    topic->partitions, topic->replicas,
		    dq_kafka_topic_config(topic, "cleanup.policy"));
	} else {
		dq_buf_byte(&t->out, '{');
		dq_buf_member_str(&t->out, "topic", topic->name);
		dq_buf_member_int(&t->out, "partitions", topic->partitions);
		dq_buf_member_int(&t->out, "replicas", topic->replicas);
	}
	for (size_t i = 0; all && i < topic->config_count; i++) {
		const struct dq_kafka_config *c = &topic->configs[i];

		if (t->text)
			dq_buf_printf(&t->out, "    %s=%s%s\n", c->name,
			    c->value, c->own ? "" : "  (default)");
		else
			dq_buf_member_str(&t->out, c->name, c->value);
	}
	if (!t->text)
		dq_buf_str(&t->out, "}\n");
}

static void
show_all(struct topics *t, bool all)
{
	for (size_t i = 0; i < t->there_count; i++)
		if (is_wanted(t, t->there[i].name))
			show(t, &t->there[i], all);
	for (int i = 0; i < t->name_count; i++)
		if (!there(t, t->names[i]))
			dq_die(DQ_EXIT_NO, t->names[i], "no such topic");
}

static void
delete_named(struct topics *t)
{
	struct dq_err err;

	if (!t->name_count)
		dq_die(DQ_EXIT_USAGE, "delete", "name the topics");
	for (int i = 0; i < t->name_count; i++) {
		if (!there(t, t->names[i]))
			continue;
		say(t, t->names[i], "topic", "there", "deleted");
		must(t->dry ||
			 dq_kafka_admin_delete(t->admin, t->names[i], &err),
		    &err);
	}
}

static void
run(struct topics *t, const char *verb)
{
	if (!strcmp(verb, "create"))
		compare_all(t, true, false);
	else if (!strcmp(verb, "apply"))
		compare_all(t, true, true);
	else if (!strcmp(verb, "check") || !strcmp(verb, "diff"))
		compare_all(t, false, false);
	else if (!strcmp(verb, "list") || !strcmp(verb, "describe"))
		show_all(t, !strcmp(verb, "describe"));
	else if (!strcmp(verb, "delete"))
		delete_named(t);
	else
		dq_die(DQ_EXIT_USAGE, verb,
		    "not create, list, describe, check, diff, apply or delete");
}

static void
set_up(struct topics *t, const struct dq_tool *tool)
{
	struct dq_buf text = {0};
	struct dq_err err;

	t->table = dq_topics();
	if (t->table_path) {
		dq_file_read(t->table_path, 1 << 20, &text);
		t->table = dq_topics_read(dq_buf_view(&text), &err);
		if (!t->table)
			dq_die(DQ_EXIT_USAGE, t->table_path, "%s", err.text);
	}
	t->admin = dq_kafka_admin_open(&tool->common.kafka, &err);
	must(t->admin != NULL, &err);
	must(dq_kafka_admin_topics(t->admin, &t->there, &t->there_count, &err),
	    &err);
	dq_buf_release(&text);
}

int
main(int argc, char **argv)
{
	static struct topics t = {.replicas = -1};
	struct dq_opt options[] = {
	    {0, "table", "FILE", DQ_OPT_TEXT, &t.table_path, NULL,
		"topics to make and check (the built-in table)", NULL, false},
	    {0, "replicas", "N", DQ_OPT_INT, &t.replicas, NULL,
		"copies of what is created (the broker's default)", NULL,
		false},
	    {0, "dry-run", NULL, DQ_OPT_FLAG, &t.dry, NULL,
		"only say what would be done", NULL, false},
	    {0, "text", NULL, DQ_OPT_FLAG, &t.text, NULL,
		"columns for a person, not JSON", NULL, false},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-topics",
	    .usage = "[OPTIONS] VERB [TOPIC...]",
	    .summary = "Creates, lists, describes, checks, diffs, applies or "
		       "deletes topics.",
	    .options = options,
	    .admin = true,
	    .kafka = &dq_kafka,
	};
	int count = dq_tool_start(&tool, argc, argv);

	if (count < 1)
		dq_die(DQ_EXIT_USAGE, NULL, "which verb? See dq-topics -h");
	t.names = argv + 2;
	t.name_count = count - 1;
	set_up(&t, &tool);
	run(&t, argv[1]);
	dq_kafka_admin_topics_free(t.there, t.there_count);
	dq_kafka_admin_close(t.admin);
	if ((t.out.len &&
		fwrite(t.out.data, 1, t.out.len, stdout) < t.out.len) ||
	    fflush(stdout) != 0)
		dq_die(DQ_EXIT_IO, "stdout", "cannot write: %m");
	dq_buf_release(&t.out);
	return !strcmp(argv[1], "check") && t.differences ? DQ_EXIT_NO
							  : DQ_EXIT_OK;
}
