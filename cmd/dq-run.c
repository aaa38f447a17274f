/* dq-run: a pipeline that is kept running. */
#include "base/mem.h"
#include "base/time.h"
#include "run/slots.h"
#include "run/status.h"
#include "run/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELAY_MIN (DQ_SECOND / 10)
#define LONG_ENOUGH (5 * DQ_SECOND) /* a run after which all is forgiven */

struct supervisor {
	int64_t instances, grace, delay_max;
	const char *slot, *slots;
	bool restart, progress;
	struct dq_pipeline *pipelines;
	struct dq_status status;
	bool stopping;
	enum dq_exit code;
};

static void
start(struct dq_pipeline *pipeline)
{
	struct dq_err err;

	pipeline->next_start = 0;
	dq_status_restart(pipeline);
	if (dq_pipeline_start(pipeline, &err))
		return;
	dq_warn(pipeline->slot, "%s", err.text);
	dq_pipeline_signal(pipeline, SIGKILL, true);
	pipeline->failed = dq_clock_steady();
}

static void
stop_all(struct supervisor *s, enum dq_exit code)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->code = code;
	for (int64_t i = 0; i < s->instances; i++)
		dq_pipeline_signal(&s->pipelines[i], SIGTERM, false);
}

static void
tell_end(const struct dq_pipeline *pipeline)
{
	struct dq_buf codes = {0};

	for (size_t i = 0; i < pipeline->count; i++)
		dq_buf_printf(
		    &codes, "%s%d", i ? " " : "", pipeline->stages[i].code);
	dq_warn(pipeline->slot, "ended with %s; %lld restarts before",
	    dq_buf_text(&codes), (long long)pipeline->restarts);
	dq_buf_release(&codes);
}

/* All stages have ended: for good, or until the next start? */
static void
conclude(struct supervisor *s, struct dq_pipeline *pipeline)
{
	enum dq_exit code = dq_pipeline_code(pipeline);
	int64_t now = dq_clock_steady();

	if (code == DQ_EXIT_OK || s->stopping) {
		pipeline->done = true;
		if (code != DQ_EXIT_OK)
			tell_end(pipeline);
		if (s->stopping && s->code == DQ_EXIT_OK)
			s->code = code;
		return;
	}
	tell_end(pipeline);
	if (code != DQ_EXIT_RETRY || !s->restart) {
		pipeline->done = true;
		stop_all(s, code);
		return;
	}
	if (pipeline->failed - pipeline->started > LONG_ENOUGH)
		pipeline->delay = 0;
	pipeline->restarts++;
	pipeline->next_start = now + pipeline->delay;
	pipeline->delay = pipeline->delay ? pipeline->delay * 2 : DELAY_MIN;
	if (pipeline->delay > s->delay_max)
		pipeline->delay = s->delay_max;
}

static void
reap(struct supervisor *s)
{
	int code;
	pid_t pid;

	while ((pid = waitpid(-1, &code, WNOHANG)) > 0)
		for (int64_t i = 0; i < s->instances; i++)
			if (dq_pipeline_reap(&s->pipelines[i], pid, &code)) {
				dq_status_exit(&s->status, code);
				break;
			}
}

/* One look at a pipeline; false when it is done. */
static bool
look_after(struct supervisor *s, struct dq_pipeline *pipeline)
{
	int64_t now = dq_clock_steady();

	if (pipeline->done)
		return false;
	if (pipeline->next_start) {
		if (s->stopping)
			pipeline->done = true;
		else if (now >= pipeline->next_start)
			start(pipeline);
		return true;
	}
	if (!pipeline->running)
		conclude(s, pipeline);
	else if (pipeline->failed && now - pipeline->failed > s->grace)
		dq_pipeline_signal(pipeline, SIGKILL, true);
	return true;
}

static void
supervise(struct supervisor *s)
{
	const struct timespec slice = {.tv_nsec = 10000000};
	sigset_t child;
	bool some = true;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (int64_t i = 0; i < s->instances; i++)
		start(&s->pipelines[i]);
	while (some) {
		sigtimedwait(&child, NULL, &slice);
		reap(s);
		if (dq_tool_stopped())
			stop_all(s, DQ_EXIT_OK);
		some = false;
		for (int64_t i = 0; i < s->instances; i++)
			some = look_after(s, &s->pipelines[i]) || some;
		dq_status_show(&s->status, !some);
	}
}

static void
set_up(struct supervisor *s, const char *text)
{
	struct dq_err err;

	if (s->instances < 1 || s->instances > DQ_SLOTS_MAX)
		dq_die(DQ_EXIT_USAGE, "--instances", "not in 1...%d",
		    DQ_SLOTS_MAX);
	if (s->status.every < 0)
		dq_die(DQ_EXIT_USAGE, "--status", "below 0");
	s->pipelines = dq_calloc((size_t)s->instances, sizeof(*s->pipelines));
	for (int64_t i = 0; i < s->instances; i++) {
		struct dq_buf slot = {0};
		int64_t number = i;

		if (!dq_pipeline_parse(&s->pipelines[i], text, &err))
			dq_die(DQ_EXIT_USAGE, text, "%s", err.text);
		if (s->slots && (number = dq_slot_claim(s->slots, &err)) < 0)
			dq_die(err.code, "--slots", "%s", err.text);
		dq_buf_printf(&slot, "%s%lld", s->slot, (long long)number);
		s->pipelines[i].slot = dq_buf_text(&slot);
	}
	s->status.pipelines = s->pipelines;
	s->status.count = s->instances;
	s->status.terminal = s->progress && isatty(STDERR_FILENO);
	dq_status_open(&s->status);
}

/* To be freed. */
static struct dq_opt *
option_table(struct supervisor *s)
{
	const struct dq_opt rows[] = {
	    {.name = "instances",
		.argument = "N",
		.type = DQ_OPT_INT,
		.value = &s->instances,
		.help = "run it N times side by side (1)"},
	    {.name = "slot",
		.argument = "TEXT",
		.value = &s->slot,
		.help = "before the number that names each; one per host"},
	    {.name = "slots",
		.argument = "DIR",
		.value = &s->slots,
		.help = "take numbers that nobody else has who shares DIR"},
	    {.name = "grace",
		.argument = "TIME",
		.type = DQ_OPT_DURATION,
		.value = &s->grace,
		.help = "from a death to the end of the rest (2s)"},
	    {.name = "delay-max",
		.argument = "TIME",
		.type = DQ_OPT_DURATION,
		.value = &s->delay_max,
		.help = "the longest pause before a restart (30s)"},
	    {.name = "restart",
		.type = DQ_OPT_FLAG,
		.value = &s->restart,
		.help = "start again after 75 (yes; --no-restart: end)"},
	    {.name = "status",
		.argument = "TIME",
		.type = DQ_OPT_DURATION,
		.value = &s->status.every,
		.help = "a line of figures so often (none)"},
	    {.name = "progress",
		.type = DQ_OPT_FLAG,
		.value = &s->progress,
		.help = "one such line on a terminal, each second anew"},
	    {.name = "metrics",
		.argument = "PATH",
		.value = &s->status.metrics,
		.help = "write all figures there, for Prometheus"},
	    {.name = NULL},
	};

	return memcpy(dq_malloc(sizeof(rows)), rows, sizeof(rows));
}

int
main(int argc, char **argv)
{
	static struct supervisor s = {.instances = 1,
	    .grace = 2 * DQ_SECOND,
	    .delay_max = 30 * DQ_SECOND,
	    .slot = "",
	    .restart = true};
	struct dq_tool tool = {
	    .name = "dq-run",
	    .usage = "[OPTIONS] 'COMMAND | COMMAND ...'",
	    .summary = "Runs a pipeline, and again when a part of it died.",
	    .options = option_table(&s),
	    .admin = true,
	};

	if (dq_tool_start(&tool, argc, argv) != 1)
		dq_die(DQ_EXIT_USAGE, NULL,
		    "wants one argument, the pipeline in quotes");
	set_up(&s, argv[1]);
	supervise(&s);
	dq_status_close(&s.status);
	free(tool.options);
	return (int)s.code;
}
