/* A prediction as a picture: how the features lead from the base to the
 * margin, one bar each, beginning where the one before it ended. */
#ifndef DQ_MODEL_WATERFALL_H
#define DQ_MODEL_WATERFALL_H

#include "model/prediction.h"

struct dq_waterfall_bar {
	struct dq_slice feature, reason; /* empty: all other features */
	double value;			 /* NAN: not known */
	double contribution;
	double from, to; /* margins */
};

/* Borrows the record's texts. */
struct dq_waterfall {
	struct dq_slice customer, level;
	int64_t time; /* DQ_TIME_NONE: it has none */
	double score, base, margin;
	int64_t rows;	    /* of the baseline; 0: the population */
	size_t count;	    /* of bars, the rest of the features last */
	bool explained;	    /* else there is no bar */
	double least, most; /* of all margins in it */
	struct dq_waterfall_bar bars[DQ_REASONS_LIMIT + 1];
};

/* From a prediction record. False with err set where it lacks base and margin,
 * or its reasons are none. */
bool dq_waterfall_read(struct dq_waterfall *waterfall,
    const struct dq_record *record, struct dq_err *err);

/* Appends "CUSTOMER: LEVEL, 12.3 %, TIME", the line above a picture; what the
 * text cannot show of the customer's name stands as it is. */
void dq_waterfall_title(
    const struct dq_waterfall *waterfall, struct dq_buf *out);

/* What a bar is called: the feature's name, or what stands for the rest; and
 * behind it " = VALUE", six digits of it, or that it is not known. */
struct dq_slice dq_waterfall_name(const struct dq_waterfall_bar *bar);
void dq_waterfall_value(const struct dq_waterfall_bar *bar, struct dq_buf *out);

/* What the margin of the first row is called. */
void dq_waterfall_base_label(
    const struct dq_waterfall *waterfall, struct dq_buf *out);

struct dq_waterfall_style {
	int columns; /* 40 or more */
	bool utf8;   /* else ASCII */
	bool colour;
};

/* Appends lines for a terminal, without the newline of the last. */
void dq_waterfall_text(const struct dq_waterfall *waterfall,
    const struct dq_waterfall_style *style, struct dq_buf *out);

/* Appends a picture as an SVG group, its top at `top`; number: of the picture,
 * for its ids. Returns its height. */
int dq_waterfall_svg(const struct dq_waterfall *waterfall, size_t number,
    int top, struct dq_buf *out);

/* Appends a whole SVG document of `count` such groups. */
void dq_waterfall_svg_document(
    struct dq_slice groups, size_t count, int height, struct dq_buf *out);

#endif
