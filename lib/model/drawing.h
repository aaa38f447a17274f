/* dq-score --waterfall: pictures of predictions instead of records. */
#ifndef DQ_MODEL_DRAWING_H
#define DQ_MODEL_DRAWING_H

#include "model/scoring.h"
#include "model/waterfall.h"

#define DQ_DRAWING_SVG_LIMIT 1000 /* pictures in one document */

/* To be filled by the caller but for what is ours. */
struct dq_drawing {
	struct dq_scoring *scoring; /* started; makes features predictions */
	const char *customer;	    /* draw this one's only; NULL: all */
	bool svg;
	struct dq_waterfall_style style; /* of text */
	size_t drawn;			 /* pictures so far */
	/* Ours. */
	struct dq_reader *reader;
	struct dq_out predictions;
	struct dq_buf groups; /* of the document */
	int height;
};

void dq_drawing_release(struct dq_drawing *drawing);

/* Draws a features record's prediction, or a prediction record as it stands:
 * text at once, each picture a line of its own for `out`. False with err set
 * when the record is faulty, or there are too many for one document. */
bool dq_drawing_add(struct dq_drawing *drawing, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err);

/* Writes the SVG document, where there is something in it. */
void dq_drawing_end(struct dq_drawing *drawing, struct dq_out *out);

#endif
