#include "serve/train.h"

#include "base/time.h"
#include "record/json.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. Its output is ours to read; it hears of no signal that is
 * meant for us, but dies with its group. */
static void __attribute__((noreturn))
become(const char *command, int out, int64_t customers)
{
	char text[32];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	setpgid(0, 0);
	snprintf(text, sizeof(text), "%lld", (long long)customers);
	if (customers > 0)
		setenv("DQ_MAX_CUSTOMERS", text, 1);
	if (dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

bool
dq_train_start(struct dq_train *train, int64_t customers, struct dq_err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return dq_err_set(err, "cannot make a pipe: %m");
	train->pid = fork();
	if (train->pid == 0)
		become(train->command, ends[1], customers);
	close(ends[1]);
	if (train->pid < 0) {
		close(ends[0]);
		train->pid = 0;
		return dq_err_set(err, "cannot start it: %m");
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	train->fd = ends[0];
	train->output.len = 0;
	train->started = dq_clock_wall();
	train->number++;
	return true;
}

/* What is there now; the begin of too much output goes. */
static void
read_output(struct dq_train *train)
{
	struct dq_buf *out = &train->output;
	ssize_t n;

	while ((n = read(train->fd, dq_buf_room(out, 4096), 4096)) > 0) {
		out->len += (size_t)n;
		if (out->len > DQ_TRAIN_OUTPUT) {
			size_t half = out->len / 2;

			memmove(out->data, out->data + half, out->len - half);
			out->len -= half;
		}
	}
}

/* The last line that is a JSON object. */
static void
find_report(struct dq_slice output, struct dq_buf *report)
{
	while (output.len) {
		const char *before;
		struct dq_slice line;
		struct yyjson_doc *doc;
		struct dq_err err;

		before = output.len > 1
			     ? memrchr(output.data, '\n', output.len - 1)
			     : NULL;
		line.data = before ? before + 1 : output.data;
		line.len = output.len - (size_t)(line.data - output.data);
		doc = line.data[0] == '{' ? dq_json_parse(line, &err) : NULL;
		if (doc) {
			dq_buf_json_value(report, dq_json_root(doc));
			dq_json_free(doc);
			return;
		}
		output.len -= line.len;
	}
}

static void
remember(struct dq_train *train, int status)
{
	struct dq_train_run *run = &train->runs[0];

	if (train->count == DQ_TRAIN_KEPT)
		dq_buf_release(&train->runs[--train->count].report);
	memmove(run + 1, run, train->count * sizeof(*run));
	train->count++;
	*run = (struct dq_train_run){
	    .started = train->started,
	    .ended = dq_clock_wall(),
	    .code = WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status),
	};
	snprintf(run->message, sizeof(run->message),
	    run->code ? "The command ended with %d."
		      : "The command ended well.",
	    run->code);
	find_report(dq_buf_view(&train->output), &run->report);
}

bool
dq_train_look(struct dq_train *train)
{
	int status;

	if (!train->pid)
		return false;
	read_output(train);
	if (waitpid(train->pid, &status, WNOHANG) != train->pid)
		return false;
	read_output(train);
	close(train->fd);
	train->pid = 0;
	remember(train, status);
	return true;
}

void
dq_train_close(struct dq_train *train)
{
	if (train->pid) {
		kill(-train->pid, SIGKILL);
		waitpid(train->pid, NULL, 0);
		close(train->fd);
	}
	for (size_t i = 0; i < train->count; i++)
		dq_buf_release(&train->runs[i].report);
	dq_buf_release(&train->output);
}
