/* dq-lag: how far consumer groups are behind, in messages and in seconds. */
#include "base/mem.h"
#include "base/time.h"
#include "port/kafka_watch.h"
#include "port/topics.h"
#include "run/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP DQ_SECOND /* between looks that wait for a group to move */

static const char *const states[] = {"ok", "stalled", "stopped", "unknown"};

struct lag {
	struct dq_kafka_watch watch;
	bool all, text;
	int64_t max_lag, max_time, every; /* the first two -1: any */
	struct dq_buf out;
};

static void
must(bool good, const struct dq_err *err)
{
	if (!good)
		dq_die(err->code ? err->code : DQ_EXIT_RETRY, NULL, "%s",
		    err->text);
}

static void
add_group(struct lag *l, const char *name)
{
	for (size_t i = 0; i < l->watch.groups.count; i++)
		if (!strcmp(l->watch.groups.items[i], name))
			return;
	l->watch.groups.items = dq_realloc_array(l->watch.groups.items,
	    l->watch.groups.count + 1, sizeof(*l->watch.groups.items));
	l->watch.groups.items[l->watch.groups.count++] = dq_strdup(name);
}

/* Those of the tools: who reads the topics of the table. */
static void
add_own_groups(struct lag *l)
{
	for (const struct dq_topic *t = dq_topics(); t->name; t++)
		for (const char *at = t->groups; at && *at; at += *at == ',') {
			size_t n = strcspn(at, ",");
			char *name = dq_strndup(at, n);

			add_group(l, name);
			free(name);
			at += n;
		}
}

static void
choose_groups(struct lag *l)
{
	char **names = NULL;
	size_t count = 0;
	struct dq_err err;

	if (l->all)
		must(dq_kafka_lags_groups(l->watch.lags, &names, &count, &err),
		    &err);
	if (l->all && !count)
		dq_die(DQ_EXIT_NO, "--all",
		    "no group is to be seen: there is none, or we may not "
		    "describe any");
	for (size_t i = 0; i < count; i++) {
		add_group(l, names[i]);
		free(names[i]);
	}
	free(names);
	if (!l->watch.groups.count && !l->all)
		add_own_groups(l);
}

static void
rest(int64_t time)
{
	int64_t end = dq_clock_steady() + time;

	while (!dq_tool_stopped() && dq_clock_steady() < end)
		usleep(50000);
}

static void
look(struct lag *l)
{
	struct dq_err err;

	must(dq_kafka_watch_look(&l->watch, &err), &err);
}

/* What is not known is not below a limit. */
static bool
is_over(const struct lag *l, const struct dq_kafka_lag *lag)
{
	int64_t late = dq_kafka_lag_behind(lag);

	if (l->max_lag >= 0 &&
	    (lag->messages < 0 || lag->messages > l->max_lag))
		return true;
	return l->max_time >= 0 && (late < 0 || late > l->max_time);
}

static void
put_number(struct dq_buf *out, const char *name, int64_t value)
{
	if (value < 0)
		dq_buf_member_null(out, name);
	else
		dq_buf_member_int(out, name, value);
}

static void
put_json(struct lag *l, const struct dq_kafka_watched *row)
{
	const struct dq_kafka_lag *lag = &row->lag;
	int64_t late = dq_kafka_lag_behind(lag);
	char text[200];
	const char *why = dq_kafka_watch_why(&l->watch, row, text);

	dq_buf_byte(&l->out, '{');
	dq_buf_member_time(&l->out, "time", dq_clock_wall() / 1000 * 1000);
	dq_buf_member_str(&l->out, "group", lag->group);
	if (lag->topic)
		dq_buf_member_str(&l->out, "topic", lag->topic);
	else
		dq_buf_member_null(&l->out, "topic");
	put_number(&l->out, "partition", lag->partition);
	put_number(&l->out, "committed", lag->committed);
	put_number(&l->out, "end", lag->end);
	put_number(&l->out, "messages", lag->messages);
	put_number(&l->out, "pending", lag->pending);
	if (lag->time == DQ_TIME_NONE)
		dq_buf_member_null(&l->out, "first");
	else
		dq_buf_member_time(&l->out, "first", lag->time);
	if (late < 0)
		dq_buf_member_null(&l->out, "seconds");
	else
		dq_buf_member_real(
		    &l->out, "seconds", (double)(late / 1000) / 1e3);
	dq_buf_member_str(
	    &l->out, "state", states[dq_kafka_watch_state(&l->watch, row)]);
	if (*why)
		dq_buf_member_str(&l->out, "why", why);
	dq_buf_str(&l->out, "}\n");
}

static const char *
number(int64_t value, char text[24])
{
	snprintf(text, 24, "%lld", (long long)value);
	return value < 0 ? "-" : text;
}

static void
put_text(struct lag *l, const struct dq_kafka_watched *row)
{
	const struct dq_kafka_lag *lag = &row->lag;
	int64_t late = dq_kafka_lag_behind(lag);
	char part[24], lagging[24], pending[24], seconds[24] = "-", why[200];

	if (late >= 0)
		snprintf(seconds, sizeof(seconds), "%lld.%lld",
		    (long long)(late / DQ_SECOND),
		    (long long)(late % DQ_SECOND / 100000));
	dq_buf_printf(&l->out, "%-26s %-22s %4s %10s %8s %9s  %-7s  %s\n",
	    lag->group, lag->topic ? lag->topic : "-",
	    number(lag->partition, part), number(lag->messages, lagging),
	    number(lag->pending, pending), seconds,
	    states[dq_kafka_watch_state(&l->watch, row)],
	    dq_kafka_watch_why(&l->watch, row, why));
}

/* True when a limit is passed. */
static bool
print(struct lag *l)
{
	bool over = false;

	if (l->text && l->every && isatty(1))
		dq_buf_str(&l->out, "\033[H\033[J");
	if (l->text)
		dq_buf_printf(&l->out, "%-26s %-22s %4s %10s %8s %9s  STATE\n",
		    "GROUP", "TOPIC", "PART", "MESSAGES", "PENDING", "SECONDS");
	for (size_t i = 0; i < l->watch.count; i++) {
		const struct dq_kafka_watched *row = &l->watch.rows[i];

		(l->text ? put_text : put_json)(l, row);
		over = over || is_over(l, &row->lag);
	}
	if (fwrite(l->out.data, 1, l->out.len, stdout) < l->out.len ||
	    fflush(stdout) != 0)
		dq_die(DQ_EXIT_IO, "stdout", "cannot write: %m");
	l->out.len = 0;
	return over;
}

/* Looks once, and again where one look cannot tell; or with --watch until a
 * limit is passed or somebody says stop. */
static enum dq_exit
run(struct lag *l)
{
	do {
		look(l);
		while (!l->every && dq_kafka_watch_unsure(&l->watch) &&
		       !dq_tool_stopped()) {
			rest(STEP);
			look(l);
		}
		if (print(l))
			return DQ_EXIT_NO;
		rest(l->every);
	} while (l->every && !dq_tool_stopped());
	return DQ_EXIT_OK;
}

static struct lag l = {
    .max_lag = -1, .max_time = -1, .watch = {.stall = 10 * DQ_SECOND}};

static struct dq_opt options[] = {
    {'G', "group", "GROUP", DQ_OPT_LIST, &l.watch.groups, NULL,
	"this group; may be given again (the tools' own)", NULL, false},
    {0, "all", NULL, DQ_OPT_FLAG, &l.all, NULL, "every group of the cluster",
	NULL, false},
    {0, "max-lag", "N", DQ_OPT_INT, &l.max_lag, NULL,
	"exit 1 when a partition has more messages to read", NULL, false},
    {0, "max-seconds", "TIME", DQ_OPT_DURATION, &l.max_time, NULL,
	"exit 1 when a record waits for longer", NULL, false},
    {0, "stall", "TIME", DQ_OPT_DURATION, &l.watch.stall, NULL,
	"stalled: has not moved for so long (10s)", NULL, false},
    {0, "watch", "[TIME]", DQ_OPT_DURATION, &l.every, "5s",
	"look again and again, every 5s or TIME", NULL, false},
    {0, "text", NULL, DQ_OPT_FLAG, &l.text, NULL,
	"a table for a person, not JSON", NULL, false},
    {.name = NULL},
};

static struct dq_tool tool = {
    .name = "dq-lag",
    .usage = "[OPTIONS]",
    .summary = "Says how far consumer groups are behind, in messages "
	       "and seconds.",
    .options = options,
    .admin = true,
    .kafka = &dq_kafka,
};

int
main(int argc, char **argv)
{
	struct dq_err err;
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1], "unexpected; see dq-lag -h");
	l.watch.lags = dq_kafka_lags_open(&tool.common.kafka, &err);
	must(l.watch.lags != NULL, &err);
	choose_groups(&l);
	code = run(&l);
	dq_kafka_watch_release(&l.watch);
	dq_kafka_lags_close(l.watch.lags);
	dq_buf_release(&l.out);
	return code;
}
