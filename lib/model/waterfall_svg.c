#include "model/waterfall.h"

#include "base/utf8.h"

#include <math.h>

/* In pixels: a row, what stands above the first, and the columns. */
#define WIDTH 760
#define ROW 26
#define HEAD 40
#define FOOT 14
#define LABEL_LEFT 16
#define NUMBER_RIGHT 372
#define BAR_LEFT 388
#define BAR_WIDTH (WIDTH - BAR_LEFT - 16)
#define BAR_HEIGHT 16
#define LABEL_LIMIT 36 /* characters; the whole is in the row's title */
#define NOTHING ((struct dq_slice){"", 0})

/* One picture in work. */
struct sheet {
	const struct dq_waterfall *waterfall;
	int y; /* of the row's top */
	struct dq_buf *out;
};

static void
put_character(struct dq_buf *out, uint32_t c)
{
	switch (c) {
	case '&':
		dq_buf_str(out, "&amp;");
		break;
	case '<':
		dq_buf_str(out, "&lt;");
		break;
	case '>':
		dq_buf_str(out, "&gt;");
		break;
	case '"':
		dq_buf_str(out, "&quot;");
		break;
	case '\'':
		dq_buf_str(out, "&#39;");
		break;
	default:
		dq_buf_utf8(out, c);
	}
}

/* At most `limit` characters of the text, escaped. */
static void
put_cut(struct dq_buf *out, struct dq_slice text, size_t limit)
{
	for (size_t at = 0; at < text.len;) {
		uint32_t c = dq_utf8_next_shown(text, &at);

		if (limit-- == 1 && at < text.len) {
			dq_buf_str(out, "\xe2\x80\xa6");
			return;
		}
		put_character(out, c);
	}
}

static void
put_text(struct dq_buf *out, struct dq_slice text)
{
	put_cut(out, text, text.len + 1);
}

static double
x_of(const struct sheet *s, double margin)
{
	const struct dq_waterfall *w = s->waterfall;

	if (!(w->most > w->least))
		return BAR_LEFT;
	return BAR_LEFT +
	       (margin - w->least) / (w->most - w->least) * BAR_WIDTH;
}

/* A group of name, value and number, with the sentence that a pointer on it
 * shows; the caller adds what is drawn and ends it. */
static void
begin_row(struct sheet *s, struct dq_slice name, struct dq_slice value,
    struct dq_slice reason, double number, bool is_signed)
{
	int base = s->y + 17;

	dq_buf_str(s->out, "<g><title>");
	put_text(s->out, name);
	put_text(s->out, value);
	dq_buf_printf(s->out, is_signed ? ": %+.6f" : ": %.6f", number);
	dq_buf_str(s->out, reason.len ? ". " : "");
	put_text(s->out, reason);
	dq_buf_printf(
	    s->out, "</title>\n<text x=\"%d\" y=\"%d\">", LABEL_LEFT, base);
	put_cut(s->out, name, LABEL_LIMIT - value.len);
	put_text(s->out, value);
	dq_buf_printf(s->out,
	    is_signed
		? "</text><text class=\"n\" x=\"%d\" y=\"%d\">%+.3f</text>\n"
		: "</text><text class=\"n\" x=\"%d\" y=\"%d\">%.3f</text>\n",
	    NUMBER_RIGHT, base, number);
}

static void
end_row(struct sheet *s)
{
	dq_buf_str(s->out, "</g>\n");
	s->y += ROW;
}

/* A line down to the next row, where the next bar begins. */
static void
put_line(const struct sheet *s, double margin, const char *class)
{
	dq_buf_printf(s->out,
	    "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" "
	    "y2=\"%d\"/>\n",
	    class, x_of(s, margin), s->y + 3, x_of(s, margin), s->y + ROW + 2);
}

static void
put_place(struct sheet *s, struct dq_slice name, double margin)
{
	begin_row(s, name, NOTHING, NOTHING, margin, false);
	put_line(s, margin, "m");
	end_row(s);
}

static void
put_bar(struct sheet *s, const struct dq_waterfall_bar *bar)
{
	double from = x_of(s, bar->from), to = x_of(s, bar->to);
	double width = fabs(to - from);
	struct dq_buf value = {0};

	dq_waterfall_value(bar, &value);
	begin_row(s, dq_waterfall_name(bar), dq_buf_view(&value), bar->reason,
	    bar->contribution, true);
	dq_buf_printf(s->out,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
	    "height=\"%d\"/>\n",
	    bar->contribution < 0 ? "d" : "u", fmin(from, to), s->y + 5,
	    width < 0.5 ? 0.5 : width, BAR_HEIGHT);
	put_line(s, bar->to, "c");
	end_row(s);
	dq_buf_release(&value);
}

/* All of the picture in words. */
static void
put_description(const struct sheet *s, struct dq_slice base)
{
	const struct dq_waterfall *w = s->waterfall;
	struct dq_buf value = {0};

	put_text(s->out, base);
	dq_buf_printf(s->out, ": %.3f.", w->base);
	for (size_t i = 0; i < w->count; i++) {
		value.len = 0;
		dq_waterfall_value(&w->bars[i], &value);
		dq_buf_byte(s->out, ' ');
		put_text(s->out, dq_waterfall_name(&w->bars[i]));
		put_text(s->out, dq_buf_view(&value));
		dq_buf_printf(s->out, ": %+.3f.", w->bars[i].contribution);
	}
	dq_buf_printf(s->out, "%s margin: %.3f. probability: %.3f.",
	    w->explained ? "" : " No reasons given.", w->margin, w->score);
	dq_buf_release(&value);
}

/* "margin" and the probability that it means. */
static void
put_end(struct sheet *s)
{
	const struct dq_waterfall *w = s->waterfall;

	put_place(s, DQ_SLICE("margin"), w->margin);
	begin_row(
	    s, DQ_SLICE("probability"), NOTHING, NOTHING, w->score, false);
	dq_buf_printf(s->out, "<text x=\"%d\" y=\"%d\">", BAR_LEFT, s->y + 17);
	put_text(s->out, w->level);
	dq_buf_str(s->out, "</text>\n");
	end_row(s);
}

int
dq_waterfall_svg(
    const struct dq_waterfall *w, size_t number, int top, struct dq_buf *out)
{
	struct sheet s = {.waterfall = w, .y = top + HEAD, .out = out};
	struct dq_buf title = {0}, base = {0};

	dq_waterfall_title(w, &title);
	dq_waterfall_base_label(w, &base);
	dq_buf_printf(out,
	    "<g role=\"img\" aria-labelledby=\"t%zu d%zu\">\n"
	    "<title id=\"t%zu\">",
	    number, number, number);
	put_text(out, dq_buf_view(&title));
	dq_buf_printf(out, "</title>\n<desc id=\"d%zu\">", number);
	put_description(&s, dq_buf_view(&base));
	dq_buf_printf(out, "</desc>\n<text class=\"h\" x=\"%d\" y=\"%d\">",
	    LABEL_LEFT, top + 26);
	put_cut(out, dq_buf_view(&title), 2 * LABEL_LIMIT);
	dq_buf_str(out, "</text>\n");
	put_place(&s, dq_buf_view(&base), w->base);
	for (size_t i = 0; i < w->count; i++)
		put_bar(&s, &w->bars[i]);
	put_end(&s);
	dq_buf_str(out, "</g>\n");
	dq_buf_release(&title);
	dq_buf_release(&base);
	return s.y + FOOT - top;
}

void
dq_waterfall_svg_document(
    struct dq_slice groups, size_t count, int height, struct dq_buf *out)
{
	dq_buf_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"group\" "
	    "aria-label=\"reasons of %zu %s\">\n",
	    WIDTH, height, WIDTH, height, count,
	    count == 1 ? "prediction" : "predictions");
	dq_buf_str(out,
	    "<style>\n"
	    "text { font: 14px sans-serif; fill: #1b1f24; }\n"
	    ".h { font-weight: bold; }\n"
	    ".n { text-anchor: end; font-variant-numeric: tabular-nums; }\n"
	    ".b { fill: #ffffff; }\n"
	    ".u { fill: #b3261e; }\n"
	    ".d { fill: #1a5fb4; }\n"
	    ".m { stroke: #1b1f24; stroke-width: 2; }\n"
	    ".c { stroke: #8a9099; stroke-dasharray: 2 2; }\n"
	    "@media (prefers-color-scheme: dark) {\n"
	    "text { fill: #e6e8eb; }\n"
	    ".b { fill: #16191d; }\n"
	    ".u { fill: #ff8a80; }\n"
	    ".d { fill: #78b7ff; }\n"
	    ".m { stroke: #e6e8eb; }\n"
	    "}\n"
	    "</style>\n");
	dq_buf_printf(out, "<rect class=\"b\" width=\"%d\" height=\"%d\"/>\n",
	    WIDTH, height);
	dq_buf_slice(out, groups);
	dq_buf_str(out, "</svg>");
}
