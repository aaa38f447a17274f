/* Numbers, money, times, durations and zones from text, and back again. */
#include "base/money.h"
#include "base/num.h"
#include "base/time.h"
#include "base/zone.h"
#include "fuzz.h"

#include <math.h>

static void
numbers(struct dq_slice text, struct dq_buf *buf)
{
	int64_t whole, again;
	double real, back;

	if (dq_num_int(text, &whole)) {
		buf->len = 0;
		dq_buf_int(buf, whole);
		MUST(dq_num_int(dq_buf_view(buf), &again) && again == whole);
		MUST(dq_num_real(text, &real));
	}
	for (int digits = 0; digits < 4; digits++)
		if (dq_money_parse(text, digits, &whole)) {
			buf->len = 0;
			dq_buf_money(buf, whole, digits);
			MUST(dq_money_parse(dq_buf_view(buf), digits, &again));
			MUST(again == whole);
		}
	if (!dq_num_real(text, &real))
		return;
	MUST(isfinite(real));
	buf->len = 0;
	dq_buf_real(buf, real);
	MUST(dq_num_real(dq_buf_view(buf), &back));
	MUST(back == dq_num_round6(real));
}

static void
times(struct dq_slice text, struct dq_buf *buf)
{
	int64_t time, again;

	if (dq_time_parse(text, &time)) {
		buf->len = 0;
		dq_buf_time(buf, time);
		MUST(dq_time_parse(dq_buf_view(buf), &again) && again == time);
	}
	if (dq_day_parse(text, &time)) {
		buf->len = 0;
		dq_buf_day(buf, time);
		MUST(dq_slice_equal(dq_buf_view(buf), text));
	}
	if (dq_duration_parse(text, &time))
		MUST(time >= 0);
}

static void
zones(struct dq_slice text)
{
	const struct dq_zone *zone = dq_zone_get(text, NULL);

	if (zone)
		MUST(dq_zone_get(text, NULL) == zone);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dq_slice text = {malloc(size ? size : 1), size};
	struct dq_buf buf = {0};

	memcpy((char *)text.data, data, size);
	numbers(text, &buf);
	times(text, &buf);
	zones(text);
	dq_buf_release(&buf);
	free((char *)text.data);
	return 0;
}
