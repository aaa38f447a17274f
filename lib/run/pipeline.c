#include "run/pipeline.h"

#include "base/mem.h"
#include "base/time.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The end of the stage that begins at `text`: a bar, or the end. */
static const char *
stage_end(const char *text)
{
	char quote = 0;

	for (; *text; text++) {
		if (*text == '\\' && quote != '\'' && text[1])
			text++;
		else if (quote)
			quote = *text == quote ? 0 : quote;
		else if (*text == '\'' || *text == '"')
			quote = *text;
		else if (*text == '|')
			break;
	}
	return text;
}

bool
dq_pipeline_parse(
    struct dq_pipeline *pipeline, const char *text, struct dq_err *err)
{
	*pipeline = (struct dq_pipeline){.in = -1, .out = -1};
	for (;;) {
		const char *end = stage_end(text);
		size_t blanks = strspn(text, " \t\n");

		if (text + blanks >= end)
			return dq_err_set(err, "a stage without a command");
		if (pipeline->count == DQ_STAGES_MAX)
			return dq_err_set(
			    err, "more than %d stages", DQ_STAGES_MAX);
		pipeline->commands[pipeline->count++] =
		    dq_strndup(text, (size_t)(end - text));
		if (!*end)
			return true;
		text = end + 1;
	}
}

void
dq_pipeline_release(struct dq_pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->count; i++) {
		free(pipeline->commands[i]);
		free(pipeline->figures[i]);
	}
}

static _Noreturn void
become(const struct dq_pipeline *pipeline, size_t i, int in, int out, pid_t us)
{
	struct dq_buf command = {0};
	sigset_t none;

	/* A group of its own: the terminal's ^C is for the supervisor. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != us)
		_exit(DQ_EXIT_RETRY);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) ||
	    (out >= 0 && dup2(out, STDOUT_FILENO) < 0))
		_exit(DQ_EXIT_RETRY);
	if (pipeline->slot)
		setenv("DQ_INSTANCE", pipeline->slot, 1);
	if (pipeline->figures[i])
		setenv("DQ_METRICS", pipeline->figures[i], 1);
	dq_buf_printf(&command, "exec %s",
	    pipeline->commands[i] + strspn(pipeline->commands[i], " \t\n"));
	execl("/bin/sh", "sh", "-c", dq_buf_text(&command), (char *)NULL);
	_exit(127);
}

static void
close_end(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool
dq_pipeline_start(struct dq_pipeline *pipeline, struct dq_err *err)
{
	pid_t us = getpid();
	int in = pipeline->in;

	pipeline->started = dq_clock_steady();
	pipeline->failed = 0;
	pipeline->running = 0;
	memset(pipeline->stages, 0, sizeof(pipeline->stages));
	for (size_t i = 0; i < pipeline->count; i++) {
		int ends[2] = {-1, pipeline->out};
		pid_t pid;

		if (i + 1 < pipeline->count && pipe2(ends, O_CLOEXEC) < 0)
			return dq_err_set(err, "cannot make a pipe: %m");
		pid = fork();
		if (pid == 0)
			become(pipeline, i, in, ends[1], us);
		close_end(in);
		close_end(ends[1]);
		in = ends[0];
		if (pid < 0) {
			close_end(in);
			return dq_err_set(err, "cannot start: %m");
		}
		pipeline->stages[i].pid = pid;
		pipeline->running++;
	}
	return true;
}

bool
dq_pipeline_reap(struct dq_pipeline *pipeline, pid_t pid, int *code)
{
	for (size_t i = 0; i < pipeline->count; i++) {
		struct dq_stage *stage = &pipeline->stages[i];

		if (stage->pid != pid || stage->ended)
			continue;
		stage->ended = true;
		stage->code = *code = WIFEXITED(*code) ? WEXITSTATUS(*code)
						       : 128 + WTERMSIG(*code);
		pipeline->running--;
		if (stage->code && !pipeline->failed)
			pipeline->failed = dq_clock_steady();
		return true;
	}
	return false;
}

void
dq_pipeline_signal(struct dq_pipeline *pipeline, int number, bool all)
{
	for (size_t i = 0; i < (all ? pipeline->count : 1); i++)
		if (pipeline->stages[i].pid && !pipeline->stages[i].ended)
			kill(pipeline->stages[i].pid, number);
}

enum dq_exit
dq_pipeline_code(const struct dq_pipeline *pipeline)
{
	enum dq_exit code = DQ_EXIT_OK;

	for (size_t i = 0; i < pipeline->count; i++) {
		int got = pipeline->stages[i].code;

		if (got == DQ_EXIT_NO || got == DQ_EXIT_USAGE ||
		    got == DQ_EXIT_DATA || got == DQ_EXIT_BROKEN)
			return (enum dq_exit)got;
		if (got == 126 || got == 127)
			return DQ_EXIT_USAGE;
		if (got)
			code = DQ_EXIT_RETRY;
	}
	return code;
}
