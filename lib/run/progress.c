#include "run/progress.h"

#include "base/time.h"
#include "run/files.h"
#include "run/metrics.h"

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
write_metrics(struct dq_progress *progress, const struct dq_counters *c)
{
	const struct {
		const char *name, *help;
		int64_t value;
	} counters[] = {
	    {"dq_lines_in_total", "lines read", c->lines_in},
	    {"dq_bytes_in_total", "bytes read", c->bytes_in},
	    {"dq_lines_out_total", "lines written", c->lines_out},
	    {"dq_bytes_out_total", "bytes written", c->bytes_out},
	    {"dq_bad_records_total", "records refused", c->bad},
	    {"dq_checkpoints_total", "checkpoints passed on or committed",
		c->checkpoints},
	};
	struct dq_metrics metrics = {0};
	struct dq_buf text = {0}, label = {0};
	const char *labels;
	struct dq_err err;

	dq_buf_printf(&label, "tool=\"%s\"", dq_program());
	labels = dq_buf_text(&label);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		dq_metrics_add(&metrics, counters[i].name, "counter",
		    counters[i].help, labels, (double)counters[i].value);
	if (c->event_time != DQ_TIME_NONE)
		dq_metrics_add(&metrics, "dq_event_time_seconds", "gauge",
		    "newest event time seen", labels,
		    (double)c->event_time / 1e6);
	if (c->checkpoint_time)
		dq_metrics_add(&metrics, "dq_checkpoint_time_seconds", "gauge",
		    "when the last checkpoint was passed on or committed",
		    labels, (double)c->checkpoint_time / 1e6);
	if (c->lag >= 0)
		dq_metrics_add(&metrics, "dq_lag_records", "gauge",
		    "records in the topics, not read yet", labels,
		    (double)c->lag);
	dq_metrics_write(&metrics, &text);
	if (!dq_file_replace(progress->metrics, dq_buf_view(&text), &err)) {
		dq_warn("--metrics", "%s; no metrics from here on", err.text);
		progress->metrics = NULL;
	}
	dq_metrics_release(&metrics);
	dq_buf_release(&label);
	dq_buf_release(&text);
}

#define BAR 20

/* What is left at the speed so far. */
static void
put_bar(struct dq_buf *text, double done, double seconds)
{
	int full = (int)(done * BAR);

	if (done < 0)
		return;
	dq_buf_str(text, " [");
	for (int i = 0; i < BAR; i++)
		dq_buf_byte(text, i < full ? '#' : '.');
	dq_buf_printf(text, "] %.0f %%", done * 100);
	if (done > 0 && done < 1)
		dq_buf_printf(text, ", %.0f s left", seconds / done - seconds);
	dq_buf_byte(text, ',');
}

static void
show_line(const struct dq_progress *progress, const struct dq_counters *c,
    int64_t now, bool last)
{
	double seconds = (double)(now - progress->started) / 1e6;
	struct dq_buf text = {0};

	dq_buf_printf(&text, "\r%s:", dq_program());
	put_bar(&text, c->done, seconds);
	dq_buf_printf(&text, " %lld in, %lld out, %.0f lines/s",
	    (long long)c->lines_in, (long long)c->lines_out,
	    (double)(c->lines_in ? c->lines_in : c->lines_out) /
		(seconds > 0.001 ? seconds : 0.001));
	if (c->bad)
		dq_buf_printf(&text, ", %lld refused", (long long)c->bad);
	dq_buf_str(&text, last ? "\033[K\n" : "\033[K");
	if (write(STDERR_FILENO, text.data, text.len) < 0)
		text.len = 0; /* a lost progress line is no loss */
	dq_buf_release(&text);
}

bool
dq_progress_due(struct dq_progress *progress, bool quiet)
{
	if (!progress->terminal && !progress->metrics)
		return false;
	if (!quiet && ++progress->calls % 64 != 0)
		return false;
	return dq_clock_steady() - progress->shown >= DQ_SECOND;
}

void
dq_progress_show(
    struct dq_progress *progress, const struct dq_counters *counters, bool last)
{
	progress->shown = dq_clock_steady();
	if (progress->terminal)
		show_line(progress, counters, progress->shown, last);
	if (progress->metrics)
		write_metrics(progress, counters);
}
