#include "model/drawing.h"

void
dq_drawing_release(struct dq_drawing *d)
{
	dq_reader_free(d->reader);
	dq_buf_release(&d->predictions.buf);
	dq_buf_release(&d->groups);
}

static bool
draw(struct dq_drawing *d, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct dq_waterfall waterfall;
	struct dq_buf *buf;

	if (!dq_waterfall_read(&waterfall, record, err))
		return false;
	if (d->svg) {
		if (d->drawn == DQ_DRAWING_SVG_LIMIT)
			return dq_err_set(err,
			    "one document holds %d pictures: choose with "
			    "--customer",
			    DQ_DRAWING_SVG_LIMIT);
		d->height += dq_waterfall_svg(
		    &waterfall, ++d->drawn, d->height, &d->groups);
		return true;
	}
	buf = dq_out_begin(out);
	if (d->drawn++)
		dq_buf_byte(buf, '\n');
	dq_waterfall_text(&waterfall, &d->style, buf);
	dq_out_end(out, record->customer_id);
	return true;
}

/* What the prediction would be as a line, read again. */
static const struct dq_record *
predict(
    struct dq_drawing *d, const struct dq_record *features, struct dq_err *err)
{
	struct dq_slice line;

	if (!dq_scoring_add(d->scoring, features, err))
		return NULL;
	d->predictions.buf.len = 0;
	dq_scoring_write(d->scoring, &d->predictions);
	line = dq_buf_view(&d->predictions.buf);
	line.len--;
	if (!d->reader)
		d->reader = dq_reader_new();
	return dq_reader_parse(d->reader, line, &features->place,
	    DQ_KIND_BIT(DQ_KIND_PREDICTION), 2, err);
}

bool
dq_drawing_add(struct dq_drawing *d, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	if (d->customer && !dq_slice_is(record->customer_id, d->customer))
		return true;
	if (record->kind == DQ_KIND_FEATURES)
		record = predict(d, record, err);
	return record && draw(d, record, out, err);
}

void
dq_drawing_end(struct dq_drawing *d, struct dq_out *out)
{
	if (!d->svg || !d->drawn)
		return;
	dq_waterfall_svg_document(
	    dq_buf_view(&d->groups), d->drawn, d->height, dq_out_begin(out));
	dq_out_end(out, (struct dq_slice){"", 0});
}
