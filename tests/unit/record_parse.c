#include "base/time.h"
#include "record/record.h"
#include "unit.h"

#define ALL (DQ_KIND_BIT(DQ_KINDS) - 1)

static struct dq_reader *reader;
static struct dq_err err;

static const struct dq_record *
parse_as(const char *line, uint32_t kinds)
{
	struct dq_place place = {.source = "test", .partition = -1, .line = 1};

	err.text[0] = 0;
	return dq_reader_parse(reader, DQ_SLICE(line), &place, kinds, 2, &err);
}

/* Refused, and the message says so. */
static void
refused(const char *line, const char *why)
{
	if (CHECK(!parse_as(line, ALL)) && CHECK(strstr(err.text, why)))
		return;
	printf("\t%s\n\tsays \"%s\", expected \"%s\"\n", line, err.text, why);
}

#define TRANSACTION                                                            \
	"\"event_type\":\"transaction\",\"customer_id\":\"C1\","               \
	"\"txn_time\":\"2026-01-05T10:00:00Z\",\"txn_type\":\"debit\""

static void
fields(void)
{
	const struct dq_record *r = parse_as(
	    "{" TRANSACTION ",\"amount\":\"12.50\",\"balance_after\":-3,"
	    "\"is_failed\":true,\"category\":null,\"x\":1}",
	    ALL);

	CHECK(r && r->kind == DQ_KIND_TRANSACTION);
	CHECK_TEXT(r->customer_id, "C1");
	CHECK_INT(r->time, INT64_C(1767607200) * DQ_SECOND);
	CHECK_INT(dq_record_number(r, DQ_AMOUNT, -1), 1250);
	CHECK_INT(dq_record_number(r, DQ_BALANCE_AFTER, -1), -300);
	CHECK(dq_record_flag(r, DQ_IS_FAILED, false));
	CHECK(!dq_record_has(r, DQ_CATEGORY));
	CHECK_TEXT(dq_record_text(r, DQ_CATEGORY), "");
	CHECK_INT(dq_record_number(r, DQ_PAID_AMOUNT, -7), -7);
	CHECK(isnan(dq_record_real(r, DQ_RISK_SCORE)));
	CHECK_TEXT(dq_record_raw(r, DQ_AMOUNT), "\"12.50\"");
	CHECK_TEXT(dq_record_raw(r, DQ_PAID_AMOUNT), "");
}

/* Money has the digits of the record's own currency. */
static void
currencies(void)
{
	const struct dq_record *r = parse_as(
	    "{\"currency\":\"JPY\"," TRANSACTION ",\"amount\":1250}", ALL);

	CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 1250);
	r = parse_as(
	    "{" TRANSACTION ",\"amount\":1.234,\"currency\":\"KWD\"}", ALL);
	CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 1234);
	refused(
	    "{" TRANSACTION ",\"amount\":1.5,\"currency\":\"JPY\"}", "amount");
	refused("{" TRANSACTION ",\"amount\":1.234}", "amount");
	r = parse_as("{" TRANSACTION ",\"amount\":1.2300}", ALL);
	CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 123);
}

#define TYPED(text)                                                            \
	"{\"event_type\":\"transaction\",\"customer_id\":\"C\","               \
	"\"txn_time\":\"2026-01-05\",\"amount\":1,\"txn_type\":\"" text "\"}"

/* A choice is the whole text, with nothing behind it. */
static void
choices(void)
{
	CHECK(parse_as(TYPED("debit"), ALL) != NULL);
	CHECK(parse_as(TYPED("credit"), ALL) != NULL);
	refused(TYPED(""), "txn_type");
	refused(TYPED("loan"), "txn_type");
	refused(TYPED("credi"), "txn_type");
	refused(TYPED("debit|"), "txn_type");
	refused(TYPED("debit|credit"), "txn_type");
	refused(TYPED("debit\\u0000"), "txn_type");
	refused(TYPED("credit\\u0000"), "txn_type");
	refused(TYPED("credit\\u0000credit"), "txn_type");
}

static void
faults(void)
{
	refused("", "not JSON");
	refused("[]", "not a JSON object");
	refused("{}", "event_type");
	refused("{\"event_type\":1}", "event_type");
	refused("{" TRANSACTION "}", "amount");
	refused("{" TRANSACTION ",\"amount\":null}", "amount");
	refused("{" TRANSACTION ",\"amount\":true}", "amount");
	refused("{" TRANSACTION ",\"amount\":-1}", "amount");
	refused("{" TRANSACTION ",\"amount\":1e30}", "amount");
	refused("{" TRANSACTION ",\"amount\":1,\"amount\":1}", "twice");
	refused("{" TRANSACTION ",\"amo\\u0075nt\":1,\"amount\":1}", "twice");
	refused("{" TRANSACTION ",\"amount\":1,\"is_failed\":0}", "is_failed");
	refused("{\"event_type\":\"transaction\",\"customer_id\":7,"
		"\"txn_time\":\"2026-01-05\",\"amount\":1,"
		"\"txn_type\":\"debit\"}",
	    "customer_id");
	refused("{\"event_type\":\"transaction\",\"customer_id\":\"C\","
		"\"txn_time\":\"2026-02-30\",\"amount\":1,"
		"\"txn_type\":\"debit\"}",
	    "txn_time");
	refused("{\"event_type\":\"tick\"}", "event_time");
}

#define HEAD "\"customer_id\":\"C1\",\"txn_time\":\"2026-01-05T10:00:00Z\""
#define LIKE(type, amount, x)                                                  \
	"{\"event_type\":\"" type "\"," HEAD ",\"txn_type\":\"debit\","        \
	"\"amount\":" amount ",\"x\":" x "}"

/* Nothing of a line stays behind in the next one with the same keys. */
static void
same_keys(void)
{
	const struct dq_record *r;

	for (int round = 0; round < 3; round++) {
		r = parse_as(LIKE("transaction", "5", "1"), ALL);
		CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 500);
		CHECK(r && dq_record_has(r, DQ_TXN_TIME));
		refused(LIKE("transaction", "null", "1"),
		    "transaction without \"amount\"");
		refused(LIKE("transaction", "[]", "{}"), "amount");
		refused(LIKE("transaction", "{\"amount\":1}", "1"), "amount");
		refused(LIKE("payment", "5", "1"), "payment without");
		r = parse_as(LIKE("weather", "[]", "1"), ALL);
		CHECK(r && r->kind == DQ_KIND_OTHER);
		CHECK(r && r->time == DQ_TIME_NONE);
		r = parse_as(LIKE("tick", "5", "1"), DQ_KIND_BIT(DQ_KIND_TICK));
		CHECK(!r);
	}
}

/* A member's place says nothing of it once the keys are others. */
static void
other_keys(void)
{
	const struct dq_record *r;

	for (int round = 0; round < 3; round++) {
		r = parse_as(
		    "{\"event_type\":\"payment\",\"customer_id\":\"C2\","
		    "\"event_time\":\"2026-01-05\",\"payment_id\":\"P1\","
		    "\"payment_type\":\"rent\",\"due_date\":\"2026-01-04\","
		    "\"amount\":7,\"amounts\":8}",
		    ALL);
		CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 700);
		CHECK(r && !dq_record_has(r, DQ_TXN_TYPE));
		r = parse_as(
		    "{" TRANSACTION ",\"amount\":3,\"amounts\":8}", ALL);
		CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 300);
		CHECK(r && !dq_record_has(r, DQ_PAYMENT_ID));
		refused("{" TRANSACTION ",\"amounts\":8}", "without");
		r = parse_as(
		    "{" TRANSACTION ",\"amounts\":8,\"amount\":4}", ALL);
		CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 400);
		refused("{" TRANSACTION ",\"amount\":1,\"amount\":2}", "twice");
		refused("{" TRANSACTION ",\"x\":{\"amount\":2}}", "without");
		refused(
		    "{" TRANSACTION ",\"amount\":1,\"amount\":null}", "twice");
		refused(
		    "{" TRANSACTION ",\"amount\":null,\"amount\":1}", "twice");
	}
}

/* More members than the reader has places for: all are read all the same. */
static void
many_members(void)
{
	char line[4096];

	for (int n = 0; n < 200; n++) {
		const struct dq_record *r;
		struct dq_raw_iter iter;
		int len = snprintf(line, sizeof(line), "{" TRANSACTION);
		int members = 0;

		for (int i = 0; i < n; i++)
			len += snprintf(line + len, sizeof(line) - (size_t)len,
			    ",\"x%d\":%d", i, i);
		snprintf(line + len, sizeof(line) - (size_t)len,
		    ",\"amount\":2,\"is_failed\":true}");
		r = parse_as(line, ALL);
		if (!CHECK(r && dq_record_number(r, DQ_AMOUNT, 0) == 200))
			return;
		CHECK(dq_record_flag(r, DQ_IS_FAILED, false));
		CHECK_TEXT(dq_record_raw(r, DQ_IS_FAILED), "true");
		dq_raw_begin(&iter, r);
		while (dq_raw_next(&iter))
			members++;
		CHECK_INT(members, n + 6);
		snprintf(line + len, sizeof(line) - (size_t)len,
		    ",\"amount\":2,\"amount\":2}");
		refused(line, "twice");
	}
}

/* Of kinds nobody asked for only the head is read; keys with a NUL are other
 * keys. */
static void
heads(void)
{
	const struct dq_record *r =
	    parse_as("{" TRANSACTION "}", DQ_KIND_BIT(DQ_KIND_TICK));

	CHECK(r && r->kind == DQ_KIND_TRANSACTION);
	r = parse_as(
	    "{\"event_type\":\"weather\",\"event_type\\u0000\":1}", ALL);
	CHECK(r && r->kind == DQ_KIND_OTHER && r->time == DQ_TIME_NONE);
	r = parse_as(
	    "{\"event_type\":\"tick\",\"timestamp\":\"1970-01-02\"}", ALL);
	CHECK(r && r->time == DQ_DAY);
}

/* Values of every length around the sixteen bytes that are skipped at once. */
static void
raw_lengths(void)
{
	for (int n = 0; n < 50; n++) {
		char line[256];
		struct dq_raw_iter iter;
		int len = snprintf(line, sizeof(line),
		    "{\"a\":{\"%.*s\\\"]}\":[1,{}]},\"b\":%d}", n,
		    "{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}{[]}", n);

		struct dq_record record = {.line = {line, (size_t)len}};

		dq_raw_begin(&iter, &record);
		CHECK(dq_raw_next(&iter));
		CHECK_TEXT(iter.key, "a");
		CHECK_INT(iter.value.len, n + 15);
		CHECK(dq_raw_next(&iter));
		CHECK_TEXT(iter.key, "b");
		CHECK(!dq_raw_next(&iter));
	}
}

static void
raw_members(void)
{
	static const char *const values[] = {"1", "[ {\"a\":\"]\\\"\"} , 2]",
	    "\"x\\\\\"", "{}", "-1.5e3", "null"};
	struct dq_record none = {.line = DQ_SLICE("{}")};
	struct dq_record record = {
	    .line = DQ_SLICE(" { \"a\" : 1 ,\"b\":[ {\"a\":\"]\\\"\"} , "
			     "2],\"c\":\"x\\\\\" , "
			     "\"d\\\"\":{},\"e\":-1.5e3,\"f\":null } ")};
	struct dq_raw_iter iter;
	size_t n = 0;

	dq_raw_begin(&iter, &record);
	for (; dq_raw_next(&iter); n++)
		CHECK_TEXT(iter.value, values[n]);
	CHECK_INT(n, 6);
	dq_raw_begin(&iter, &none);
	CHECK(!dq_raw_next(&iter));
}

int
main(void)
{
	reader = dq_reader_new();
	fields();
	currencies();
	choices();
	faults();
	same_keys();
	other_keys();
	many_members();
	heads();
	raw_members();
	raw_lengths();
	dq_reader_free(reader);
	return unit_done();
}
