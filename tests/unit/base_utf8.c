#include "base/utf8.h"

#include "unit.h"

static uint32_t
first(const char *text, size_t *taken)
{
	*taken = 0;
	return dq_utf8_next(DQ_SLICE(text), taken);
}

static void
check_first(const char *text, uint32_t want, size_t bytes)
{
	size_t taken;

	CHECK_INT(first(text, &taken), want);
	CHECK_INT((long long)taken, (long long)bytes);
}

static uint32_t
shown(const char *text)
{
	size_t at = 0;

	return dq_utf8_next_shown(DQ_SLICE(text), &at);
}

/* Every character is written as it is read, and nothing is read beyond. */
static void
check_all(void)
{
	struct dq_buf buf = {0};

	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		size_t at = 0;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		buf.len = 0;
		dq_buf_utf8(&buf, c);
		if (dq_utf8_next(dq_buf_view(&buf), &at) != c || at != buf.len)
			CHECK(false);
		at = 0;
		buf.len--;
		if (buf.len &&
		    dq_utf8_next(dq_buf_view(&buf), &at) != DQ_UTF8_UNKNOWN)
			CHECK(false);
	}
	dq_buf_release(&buf);
}

int
main(void)
{
	check_all();
	check_first("a", 'a', 1);
	check_first("\xc3\xa4x", 0xE4, 2);
	check_first("\xe2\x82\xac", 0x20AC, 3);
	check_first("\xf0\x9f\x98\x80", 0x1F600, 4);
	/* Overlong, a surrogate, beyond the last, cut, a tail alone. */
	check_first("\xc0\xaf", DQ_UTF8_UNKNOWN, 1);
	check_first("\xe0\x80\xaf", DQ_UTF8_UNKNOWN, 1);
	check_first("\xed\xa0\x80", DQ_UTF8_UNKNOWN, 1);
	check_first("\xf4\x90\x80\x80", DQ_UTF8_UNKNOWN, 1);
	check_first("\xe2\x82", DQ_UTF8_UNKNOWN, 1);
	check_first("\xe2\x82z", DQ_UTF8_UNKNOWN, 1);
	check_first("\x80", DQ_UTF8_UNKNOWN, 1);
	CHECK_INT(shown("\033[2J"), DQ_UTF8_UNKNOWN);
	CHECK_INT(shown("\n"), DQ_UTF8_UNKNOWN);
	CHECK_INT(shown("\x7f"), DQ_UTF8_UNKNOWN);
	CHECK_INT(shown("\xc2\x9b"), DQ_UTF8_UNKNOWN);	   /* C1: CSI */
	CHECK_INT(shown("\xe2\x80\xae"), DQ_UTF8_UNKNOWN); /* right to left */
	CHECK_INT(shown("\xef\xbf\xbf"), DQ_UTF8_UNKNOWN);
	CHECK_INT(shown("\xc3\xa4"), 0xE4);
	CHECK_INT(dq_utf8_columns('a'), 1);
	CHECK_INT(dq_utf8_columns(0x301), 0);
	CHECK_INT(dq_utf8_columns(0x4E2D), 2);
	CHECK_INT(dq_utf8_columns(0x2588), 1);
	return unit_done();
}
