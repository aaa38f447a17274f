#include "run/running.h"

#include "base/time.h"
#include "run/signals.h"

#include <stdio.h>
#include <string.h>

#define TICKS_MAX 400 /* of our own in a row */

void
dq_running_count(struct dq_running *run)
{
	run->counters.lines_out = run->out->lines;
	run->counters.bytes_out = run->out->bytes;
	run->counters.bad = run->refuse.count;
	run->counters.lag = dq_source_lag(run->source);
	if (run->progress.terminal)
		run->counters.done = dq_source_done(run->source);
}

/* Lines are given out only when dead letters before them are kept. */
bool
dq_running_write(struct dq_running *run, bool all)
{
	struct dq_err err;

	if (!all && run->out->buf.len < (64u << 10))
		return true;
	if (run->filter->flush && !run->team)
		run->filter->flush(run->filter->state, run->out);
	if (dq_progress_due(&run->progress, all)) {
		dq_running_count(run);
		dq_progress_show(&run->progress, &run->counters, false);
	}
	if (dq_refuse_sync(&run->refuse, &err) &&
	    dq_sink_write(run->sink, all, &err))
		return true;
	if (*err.text)
		dq_warn(NULL, "%s", err.text);
	run->code = err.code ? err.code : DQ_EXIT_IO;
	run->out->buf.len = 0; /* what may not leave now may not leave later */
	return false;
}

static bool
refuse_at(void *context, const struct dq_place *place, struct dq_slice line,
    const char *why)
{
	struct dq_running *run = context;

	/* What came before the bad line leaves before the message does. */
	if (!dq_running_write(run, true))
		return false;
	return dq_refuse_line(&run->refuse, place, line, why, &run->code);
}

static bool
refuse(struct dq_running *run, struct dq_slice line, const char *why)
{
	return refuse_at(run, &run->source->place, line, why);
}

/* Lines of a thread have come to the sink's buffer. */
static bool
written(void *context, int64_t event_time)
{
	struct dq_running *run = context;

	if (event_time > run->counters.event_time)
		run->counters.event_time = event_time;
	return dq_running_write(run, false);
}

/* All lines so far are in the sink's buffer, or held back by the filter. */
static bool
settle(struct dq_running *run)
{
	return !run->team || dq_team_settle(run->team);
}

/* What is not for the filter goes on as it came. */
static void
pass(struct dq_running *run, struct dq_slice line, struct dq_slice key)
{
	if (run->filter->absorbs)
		return;
	dq_buf_slice(dq_out_begin(run->out), line);
	dq_out_end(run->out, key);
}

static void
call_tick(struct dq_running *run, int64_t time)
{
	if (run->filter->flush)
		run->filter->flush(run->filter->state, run->out);
	if (run->filter->tick)
		run->filter->tick(run->filter->state, time,
		    run->source->place.partition, run->out);
	if (run->stream.log)
		dq_changelog_touch_all(
		    run->stream.log, run->source->place.partition);
}

static void
make_tick(struct dq_running *run, int64_t time)
{
	struct dq_buf *buf;

	call_tick(run, time);
	buf = dq_out_begin(run->out);
	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "tick");
	dq_buf_member_time(buf, "event_time", time);
	dq_buf_byte(buf, '}');
	dq_out_end(run->out, (struct dq_slice){"", 0});
}

/* Makes the ticks that are due when event time comes to `time`, or, with
 * `given`, when a tick of the input says that it has: that one is not made
 * twice. Profiles are no events: they do not move time. Where time leaps, as
 * with one record dated far ahead, only the last TICKS_MAX are made. */
static bool
make_ticks(struct dq_running *run, int64_t time, bool given)
{
	int64_t every = run->tool->common.tick;

	if (!every || time == DQ_TIME_NONE)
		return true;
	if (run->next_tick == DQ_TIME_NONE)
		run->next_tick = time - (time % every + every) % every + every;
	if ((time - run->next_tick) / every >= TICKS_MAX)
		run->next_tick +=
		    ((time - run->next_tick) / every - TICKS_MAX + 1) * every;
	for (; run->next_tick <= time; run->next_tick += every) {
		if (given && run->next_tick == time)
			continue;
		make_tick(run, run->next_tick);
		if (!dq_running_write(run, false))
			return false;
	}
	return true;
}

static bool
take_tick(struct dq_running *run, const struct dq_record *record)
{
	if (!make_ticks(run, record->time, true))
		return false;
	call_tick(run, record->time);
	pass(run, record->line, record->customer_id);
	return true;
}

static bool
take_record(struct dq_running *run, const struct dq_record *record)
{
	struct dq_filter *filter = run->filter;
	bool moves_time = record->kind != DQ_KIND_CUSTOMER &&
			  DQ_KIND_BIT(record->kind) & filter->kinds;
	size_t before = run->out->buf.len;
	struct dq_err err;

	if (moves_time && !make_ticks(run, record->time, false))
		return false;
	if (record->time > run->counters.event_time)
		run->counters.event_time = record->time;
	if (!(DQ_KIND_BIT(record->kind) & filter->kinds)) {
		if (record->kind == DQ_KIND_TICK)
			return take_tick(run, record);
		if (filter->flush)
			filter->flush(filter->state, run->out);
		pass(run, record->line, record->customer_id);
		return true;
	}
	if (run->stream.log)
		dq_changelog_touch(run->stream.log, record->customer_id,
		    record->place.partition);
	if (filter->each(filter->state, record, run->out, &err))
		return true;
	run->out->buf.len = before;
	return refuse(run, record->line, err.text);
}

/* Not the record's fault: the same command may succeed on another try. */
static bool
broken_stream(struct dq_running *run, const char *why)
{
	char where[256];

	dq_warn(dq_place_text(&run->source->place, where), "%s", why);
	run->code = DQ_EXIT_RETRY;
	return false;
}

static void
count_checkpoint(struct dq_running *run)
{
	run->counters.checkpoints++;
	run->counters.checkpoint_time = dq_clock_wall();
}

static bool
take_control(struct dq_running *run, struct dq_slice line)
{
	/* These come in numbers, and mean nothing before a @checkpoint. */
	bool small = dq_slice_begins(line, "{\"@p\"") ||
		     dq_slice_begins(line, "{\"@state\"");
	struct dq_err err;
	char where[256];

	if (!settle(run))
		return false;
	if (run->stream.control.begun && !dq_running_write(run, !small))
		return false;
	if (dq_stream_mark(&run->stream, line, &err)) {
		if (run->stream.control.mark == DQ_MARK_CHECKPOINT)
			count_checkpoint(run);
		return true;
	}
	if (err.code == DQ_EXIT_DATA && *err.text)
		return refuse(run, line, err.text);
	run->code = err.code ? err.code : DQ_EXIT_IO;
	if (*err.text)
		dq_warn(
		    dq_place_text(&run->source->place, where), "%s", err.text);
	return false;
}

static bool
take_line(struct dq_running *run, struct dq_slice line)
{
	const struct dq_record *record;
	struct dq_err err;

	run->counters.lines_in++;
	run->counters.bytes_in += (int64_t)line.len + 1;
	if (dq_is_control(line))
		return take_control(run, line);
	if (run->stream.control.ended)
		return broken_stream(run, "a line after @end");
	if (dq_stream_turns(&run->stream) && !settle(run))
		return false;
	dq_stream_record(&run->stream);
	if (run->tool->common.kafka.envelope) {
		pass(run, line, (struct dq_slice){"", 0}); /* no record */
		return true;
	}
	if (run->team)
		return dq_team_hand(run->team, line, &run->source->place);
	record = dq_reader_parse(run->reader, line, &run->source->place,
	    run->filter->kinds | DQ_KIND_BIT(DQ_KIND_TICK), 2, &err);
	if (record)
		return take_record(run, record);
	return dq_slice_blank(line) || refuse(run, line, err.text);
}

bool
dq_running_save(struct dq_running *run, bool ended)
{
	struct dq_err err;

	if (run->checkpoint.state && !dq_running_write(run, true))
		return false;
	if (dq_checkpoint_save(&run->checkpoint, run->source, run->sink,
		run->filter, run->next_tick, ended, &err)) {
		if (run->checkpoint.state)
			count_checkpoint(run);
		return true;
	}
	dq_warn("--state", "%s", err.text);
	run->code = DQ_EXIT_IO;
	return false;
}

/* What is not a line. False ends the loop. */
static bool
take_rest(struct dq_running *run, enum dq_got got, struct dq_slice line)
{
	char why[80];

	if (!settle(run))
		return false;
	switch (got) {
	case DQ_GOT_IDLE:
		return dq_running_write(run, true);
	case DQ_GOT_CUT:
		if (!run->stream.control.begun)
			return refuse(run, line,
			    "the last line has no newline: it may be cut");
		if (run->stream.control.ended)
			return broken_stream(run, "a line after @end");
		break;
	case DQ_GOT_LONG:
		if (run->tool->long_lines && line.len < DQ_KEEP_LIMIT)
			return take_line(run, line) &&
			       dq_running_write(run, false);
		snprintf(why, sizeof(why), "line of %zu bytes, limit is %u",
		    line.len, DQ_LINE_LIMIT);
		if (line.len < DQ_KEEP_LIMIT)
			return refuse(run, line, why);
		refuse(run, line, why);
		run->code = DQ_EXIT_DATA;
		return false;
	case DQ_GOT_BAD:
		return refuse(run, line, run->source->err.text);
	case DQ_GOT_FAIL:
		dq_warn(NULL, "%s", run->source->err.text);
		run->code =
		    run->source->err.code ? run->source->err.code : DQ_EXIT_IO;
		return false;
	default:
		break;
	}
	if (run->stream.control.begun && !run->stream.control.ended) {
		dq_warn(run->source->place.source,
		    "ended without @end: the producer died; run again");
		run->code = DQ_EXIT_RETRY;
	}
	return false;
}

/* Between two records, so that each is of one model. */
static bool
reload(struct dq_running *run)
{
	struct dq_err err;

	dq_signals_reload = 0;
	if (!settle(run) || !dq_running_write(run, true))
		return false;
	if (!run->filter->reload(run->filter->state, &err))
		dq_warn("SIGHUP", "%s; all goes on as before", err.text);
	return true;
}

void
dq_running_loop(struct dq_running *run)
{
	struct dq_slice line;
	enum dq_got got;
	bool going = true;

	while (going) {
		if (dq_signals_reload && !reload(run))
			break;
		got = dq_source_next(run->source, &line);
		if (got == DQ_GOT_MARK) {
			going = take_control(run, line);
			continue;
		}
		if (got == DQ_GOT_LINE) {
			going = take_line(run, line) &&
				dq_running_write(run, false);
			if (going && dq_checkpoint_due(&run->checkpoint))
				going = dq_running_save(run, false);
			continue;
		}
		going = take_rest(run, got, line);
		if (!going && got == DQ_GOT_STOP)
			run->checkpoint.stopped = true;
	}
}

struct dq_team *
dq_running_team(struct dq_running *run)
{
	return dq_team_new(run->filter,
	    &(struct dq_team_owner){run, run->out, refuse_at, written});
}
