/* Clocks by partition, and what falls due in which order. */
#include "unit.h"

#include "policy/engine.h"

#include <stdio.h>
#include <stdlib.h>

static const char policy_text[] =
    "{\"name\":\"n\",\"version\":\"1\",\"author\":\"a\",\"approver\":\"b\","
    "\"valid_from\":\"2026-01-05\",\"language\":\"en\","
    "\"fallback_zone\":\"UTC\",\"unknown_consent\":\"allow\","
    "\"outcome_after\":1,\"rules\":[{\"name\":\"all\",\"when\":\"true\","
    "\"intervention_type\":\"t\",\"channel\":\"letter\",\"priority\":1}]}";

struct bench {
	struct dq_policy *policy;
	struct dq_engine *engine;
	struct dq_reader *reader;
	struct dq_out out;
};

static void
start(struct bench *bench)
{
	*bench = (struct bench){
	    .policy = dq_policy_new(DQ_SLICE(policy_text), NULL),
	    .reader = dq_reader_new(),
	};
	bench->engine = dq_engine_new(bench->policy);
}

static void
stop(struct bench *bench)
{
	dq_engine_free(bench->engine);
	dq_policy_free(bench->policy);
	dq_reader_free(bench->reader);
	dq_buf_release(&bench->out.buf);
}

/* A prediction at that hour of 2026-01-05. */
static void
predict(struct bench *bench, const char *customer, int32_t partition, int hour)
{
	struct dq_place place = {
	    .source = "test", .partition = partition, .line = 1};
	const struct dq_record *record;
	char line[256];
	struct dq_err err = {.text = ""};

	snprintf(line, sizeof(line),
	    "{\"event_type\":\"prediction\",\"customer_id\":\"%s\","
	    "\"event_time\":\"2026-01-05T%02d:00:00Z\",\"risk_score\":0.5,"
	    "\"risk_level\":\"HIGH\"}",
	    customer, hour);
	record = dq_reader_parse(bench->reader, DQ_SLICE(line), &place,
	    DQ_KIND_BIT(DQ_KIND_PREDICTION), 2, &err);
	CHECK(record &&
	      dq_engine_predict(bench->engine, record, &bench->out, &err));
}

/* The instant `hours` after the start of 2026-01-05. */
static int64_t
at(int hours)
{
	return dq_day_from_date((struct dq_date){2026, 1, 5}) * DQ_DAY +
	       hours * DQ_HOUR;
}

/* The customers, in order, of the outcomes written since the last call. */
static const char *
outcomes(struct bench *bench)
{
	static struct dq_buf found;
	const char *line;

	found.len = 0;
	for (line = dq_buf_text(&bench->out.buf);
	     (line = strstr(line, "\"outcome\"")); line++) {
		const char *id = strstr(line, "\"customer_id\":\"") + 15;

		dq_buf_add(&found, id, strcspn(id, "\""));
		dq_buf_byte(&found, ' ');
	}
	bench->out.buf.len = 0;
	return dq_buf_text(&found);
}

static void
test_partitions(void)
{
	struct bench bench;

	start(&bench);
	predict(&bench, "A", 0, 10);
	predict(&bench, "B", 1, 10);
	CHECK(!strcmp(outcomes(&bench), ""));
	dq_engine_advance(bench.engine, 1, at(34), &bench.out);
	CHECK(!strcmp(outcomes(&bench), "B "));
	dq_engine_advance(bench.engine, 0, at(34) - 1, &bench.out);
	CHECK(!strcmp(outcomes(&bench), ""));
	dq_engine_advance(bench.engine, -1, at(34), &bench.out);
	CHECK(!strcmp(outcomes(&bench), "A "));
	/* Time that has passed does not come back. */
	dq_engine_advance(bench.engine, -1, at(0), &bench.out);
	CHECK(!strcmp(outcomes(&bench), ""));
	stop(&bench);
}

static void
test_order(void)
{
	struct bench bench;

	start(&bench);
	predict(&bench, "C", -1, 10);
	predict(&bench, "B", -1, 10);
	predict(&bench, "BB", -1, 10);
	predict(&bench, "Z", -1, 9);
	predict(&bench, "A", -1, 11);
	dq_engine_advance(bench.engine, -1, at(48), &bench.out);
	CHECK(!strcmp(outcomes(&bench), "Z B BB C A "));
	stop(&bench);
}

/* Saved and loaded in the middle, it goes on as if nothing had been. */
static void
test_reload(void)
{
	struct bench one, two;
	struct dq_buf key = {0}, value = {0};
	struct dq_err err = {.text = ""};

	start(&one);
	start(&two);
	predict(&one, "B", 2, 10);
	predict(&one, "A", 2, 10);
	predict(&one, "@clock 2", 2, 10);
	for (size_t row = dq_engine_rows(one.engine); row-- > 0;) {
		key.len = value.len = 0;
		dq_engine_save(one.engine, row, &key, &value);
		CHECK(dq_engine_load(
		    two.engine, dq_buf_view(&key), dq_buf_view(&value), &err));
	}
	outcomes(&one);
	dq_engine_advance(one.engine, 2, at(34), &one.out);
	dq_engine_advance(two.engine, 2, at(34), &two.out);
	CHECK(one.out.buf.len == two.out.buf.len &&
	      !memcmp(one.out.buf.data, two.out.buf.data, one.out.buf.len));
	CHECK(!strcmp(outcomes(&two), "@clock 2 A B "));
	dq_buf_release(&key);
	dq_buf_release(&value);
	stop(&one);
	stop(&two);
}

int
main(void)
{
	test_partitions();
	test_order();
	test_reload();
	return unit_done();
}
