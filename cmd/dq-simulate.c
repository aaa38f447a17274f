/* dq-simulate: customers who live, spend, pay and sometimes fail to. */
#include "base/num.h"
#include "base/time.h"
#include "run/endpoint.h"
#include "run/tool.h"
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HISTORY 180	      /* days that a limit is meant to last */
#define CUSTOMERS 1000	      /* without a limit */
#define SLICE (DQ_SECOND / 5) /* the longest sleep without a look around */

struct simulate {
	struct dq_tool *tool;
	struct dq_out *out;
	struct dq_sim *sim;
	/* options */
	int64_t seed, start, customers, days;
	const char *speed_text, *truth_path;
	const char *from; /* pg:TABLES, or NULL: made up */
	bool ticks;
	/* arguments */
	bool live;
	double rate;   /* live: transactions a second */
	double speed;  /* event time against wall time, 0: unpaced */
	int64_t limit; /* transactions, 0: none */
	int64_t delay; /* microseconds between records */
	/* run */
	int64_t begun; /* steady clock */
	FILE *truth;
	struct dq_buf lines; /* for the truth file */
};

static double
positive(const char *where, const char *text, size_t len)
{
	double value;

	if (!dq_num_real((struct dq_slice){text, len}, &value) || value <= 0)
		dq_die(DQ_EXIT_USAGE, where,
		    "\"%s\" is not a number above 0; see dq-simulate -h", text);
	return value;
}

static int64_t
whole(const char *where, const char *text, int64_t least)
{
	int64_t value;

	if (!dq_num_int(DQ_SLICE(text), &value) || value < least ||
	    value > INT64_C(1000000000000))
		dq_die(DQ_EXIT_USAGE, where,
		    "\"%s\" is not a whole number from %d on; see "
		    "dq-simulate -h",
		    text, (int)least);
	return value;
}

static void
read_arguments(struct simulate *s, int count, char **argument)
{
	s->live = count > 0 && !strcmp(argument[0], "live");
	if (count > 2 || (s->live && count != 2))
		dq_die(DQ_EXIT_USAGE, argument[0],
		    "wants LIMIT, LIMIT DELAY_MS or live RATE; see "
		    "dq-simulate -h");
	if (s->live)
		s->rate = positive("live", argument[1], strlen(argument[1]));
	else if (count > 0)
		s->limit = whole("LIMIT", argument[0], 1);
	if (count > 1 && !s->live)
		s->delay = whole("DELAY_MS", argument[1], 0) * 1000;
}

static void
check_options(struct simulate *s)
{
	const char *text = s->speed_text;
	size_t n = text ? strlen(text) : 0;

	if (n)
		s->speed = positive("--speed", text, n - (text[n - 1] == 'x'));
	if (s->live && (s->speed > 0 || s->truth_path || s->days))
		dq_die(DQ_EXIT_USAGE, "live",
		    "goes without --speed, --truth and --days");
	if (s->speed > 0 && s->delay)
		dq_die(DQ_EXIT_USAGE, "--speed",
		    "cannot be had together with DELAY_MS");
	if (s->customers < 0 || s->customers > 100000000)
		dq_die(DQ_EXIT_USAGE, "--customers", "not in 1...100000000");
	if (s->days < 0 || s->days > 365000)
		dq_die(DQ_EXIT_USAGE, "--days", "not in 1...365000");
	if (s->from && (!dq_endpoint_tables(s->from) || s->live ||
			   s->truth_path || s->customers || s->days))
		dq_die(DQ_EXIT_USAGE, "--from",
		    "wants pg:TABLE, and neither live, --truth, --customers "
		    "nor --days");
	if (s->tool->common.pseudonym && s->truth_path)
		dq_die(DQ_EXIT_USAGE, "--pseudonym",
		    "goes without --truth, which names customers: dq-cat gives "
		    "both their pseudonyms");
	if (!s->customers && s->limit)
		s->customers =
		    (int64_t)((double)s->limit / (HISTORY * DQ_SIM_DAILY)) + 1;
	if (!s->customers)
		s->customers = CUSTOMERS;
	if (!s->days && !s->limit && !s->live)
		s->days = HISTORY;
}

/* False when the tool was asked to stop meanwhile. */
static bool
wait_until(struct simulate *s, int64_t since_begin)
{
	for (;;) {
		int64_t left = s->begun + since_begin - dq_clock_steady();

		if (!dq_tool_emitted(s->tool, true))
			return false;
		if (left <= 0)
			return true;
		usleep((useconds_t)(left < SLICE ? left : SLICE));
	}
}

static void
write_truth(struct simulate *s, size_t keep)
{
	if (s->lines.len <= keep)
		return;
	if (fwrite(s->lines.data, 1, s->lines.len, s->truth) < s->lines.len)
		dq_die(DQ_EXIT_IO, s->truth_path, "cannot write: %m");
	s->lines.len = 0;
}

static bool
emit(struct simulate *s, const struct dq_sim_event *event)
{
	char id[16];
	struct dq_slice key = {0};

	dq_sim_write(s->sim, event, dq_out_begin(s->out));
	if (event->kind != DQ_KIND_TICK)
		key = dq_sim_customer_id(event->customer, id);
	dq_out_end(s->out, key);
	return dq_tool_emitted(s->tool, false);
}

/* Event time began at `from`. */
static bool
pace(struct simulate *s, int64_t time, int64_t from, int64_t sent)
{
	if (s->speed > 0)
		return wait_until(
		    s, (int64_t)((double)(time - from) / s->speed));
	return !s->delay || wait_until(s, sent * s->delay);
}

static void
run_days(struct simulate *s)
{
	const int64_t begin = dq_day_of(s->start) * DQ_DAY;
	int64_t transactions = 0, sent = 0;
	const struct dq_sim_event *event;

	while ((event = dq_sim_next(s->sim))) {
		bool moves = event->kind == DQ_KIND_TRANSACTION ||
			     event->kind == DQ_KIND_PAYMENT;

		if (s->limit && transactions == s->limit &&
		    event->kind == DQ_KIND_TRANSACTION)
			break;
		if (moves && !pace(s, event->time, begin, sent++))
			break;
		if (!emit(s, event))
			break;
		transactions += event->kind == DQ_KIND_TRANSACTION;
		if (s->truth) {
			dq_sim_labels(s->sim, &s->lines);
			write_truth(s, 1 << 16);
		}
	}
}

static void
run_live(struct simulate *s)
{
	int64_t midnight = (dq_day_of(s->start) + 1) * DQ_DAY;

	for (int64_t i = 0; i < s->customers; i++)
		if (!emit(s, dq_sim_next(s->sim)))
			return;
	for (int64_t i = 0;; i++) {
		int64_t after = (int64_t)((double)i * 1e6 / s->rate);
		struct dq_sim_event tick = {
		    .kind = DQ_KIND_TICK, .time = midnight};

		if (!wait_until(s, after))
			return;
		if (s->ticks && s->start + after >= midnight) {
			emit(s, &tick);
			midnight += DQ_DAY;
		}
		if (!emit(s, dq_sim_random(s->sim, s->start + after)))
			return;
	}
}

/* A row of the database, at its time, or at once when asked to stop: what was
 * read is written. False: enough. */
static bool
replay_record(struct simulate *s, const struct dq_record *record,
    int64_t *begin, int64_t *transactions)
{
	bool moves = record->kind != DQ_KIND_CUSTOMER, going;

	if (moves && *begin == DQ_TIME_NONE)
		*begin = record->time;
	going = !moves || pace(s, record->time, *begin, *transactions);
	dq_out_pass(s->out, record);
	*transactions += record->kind == DQ_KIND_TRANSACTION;
	return dq_tool_emitted(s->tool, false) && going &&
	       !(s->limit && *transactions == s->limit);
}

static void
replay(struct simulate *s)
{
	struct dq_source *source = dq_endpoint_source(s->tool);
	struct dq_reader *reader = dq_reader_new();
	int64_t begin = DQ_TIME_NONE, transactions = 0;
	const struct dq_record *record;
	struct dq_slice line;
	enum dq_got got;
	struct dq_err err;

	s->out = dq_tool_open_out(s->tool);
	s->begun = dq_clock_steady();
	while ((got = dq_source_next(source, &line)) == DQ_GOT_LINE) {
		record = dq_reader_parse(reader, line, &source->place,
		    DQ_KIND_BIT(DQ_KIND_TRANSACTION), 4, &err);
		if (!record)
			dq_die(DQ_EXIT_DATA, s->from, "row %lld: %s",
			    (long long)source->place.line, err.text);
		if (!replay_record(s, record, &begin, &transactions))
			break;
	}
	if (dq_tool_stopped())
		dq_source_next(source, &line); /* says where to go on */
	if (got == DQ_GOT_FAIL)
		dq_die(source->err.code ? source->err.code : DQ_EXIT_IO,
		    s->from, "%s", source->err.text);
	dq_reader_free(reader);
	dq_source_close(source);
}

static void
run(struct simulate *s)
{
	const struct dq_sim_options options = {
	    .seed = (uint64_t)s->seed,
	    .first_day = dq_day_of(s->start),
	    .days = s->days,
	    .customers = (uint32_t)s->customers,
	    .ticks = s->ticks,
	    .labels = s->truth_path != NULL,
	};

	if (s->truth_path && !(s->truth = fopen(s->truth_path, "w")))
		dq_die(DQ_EXIT_IO, s->truth_path, "cannot write: %m");
	s->sim = dq_sim_new(&options);
	s->out = dq_tool_open_out(s->tool);
	s->begun = dq_clock_steady();
	if (s->live)
		run_live(s);
	else
		run_days(s);
	if (s->truth) {
		dq_sim_labels(s->sim, &s->lines);
		dq_sim_truth(s->sim, &s->lines);
		write_truth(s, 0);
		if (fclose(s->truth) != 0)
			dq_die(DQ_EXIT_IO, s->truth_path, "cannot write: %m");
	}
	dq_buf_release(&s->lines);
	dq_sim_free(s->sim);
}

int
main(int argc, char **argv)
{
	struct simulate s = {.seed = 1, .start = DQ_TIME_NONE, .ticks = true};
	struct dq_opt options[] = {
	    {.name = "seed",
		.argument = "N",
		.type = DQ_OPT_INT,
		.value = &s.seed,
		.help = "another seed, other customers (1)"},
	    {.name = "start",
		.argument = "TIME",
		.type = DQ_OPT_TIME,
		.value = &s.start,
		.help = "the first day (2026-01-01; live: now)"},
	    {.name = "customers",
		.argument = "N",
		.type = DQ_OPT_INT,
		.value = &s.customers,
		.help = "how many (1000; with LIMIT: 180 days' worth)"},
	    {.name = "days",
		.argument = "N",
		.type = DQ_OPT_INT,
		.value = &s.days,
		.help = "end after N days (180; with LIMIT: none)"},
	    {.name = "speed",
		.argument = "60x",
		.value = &s.speed_text,
		.help = "event time runs so much faster than the clock"},
	    {.name = "truth",
		.argument = "PATH",
		.value = &s.truth_path,
		.help = "write who falls into distress, when, and labels"},
	    {.name = "ticks",
		.type = DQ_OPT_FLAG,
		.value = &s.ticks,
		.help = "a tick ends each day (yes; --no-ticks: none)"},
	    {.name = "from",
		.argument = "FROM",
		.value = &s.from,
		.help = "pg:TABLE,TABLE: history instead, at a pace"},
	    {.name = NULL},
	};
	struct dq_tool tool = {
	    .name = "dq-simulate",
	    .usage = "[OPTIONS] [LIMIT [DELAY_MS] | live RATE]",
	    .summary = "Simulates bank customers and what they do.",
	    .options = options,
	    .writes = DQ_KIND_BIT(DQ_KIND_CUSTOMER) |
		      DQ_KIND_BIT(DQ_KIND_TRANSACTION) |
		      DQ_KIND_BIT(DQ_KIND_PAYMENT) | DQ_KIND_BIT(DQ_KIND_TICK),
	    .source = true,
	    .ingest = true,
	    .kafka = &dq_kafka,
	    .pg = &dq_pg,
	};

	s.tool = &tool;
	read_arguments(&s, dq_tool_start(&tool, argc, argv), argv + 1);
	check_options(&s);
	if (s.start == DQ_TIME_NONE)
		s.start = s.live ? dq_clock_wall() : 20454 * DQ_DAY;
	if (s.from)
		tool.common.from = s.from;
	if (s.from)
		replay(&s);
	else
		run(&s);
	return dq_tool_close_out(&tool);
}
