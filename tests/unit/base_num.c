#include "base/money.h"
#include "base/num.h"
#include "base/random.h"
#include "unit.h"

#include <stdlib.h>

static struct dq_slice
put_real(struct dq_buf *buf, double value)
{
	buf->len = 0;
	dq_buf_real(buf, value);
	return dq_buf_view(buf);
}

static void
integers(void)
{
	static const char *const wrong[] = {"", "+", "-", "1.", "1e3", " 1",
	    "1 ", "0x1", "9223372036854775808", "-9223372036854775809",
	    "99999999999999999999", "--1"};
	int64_t value = 7;

	CHECK(dq_num_int(DQ_SLICE("9223372036854775807"), &value));
	CHECK_INT(value, INT64_MAX);
	CHECK(dq_num_int(DQ_SLICE("-9223372036854775808"), &value));
	CHECK(value == INT64_MIN);
	CHECK(dq_num_int(DQ_SLICE("+007"), &value) && value == 7);
	CHECK(dq_num_int(DQ_SLICE("-0"), &value) && value == 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK(!dq_num_int(DQ_SLICE(wrong[i]), &value));
}

static void
scaled(void)
{
	static const struct {
		const char *text;
		int digits;
		int64_t value;
	} right[] = {
	    {"12.5", 2, 1250},
	    {"-0.01", 2, -1},
	    {"-12.5", 2, -1250},
	    {"-0", 2, 0},
	    {"12.50000", 1, 125},
	    {"12.500000000000000000000000000", 2, 1250},
	    {"1e2", 0, 100},
	    {"1.5E1", 0, 15},
	    {"1500e-2", 0, 15},
	    {"0e9999999", 2, 0},
	    {"0.00000000000000000000000000", 2, 0},
	    {"92233720368547758.07", 2, INT64_MAX},
	    {"-92233720368547758.07", 2, -INT64_MAX},
	    {".5", 1, 5},
	};
	static const char *const wrong[] = {"", ".", "-", "--1", "-.", "1,5",
	    "5.", "1.5.", "0.001", "1e", "1e+", "e5", "92233720368547758.08",
	    "1e17", "1e999999999", "1e-3", "nan", "inf", "0x10",
	    "12345678901234567890123", " 1"};
	int64_t value;

	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		CHECK(dq_num_scaled(
		    DQ_SLICE(right[i].text), right[i].digits, &value));
		CHECK_INT(value, right[i].value);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!CHECK(!dq_num_scaled(DQ_SLICE(wrong[i]), 2, &value)))
			printf("\t%s\n", wrong[i]);
}

static void
random_text(struct dq_random *random, char *text)
{
	int whole = (int)dq_random_below(random, 22);
	int part = (int)dq_random_below(random, 22);
	int exponent = (int)dq_random_below(random, 700) - 350;

	if (dq_random_below(random, 2))
		*text++ = '-';
	for (int i = 0; i <= whole; i++)
		*text++ = (char)('0' + dq_random_below(random, 10));
	if (part)
		*text++ = '.';
	for (int i = 0; i < part; i++)
		*text++ = (char)('0' + dq_random_below(random, 10));
	*text = 0;
	if (dq_random_below(random, 3) == 0)
		snprintf(text, 16, "e%d", exponent);
}

/* The C library is the judge of correct rounding. */
static void
reals_like_strtod(void)
{
	struct dq_random random;
	char text[80];

	dq_random_init(&random, 1, 0);
	for (int i = 0; i < 300000; i++) {
		double want, got = 0;
		bool good;

		random_text(&random, text);
		want = strtod(text, NULL);
		good = dq_num_real(DQ_SLICE(text), &got);
		if (!CHECK(good == (bool)isfinite(want)) ||
		    (good && !CHECK(got == want)))
			printf(
			    "\t%s: %.17g, expected %.17g\n", text, got, want);
	}
}

static void
reals_written(void)
{
	struct dq_buf buf = {0};

	CHECK_TEXT(put_real(&buf, 0.1 + 0.2), "0.3");
	CHECK_TEXT(put_real(&buf, -0.0), "0");
	CHECK_TEXT(put_real(&buf, -4e-7), "0");
	CHECK_TEXT(put_real(&buf, 5e-7), "0.000001");
	CHECK_TEXT(put_real(&buf, -5e-7), "-0.000001");
	CHECK_TEXT(put_real(&buf, 1000), "1000");
	CHECK_TEXT(put_real(&buf, 0.999999499), "0.999999");
	CHECK_TEXT(put_real(&buf, 0.9999996), "1");
	CHECK_TEXT(put_real(&buf, NAN), "null");
	CHECK_TEXT(put_real(&buf, -INFINITY), "null");
	CHECK_TEXT(put_real(&buf, 4503599627.370497), "4503599627.370497");
	CHECK_TEXT(put_real(&buf, 4424444440.848888888), "4424444440.848889");
	CHECK_TEXT(put_real(&buf, -5e9), "-5000000000");
	CHECK_TEXT(put_real(&buf, 1e300), "1.0000000000000001e+300");
	dq_buf_release(&buf);
}

/* Whatever is written reads back as what dq_num_round6 says, and is within
 * half a millionth of the value. */
static void
reals_round_trip(void)
{
	struct dq_random random;
	struct dq_buf buf = {0};

	dq_random_init(&random, 2, 0);
	for (int i = 0; i < 300000; i++) {
		double scale =
		    pow(10, (double)dq_random_below(&random, 16) - 3);
		double value = (dq_random_real(&random) - 0.5) * scale;
		double back = 0, rounded = dq_num_round6(value);

		CHECK(dq_num_real(put_real(&buf, value), &back));
		if (!CHECK(back == rounded))
			printf("\t%.17g: %.17g, %.17g\n", value, back, rounded);
		CHECK(fabs(back - value) <= 5.0001e-7 + fabs(value) * 3e-16);
		CHECK(dq_num_round6(rounded) == rounded);
	}
	dq_buf_release(&buf);
}

static void
money(void)
{
	struct dq_random random;
	struct dq_buf buf = {0};
	int64_t back;

	CHECK_INT(dq_money_digits(DQ_SLICE("EUR")), 2);
	CHECK_INT(dq_money_digits(DQ_SLICE("")), 2);
	CHECK_INT(dq_money_digits(DQ_SLICE("JPY")), 0);
	CHECK_INT(dq_money_digits(DQ_SLICE("KWD")), 3);
	CHECK_INT(dq_money_digits(DQ_SLICE("XXX")), 2);
	CHECK_INT(dq_money_digits(DQ_SLICE("JPYJ")), 2);
	CHECK_INT(dq_money_digits(DQ_SLICE("PY ")), 2);
	CHECK(!dq_money_parse(DQ_SLICE("0.001"), 2, &back));
	CHECK(dq_money_parse(DQ_SLICE("0.001"), 3, &back) && back == 1);
	CHECK(!dq_money_parse(DQ_SLICE("0.5"), 0, &back));
	dq_random_init(&random, 3, 0);
	for (int i = 0; i < 100000; i++) {
		int digits = i % 4;
		int64_t amount = (int64_t)dq_random_bits(&random) >>
				 dq_random_below(&random, 63);

		if (amount == INT64_MIN)
			continue;
		buf.len = 0;
		dq_buf_money(&buf, amount, digits);
		CHECK(dq_money_parse(dq_buf_view(&buf), digits, &back));
		CHECK_INT(back, amount);
	}
	buf.len = 0;
	dq_buf_money(&buf, -5, 2);
	CHECK_TEXT(buf, "-0.05");
	dq_buf_release(&buf);
}

int
main(void)
{
	integers();
	scaled();
	reals_like_strtod();
	reals_written();
	reals_round_trip();
	money();
	return unit_done();
}
