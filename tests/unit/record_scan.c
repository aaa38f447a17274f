#include "base/random.h"
#include "scan_same.h"
#include "unit.h"

static struct dq_scan *scan;
static uint64_t shape;

static const char *const lines[] = {
    "{\"event_type\":\"features\",\"event_time\":\"2026-01-05T10:11:12Z\","
    "\"customer_id\":\"C1\",\"features\":{\"salary_delay_days\":null,"
    "\"a\":0.125,\"b\":-3,\"c\":0,\"balance_volatility_30d_and_more\":17.5},"
    "\"source\":{\"topic\":\"t\",\"partition\":0,\"list\":[1,[],{}]}}",
    "{\"event_type\":\"prediction\",\"top_features\":[{\"feature\":\"a\","
    "\"value\":1},{\"feature\":\"b\",\"value\":true,\"x\":{}}],\"n\":[1, 2 ,"
    " -0.5],\"explanation\":\"n\xc3\xa4mlich \xe2\x82\xac 5, \xf0\x9f\x99\x82\""
    ",\"a key too long to be remembered, whatever it may say\":false}",
    "{ \"event_type\" : \"tick\" , \"event_time\":\"2026-01-05\" }\r",
    "{\"a\":{\"b\":1,\"c\":2}}",
    "{}",
    "{\"n\":[0,-0,0.1,1.5,12345678901234567,1234567890123456]}",
    "{\"n\":[0.1234567890123456,1234567.12345678,12345678.1234567]}",
};
#define LINES (sizeof(lines) / sizeof(*lines))

static bool
takes(const char *line)
{
	bool taken;

	CHECK(scan_same(scan, line, strlen(line), &taken, &shape));
	return taken;
}

static void
plain_lines(void)
{
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < LINES; i++)
			CHECK(takes(lines[i]));
}

/* Faulty, or left to yyjson; where a line before has taught the keys too. */
static void
others(void)
{
	static const char *const faulty[] = {"", "1", "[]", "{", "{\"a\"}",
	    "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1}x", "{\"a\":01}",
	    "{\"a\":1.}", "{\"a\":.5}", "{\"a\":-}", "{\"a\":+1}",
	    "{\"a\":1e5}", "{\"a\":1.5E5}", "{\"a\":1.5.5}", "{\"a\":nul}",
	    "{\"a\":tru}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}",
	    "{\"a\":[1}", "{\"a\":\"\\n\"}", "{\"a\":\"\t\"}",
	    "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xed\xa0\x80\"}",
	    "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xf4\x90\x80\x80\"}",
	    "{\"a\":\"\xe0\x80\x80\"}", "{\"a\":1\"b\":2}", "{\"a\":\"x}",
	    "{\"a\":1234567890123456e1}", "{\"a\":12345678901234567.}",
	    "{\"a\":{,\"c\":2}}", "{\"a\":{\"b\":1\"c\":2}}", "{\"a\" 1}",
	    "{\"a\":00000000000000001}", "{\"a\":--1}", "{\"a\":1-}"};

	for (size_t i = 0; i < sizeof(faulty) / sizeof(*faulty); i++) {
		CHECK(takes("{\"a\":{\"b\":1,\"c\":2}}"));
		CHECK(!takes(faulty[i]));
	}
}

/* Levels up to the limit; as many values as there can be. */
static void
depths(void)
{
	static const char open[] = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
	static const char end[] = "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";
	char line[256];

	for (int depth = 1; depth <= 40; depth++) {
		snprintf(line, sizeof(line), "{\"a\":%.*s%.*s}", depth, open,
		    depth, end);
		CHECK(takes(line) == (depth < DQ_DEPTH_LIMIT));
		snprintf(line, sizeof(line), "{\"a\":%.*s", depth, open);
		CHECK(!takes(line));
	}
	CHECK(takes("{\"a\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}"));
	CHECK(takes("{\"\":0,\"\":0,\"\":0,\"\":[],\"\":{}}"));
}

static uint64_t
shape_of(const char *members)
{
	char line[256];

	snprintf(
	    line, sizeof(line), "{\"event_type\":\"features\",%s}", members);
	CHECK(takes(line));
	return shape;
}

/* The same number for the same keys in the same objects, and only then. */
static void
shapes(void)
{
	uint64_t first;

	dq_scan_free(scan);
	scan = dq_scan_new();
	first = shape_of("\"a\":{\"b\":1,\"c\":2}");

	CHECK(first != 0);
	CHECK(shape_of("\"a\":{\"b\":null,\"c\":[]}") == first);
	CHECK(shape_of("\"a\":{\"b\":1},\"c\":2") != first);
	first = shape_of("\"a\":{\"b\":1,\"c\":2}");
	CHECK(shape_of("\"a\":{\"b\":1}") != first);
	CHECK(shape_of("\"a\":{\"b\":1,\"c\":2}") != first);
	first = shape;
	CHECK(!takes("{\"event_type\":\"features\",\"a\":{\"d\":1,\"c\":x}}"));
	CHECK(shape_of("\"a\":{\"d\":1,\"c\":2}") != first);
	CHECK(shape_of("\"a\":{\"d\":[{\"c\":2}]}") != first);
}

/* Bytes changed, taken out, put in and doubled, two lines in turn. */
static void
mutations(void)
{
	static const char bytes[] = "{}[],:\"\\ 019-.eEntf\x80\xc3\x1f";
	struct dq_random random;
	char line[1024];
	long taken = 0, refused = 0;

	dq_random_init(&random, 7, 0);
	for (int round = 0; round < 300000; round++) {
		const char *from = lines[dq_random_below(&random, LINES)];
		size_t len = strlen(from), at, n;
		bool took;

		memcpy(line, from, len + 1);
		for (n = dq_random_below(&random, 3); n; n--) {
			at = dq_random_below(&random, len);
			switch (dq_random_below(&random, 3)) {
			case 0:
				line[at] = bytes[dq_random_below(
				    &random, sizeof(bytes) - 1)];
				break;
			case 1:
				memmove(line + at, line + at + 1, len-- - at);
				break;
			default:
				memmove(line + at + 1, line + at, ++len - at);
			}
			if (!len)
				break;
		}
		CHECK(scan_same(scan, line, len, &took, &shape));
		taken += took;
		refused += !took;
	}
	CHECK(taken > 100000);
	CHECK(refused > 100000);
}

int
main(void)
{
	scan = dq_scan_new();
	plain_lines();
	others();
	depths();
	shapes();
	mutations();
	dq_scan_free(scan);
	return unit_done();
}
