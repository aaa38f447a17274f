#include "model/waterfall.h"

#include "base/utf8.h"

#include <math.h>

#define NUMBER 10 /* columns of a margin: sign, digits, three decimals */
#define GAP 2
#define NOTHING ((struct dq_slice){"", 0})

enum colour { PLAIN, BOLD, UP, DOWN };

/* One picture in work. */
struct sheet {
	const struct dq_waterfall *waterfall;
	const struct dq_waterfall_style *style;
	int label, bar; /* columns */
	struct dq_buf *out;
};

static void
set_colour(const struct sheet *s, enum colour colour)
{
	static const char *const codes[] = {
	    "\033[0m", "\033[1m", "\033[31m", "\033[36m"};

	if (s->style->colour)
		dq_buf_str(s->out, codes[colour]);
}

/* A character as the style can show it: in ASCII '?' for others. */
static uint32_t
next_shown(const struct sheet *s, struct dq_slice text, size_t *at)
{
	uint32_t c = dq_utf8_next_shown(text, at);

	return s->style->utf8 || c < 0x80 ? c : '?';
}

static int
columns_of(const struct sheet *s, struct dq_slice text)
{
	int columns = 0;

	for (size_t at = 0; at < text.len;)
		columns += dq_utf8_columns(next_shown(s, text, &at));
	return columns;
}

/* The text, cut where it does not fit; the columns that are left. */
static int
put_text(const struct sheet *s, struct dq_slice text, int width)
{
	bool fits = columns_of(s, text) <= width;
	int left = width - !fits;

	for (size_t at = 0; at < text.len;) {
		uint32_t c = next_shown(s, text, &at);

		if (dq_utf8_columns(c) > left)
			break;
		dq_buf_utf8(s->out, c);
		left -= dq_utf8_columns(c);
	}
	if (!fits)
		dq_buf_str(s->out, s->style->utf8 ? "\xe2\x80\xa6" : "~");
	return left;
}

static int
cell_of(const struct sheet *s, double margin)
{
	const struct dq_waterfall *w = s->waterfall;

	if (!(w->most > w->least))
		return 0;
	return (int)lround(
	    (margin - w->least) / (w->most - w->least) * (s->bar - 1));
}

static void
put_times(const struct sheet *s, const char *text, int times)
{
	while (times-- > 0)
		dq_buf_str(s->out, text);
}

static void
put_mark(const struct sheet *s, double margin)
{
	put_times(s, " ", cell_of(s, margin));
	dq_buf_str(s->out, s->style->utf8 ? "\xe2\x94\x82" : "|");
}

/* Up and down differ in their pattern, so that colour is not needed; too short
 * a bar is a mark. */
static void
put_bar(const struct sheet *s, const struct dq_waterfall_bar *bar)
{
	static const char *const cells[2][2] = {
	    {"#", "-"}, {"\xe2\x96\x88", "\xe2\x96\x91"}};
	int from = cell_of(s, bar->from), to = cell_of(s, bar->to);
	bool down = bar->contribution < 0;

	if (from == to) {
		put_mark(s, bar->to);
		return;
	}
	put_times(s, " ", from < to ? from : to);
	set_colour(s, down ? DOWN : UP);
	put_times(
	    s, cells[s->style->utf8][down], from < to ? to - from : from - to);
	set_colour(s, PLAIN);
}

/* Name, value (which is not cut) and number; the bar follows. */
static void
begin_row(const struct sheet *s, struct dq_slice name, struct dq_slice value,
    double number, bool is_signed)
{
	int left;

	dq_buf_byte(s->out, '\n');
	left = put_text(s, name, s->label - columns_of(s, value));
	dq_buf_slice(s->out, value);
	put_times(s, " ", left);
	dq_buf_printf(s->out, is_signed ? "%+*.3f" : "%*.3f", NUMBER, number);
	put_times(s, " ", GAP);
}

/* "base" and "margin": places, not changes. */
static void
put_place(const struct sheet *s, struct dq_slice name, double margin)
{
	begin_row(s, name, NOTHING, margin, false);
	put_mark(s, margin);
}

static void
put_bars(const struct sheet *s)
{
	struct dq_buf value = {0};

	for (size_t i = 0; i < s->waterfall->count; i++) {
		const struct dq_waterfall_bar *bar = &s->waterfall->bars[i];

		value.len = 0;
		dq_waterfall_value(bar, &value);
		begin_row(s, dq_waterfall_name(bar), dq_buf_view(&value),
		    bar->contribution, true);
		put_bar(s, bar);
	}
	if (!s->waterfall->explained)
		dq_buf_str(s->out, "\n(no reasons given)");
	dq_buf_release(&value);
}

/* Names and values get what they want, up to half of the width. */
static void
divide(struct sheet *s, struct dq_slice base)
{
	int most = s->style->columns / 2 - GAP, wanted = columns_of(s, base);
	struct dq_buf value = {0};

	for (size_t i = 0; i < s->waterfall->count; i++) {
		const struct dq_waterfall_bar *bar = &s->waterfall->bars[i];
		int columns = columns_of(s, dq_waterfall_name(bar));

		value.len = 0;
		dq_waterfall_value(bar, &value);
		columns += columns_of(s, dq_buf_view(&value));
		wanted = columns > wanted ? columns : wanted;
	}
	s->label = wanted < most ? wanted : most;
	s->bar = s->style->columns - s->label - NUMBER - GAP;
	dq_buf_release(&value);
}

void
dq_waterfall_text(const struct dq_waterfall *w,
    const struct dq_waterfall_style *style, struct dq_buf *out)
{
	struct sheet s = {.waterfall = w, .style = style, .out = out};
	struct dq_buf title = {0}, base = {0};

	dq_waterfall_title(w, &title);
	dq_waterfall_base_label(w, &base);
	divide(&s, dq_buf_view(&base));
	set_colour(&s, BOLD);
	put_text(&s, dq_buf_view(&title), style->columns);
	set_colour(&s, PLAIN);
	put_place(&s, dq_buf_view(&base), w->base);
	put_bars(&s);
	put_place(&s, DQ_SLICE("margin"), w->margin);
	begin_row(&s, DQ_SLICE("probability"), NOTHING, w->score, false);
	put_text(&s, w->level, s.bar);
	dq_buf_release(&title);
	dq_buf_release(&base);
}
