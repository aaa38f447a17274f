#include "run/status.h"

#include "base/mem.h"
#include "base/time.h"
#include "run/files.h"
#include "run/metrics.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A second's figures of all pipelines. */
struct sum {
	int64_t up;	    /* pipelines with all stages running */
	int64_t records;    /* that came in since each started */
	int64_t lag;	    /* -1: not known of all */
	int64_t checkpoint; /* the oldest of the newest, 0: none */
	int64_t restarts;
};

/* In memory where the system has a place for it: such a file is replaced once
 * a second. */
static char *
make_directory(void)
{
	const char *const places[] = {
	    getenv("XDG_RUNTIME_DIR"), "/dev/shm", getenv("TMPDIR"), "/tmp"};
	struct dq_buf path = {0};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!places[i] || !*places[i])
			continue;
		path.len = 0;
		dq_buf_printf(&path, "%s/dq-run.XXXXXX", places[i]);
		dq_buf_text(&path);
		if (mkdtemp(path.data))
			return path.data;
	}
	dq_die(DQ_EXIT_USAGE, NULL,
	    "no place for temporary files: set TMPDIR to a directory");
}

void
dq_status_open(struct dq_status *status)
{
	status->started = dq_clock_steady();
	status->next_line = status->started + status->every;
	if (!status->metrics && !status->every && !status->terminal)
		return;
	status->directory = make_directory();
	for (int64_t i = 0; i < status->count; i++)
		for (size_t s = 0; s < status->pipelines[i].count; s++) {
			struct dq_buf path = {0};

			dq_buf_printf(&path, "%s/%lld-%zu", status->directory,
			    (long long)i, s);
			dq_buf_text(&path);
			status->pipelines[i].figures[s] = path.data;
		}
}

void
dq_status_exit(struct dq_status *status, int code)
{
	status->exits[code & (DQ_EXIT_CODES - 1)]++;
}

void
dq_status_restart(struct dq_pipeline *pipeline)
{
	for (size_t s = 0; s < pipeline->count; s++)
		if (pipeline->figures[s])
			(void)unlink(pipeline->figures[s]);
}

/* What a stage has said; empty when it is no tool that does. */
static void
read_figures(const char *path, struct dq_buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	text->len = 0;
	while (fd >= 0 && n > 0) {
		n = read(fd, dq_buf_room(text, 8192), 8192);
		text->len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
}

static int64_t
figure(const struct dq_buf *text, const char *name, int64_t otherwise)
{
	double value;

	return dq_metrics_get(dq_buf_view(text), name, &value) ? (int64_t)value
							       : otherwise;
}

/* The first stage knows what comes in, the last one what is committed. */
static void
take_stage(struct sum *sum, const struct dq_buf *text, bool first, bool last)
{
	int64_t in = figure(text, "dq_lines_in_total", 0),
		lag = figure(text, "dq_lag_records", -1), at;
	double seconds;

	if (first) {
		sum->records += in ? in : figure(text, "dq_lines_out_total", 0);
		sum->lag = lag < 0 || sum->lag < 0 ? -1 : sum->lag + lag;
	}
	if (!last || !dq_metrics_get(dq_buf_view(text),
			 "dq_checkpoint_time_seconds", &seconds))
		return;
	at = (int64_t)(seconds * 1e6);
	if (!sum->checkpoint || at < sum->checkpoint)
		sum->checkpoint = at;
}

static struct sum
take_sum(const struct dq_status *status, struct dq_metrics *metrics)
{
	struct dq_buf text = {0}, labels = {0};
	struct sum sum = {0};

	for (int64_t i = 0; i < status->count; i++) {
		const struct dq_pipeline *p = &status->pipelines[i];

		sum.up += p->running == p->count;
		sum.restarts += p->restarts;
		for (size_t s = 0; s < p->count; s++) {
			read_figures(p->figures[s], &text);
			take_stage(&sum, &text, s == 0, s + 1 == p->count);
			labels.len = 0;
			dq_buf_printf(
			    &labels, "slot=\"%s\",stage=\"%zu\",", p->slot, s);
			dq_metrics_read(
			    metrics, dq_buf_view(&text), dq_buf_text(&labels));
		}
	}
	dq_buf_release(&text);
	dq_buf_release(&labels);
	return sum;
}

static void
add_pipelines(const struct dq_status *status, struct dq_metrics *metrics)
{
	struct dq_buf labels = {0};

	for (int64_t i = 0; i < status->count; i++) {
		const struct dq_pipeline *p = &status->pipelines[i];
		const char *text;

		labels.len = 0;
		dq_buf_printf(&labels, "slot=\"%s\"", p->slot);
		text = dq_buf_text(&labels);
		dq_metrics_add(metrics, "dq_run_restarts_total", "counter",
		    "starts after a death", text, (double)p->restarts);
		dq_metrics_add(metrics, "dq_run_stages", "gauge",
		    "processes of the pipeline", text, (double)p->count);
		dq_metrics_add(metrics, "dq_run_stages_up", "gauge",
		    "those that run", text, (double)p->running);
	}
	for (int code = 0; code < DQ_EXIT_CODES; code++) {
		char text[24];

		snprintf(text, sizeof(text), "code=\"%d\"", code);
		if (status->exits[code])
			dq_metrics_add(metrics, "dq_run_exits_total", "counter",
			    "processes that ended, by exit code (128 and "
			    "more: by signal)",
			    text, (double)status->exits[code]);
	}
	dq_buf_release(&labels);
}

static void
write_metrics(struct dq_status *status, struct dq_metrics *metrics)
{
	struct dq_buf text = {0};
	struct dq_err err;

	add_pipelines(status, metrics);
	dq_metrics_write(metrics, &text);
	if (!dq_file_replace(status->metrics, dq_buf_view(&text), &err)) {
		dq_warn("--metrics", "%s; no metrics from here on", err.text);
		status->metrics = NULL;
	}
	dq_buf_release(&text);
}

/* Counters begin again with each start: what goes back is not a rate. */
static void
describe(struct dq_status *status, const struct sum *sum, struct dq_buf *line)
{
	int64_t now = dq_clock_steady(), age;
	int64_t before =
	    status->records_at ? status->records_at : status->started;
	double seconds = (double)(now - before) / 1e6;
	int64_t more = sum->records - status->records;

	dq_buf_printf(line, "%lld of %lld up, %.0f records/s",
	    (long long)sum->up, (long long)status->count,
	    more > 0 && seconds > 0 ? (double)more / seconds : 0.0);
	if (sum->lag >= 0)
		dq_buf_printf(line, ", lag %lld", (long long)sum->lag);
	dq_buf_printf(line, ", %lld restarts", (long long)sum->restarts);
	if (sum->checkpoint) {
		age = dq_clock_wall() - sum->checkpoint;
		dq_buf_printf(line, ", last checkpoint %.1f s ago",
		    age > 0 ? (double)age / 1e6 : 0.0);
	}
	status->records = sum->records;
	status->records_at = now;
}

static void
show_line(struct dq_status *status, const struct sum *sum, bool last)
{
	bool due = status->every && dq_clock_steady() >= status->next_line;
	struct dq_buf line = {0};

	if (!status->terminal && !due && !(last && status->every))
		return;
	status->next_line = dq_clock_steady() + status->every;
	describe(status, sum, &line);
	if (status->terminal) {
		fprintf(stderr, "\r%s: %s\033[K%s", dq_program(),
		    dq_buf_text(&line), last ? "\n" : "");
	} else {
		dq_warn(NULL, "%s", dq_buf_text(&line));
	}
	dq_buf_release(&line);
}

void
dq_status_show(struct dq_status *status, bool last)
{
	struct dq_metrics metrics = {0};
	int64_t now = dq_clock_steady();
	struct sum sum;

	if (!status->directory || (!last && now < status->next_look))
		return;
	status->next_look = now + DQ_SECOND;
	sum = take_sum(status, &metrics);
	show_line(status, &sum, last);
	if (status->metrics)
		write_metrics(status, &metrics);
	dq_metrics_release(&metrics);
}

void
dq_status_close(struct dq_status *status)
{
	if (!status->directory)
		return;
	for (int64_t i = 0; i < status->count; i++) {
		dq_status_restart(&status->pipelines[i]);
		for (size_t s = 0; s < status->pipelines[i].count; s++)
			free(status->pipelines[i].figures[s]);
	}
	(void)rmdir(status->directory);
	free(status->directory);
	status->directory = NULL;
}
