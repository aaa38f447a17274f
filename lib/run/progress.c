#include "run/progress.h"

#include "base/num.h"
#include "base/time.h"
#include "run/files.h"

#include <stdio.h>
#include <unistd.h>

void
dq_progress_init(struct dq_progress *progress, const struct dq_common *common)
{
	*progress = (struct dq_progress){
	    .metrics = common->metrics,
	    .terminal = common->progress && isatty(STDERR_FILENO),
	    .started = dq_clock_steady(),
	};
}

static void
metric(struct dq_buf *text, const char *name, const char *type,
    const char *help, double value)
{
	dq_buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s{tool=\"%s\"} ",
	    name, help, name, type, name, dq_program());
	dq_buf_real(text, value);
	dq_buf_byte(text, '\n');
}

static void
write_metrics(struct dq_progress *progress, const struct dq_counters *c)
{
	struct dq_buf text = {0};
	struct dq_err err;

	metric(&text, "dq_lines_in_total", "counter", "lines read",
	    (double)c->lines_in);
	metric(&text, "dq_bytes_in_total", "counter", "bytes read",
	    (double)c->bytes_in);
	metric(&text, "dq_lines_out_total", "counter", "lines written",
	    (double)c->lines_out);
	metric(&text, "dq_bytes_out_total", "counter", "bytes written",
	    (double)c->bytes_out);
	metric(&text, "dq_bad_records_total", "counter", "records refused",
	    (double)c->bad);
	if (c->event_time != DQ_TIME_NONE)
		metric(&text, "dq_event_time_seconds", "gauge",
		    "newest event time seen", (double)c->event_time / 1e6);
	if (!dq_file_replace(progress->metrics, dq_buf_view(&text), &err)) {
		dq_warn("--metrics", "%s; no metrics from here on", err.text);
		progress->metrics = NULL;
	}
	dq_buf_release(&text);
}

static void
show_line(const struct dq_progress *progress, const struct dq_counters *c,
    int64_t now, bool last)
{
	double seconds = (double)(now - progress->started) / 1e6;
	struct dq_buf text = {0};

	dq_buf_printf(&text, "\r%s: %lld in, %lld out, %.0f lines/s",
	    dq_program(), (long long)c->lines_in, (long long)c->lines_out,
	    (double)(c->lines_in ? c->lines_in : c->lines_out) /
		(seconds > 0.001 ? seconds : 0.001));
	if (c->bad)
		dq_buf_printf(&text, ", %lld refused", (long long)c->bad);
	dq_buf_str(&text, last ? "\033[K\n" : "\033[K");
	if (write(STDERR_FILENO, text.data, text.len) < 0)
		text.len = 0; /* a lost progress line is no loss */
	dq_buf_release(&text);
}

void
dq_progress_show(
    struct dq_progress *progress, const struct dq_counters *counters, bool last)
{
	int64_t now;

	if (!progress->terminal && !progress->metrics)
		return;
	if (!last && ++progress->calls % 64 != 0)
		return;
	now = dq_clock_steady();
	if (!last && now - progress->shown < DQ_SECOND)
		return;
	progress->shown = now;
	if (progress->terminal)
		show_line(progress, counters, now, last);
	if (progress->metrics)
		write_metrics(progress, counters);
}
