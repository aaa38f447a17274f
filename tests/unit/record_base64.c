/* dq_buf_base64 and dq_buf_unbase64: RFC 4648's vectors, there and back at
 * every length, and what is not base64. */
#include "record/base64.h"

#include "unit.h"

static bool
decodes(const char *text, const char *want)
{
	struct dq_buf buf = {0};
	bool good = dq_buf_unbase64(&buf, DQ_SLICE(text)) &&
		    dq_slice_is(dq_buf_view(&buf), want);

	dq_buf_release(&buf);
	return good;
}

static bool
refuses(const char *text)
{
	struct dq_buf buf = {0};
	bool good = !dq_buf_unbase64(&buf, DQ_SLICE(text)) && !buf.len;

	dq_buf_release(&buf);
	return good;
}

static void
there_and_back(size_t length)
{
	struct dq_buf bytes = {0}, text = {0}, again = {0};

	for (size_t i = 0; i < length; i++)
		dq_buf_byte(&bytes, (char)(i * 89 + length * 31 + 7));
	dq_buf_base64(&text, dq_buf_view(&bytes));
	CHECK(text.len == (length + 2) / 3 * 4);
	CHECK(dq_buf_unbase64(&again, dq_buf_view(&text)));
	CHECK(again.len == length &&
	      (!length || !memcmp(again.data, bytes.data, length)));
	dq_buf_release(&bytes);
	dq_buf_release(&text);
	dq_buf_release(&again);
}

int
main(void)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="},
	    {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	static const char *const bad[] = {"Z", "Zg",
	    "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v!m9v", "Zm9vYm9 ",
	    "Zh==", "Zm9=", "Zg=a"};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct dq_buf text = {0};

		dq_buf_base64(&text, DQ_SLICE(vectors[i][0]));
		CHECK(dq_slice_is(dq_buf_view(&text), vectors[i][1]));
		CHECK(decodes(vectors[i][1], vectors[i][0]));
		dq_buf_release(&text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(refuses(bad[i]));
	for (size_t length = 0; length < 300; length++)
		there_and_back(length);
	return unit_done();
}
