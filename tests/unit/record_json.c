#include "record/json.h"
#include "unit.h"

static void
texts(void)
{
	static const char odd[] = "a\"\\/\b\f\n\r\t\x01\x1f\x7f\0z";
	struct dq_buf buf = {0};
	struct yyjson_doc *doc;

	dq_buf_json_text(&buf, (struct dq_slice){odd, sizeof(odd) - 1});
	/* Whatever the spelling, it must read back as it was. */
	doc = dq_json_parse(dq_buf_view(&buf), NULL);
	CHECK(doc && dq_slice_equal(dq_json_text(dq_json_root(doc)),
			 (struct dq_slice){odd, sizeof(odd) - 1}));
	dq_json_free(doc);
	for (size_t i = 0; i < buf.len; i++)
		CHECK((unsigned char)buf.data[i] >= ' ');
	buf.len = 0;
	dq_buf_json_str(&buf, "žluťoučký \xf0\x9f\x98\x80");
	CHECK_TEXT(buf, "\"žluťoučký \xf0\x9f\x98\x80\"");
	dq_buf_release(&buf);
}

static void
members(void)
{
	struct dq_buf buf = {0};

	dq_buf_byte(&buf, '{');
	dq_buf_member_str(&buf, "a", "x\"y");
	dq_buf_member_int(&buf, "b", INT64_MIN);
	dq_buf_member_real(&buf, "c", 0.5);
	dq_buf_member_flag(&buf, "d", true);
	dq_buf_member_null(&buf, "e");
	dq_buf_member_time(&buf, "f", 0);
	dq_buf_member_raw(&buf, "g", DQ_SLICE("[1.50]"));
	dq_buf_key(&buf, "h");
	dq_buf_str(&buf, "{");
	dq_buf_member_text(&buf, "i", (struct dq_slice){"jk", 1});
	dq_buf_str(&buf, "}}");
	CHECK_TEXT(buf,
	    "{\"a\":\"x\\\"y\",\"b\":-9223372036854775808,\"c\":0.5,\"d\":true,"
	    "\"e\":null,\"f\":\"1970-01-01T00:00:00Z\",\"g\":[1.50],\"h\":{"
	    "\"i\":\"j\"}}");
	dq_buf_release(&buf);
}

static void
reading(void)
{
	struct yyjson_doc *doc = dq_json_parse(
	    DQ_SLICE("{\"n\":12345678901234567890.10,\"i\":-7,\"s\":\"8\","
		     "\"a\":[1,[2],{\"k\":3}],\"t\":true,\"z\":null}"),
	    NULL);
	struct yyjson_val *root = dq_json_root(doc), *list;
	struct dq_json_iter iter;
	struct dq_buf buf = {0};
	double real;
	int64_t whole;

	CHECK_TEXT(
	    dq_json_text(dq_json_get(root, "n")), "12345678901234567890.10");
	CHECK(dq_json_real(dq_json_get(root, "n"), &real) &&
	      real == 12345678901234567890.0);
	CHECK(!dq_json_int(dq_json_get(root, "n"), &whole));
	CHECK(dq_json_int(dq_json_get(root, "i"), &whole) && whole == -7);
	CHECK(!dq_json_int(dq_json_get(root, "s"), &whole));
	CHECK(!dq_json_real(dq_json_get(root, "t"), &real));
	CHECK(!dq_json_real(NULL, &real) && !dq_json_get(NULL, "a"));
	CHECK_TEXT(dq_json_text(dq_json_get(root, "t")), "");
	list = dq_json_get(root, "a");
	CHECK_INT(dq_json_size(list), 3);
	CHECK_INT(dq_json_size(root), 6);
	CHECK_INT(dq_json_size(dq_json_get(root, "s")), 0);
	iter = dq_json_iter(list);
	CHECK(
	    dq_json_next(&iter) && dq_json_next(&iter) && dq_json_next(&iter));
	CHECK_TEXT(iter.key, "");
	CHECK(dq_json_get(iter.value, "k") != NULL && !dq_json_next(&iter));
	iter = dq_json_iter(dq_json_get(root, "s"));
	CHECK(!dq_json_next(&iter));
	dq_buf_json_value(&buf, root);
	CHECK_TEXT(buf,
	    "{\"n\":12345678901234567890.10,\"i\":-7,\"s\":\"8\",\"a\":[1,[2],{"
	    "\"k\":3}],\"t\":true,\"z\":null}");
	dq_buf_release(&buf);
	dq_json_free(doc);
}

static void
faults(void)
{
	static const char *const bad[] = {"", "{", "{\"a\":1,}", "[1 2]", "nul",
	    "01", "1.", "\"\x01\"", "\"\\x\"", "\"\\ud800\"", "\"\xc3\"", "NaN",
	    "{} {}", "// x\n1", "'a'", "\xef\xbb\xbf{}"};
	struct dq_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct yyjson_doc *doc;

		err.text[0] = 0;
		doc = dq_json_parse(DQ_SLICE(bad[i]), &err);
		if (!CHECK(!doc && err.text[0]))
			printf("\t%s\n", bad[i]);
		dq_json_free(doc);
	}
	CHECK(!dq_json_parse(DQ_SLICE("{\n\"a\": 1,\n  oops}"), &err));
	CHECK(strstr(err.text, "line 3, column 3"));
}

int
main(void)
{
	texts();
	members();
	reading();
	faults();
	return unit_done();
}
