#include "model/baseline.h"

#include "base/mem.h"
#include "record/json.h"

#include <stdlib.h>

#define KINDS (DQ_KIND_BIT(DQ_KIND_FEATURES) | DQ_KIND_BIT(DQ_KIND_PREDICTION))

struct rows {
	struct dq_columns *columns;
	struct dq_reader *reader;
	size_t width, count;
	struct dq_code *rows;
	double *values; /* of one row: work space */
};

static bool
add_line(struct rows *r, struct dq_slice line, struct dq_err *err)
{
	const struct dq_place nowhere = {.partition = -1};
	const struct dq_record *record;

	if (dq_slice_blank(line))
		return true;
	if (line.len > DQ_LINE_LIMIT)
		return dq_err_set(err, "longer than %u bytes", DQ_LINE_LIMIT);
	record = dq_reader_parse(r->reader, line, &nowhere, KINDS, 2, err);
	if (!record)
		return false;
	if (!(KINDS & DQ_KIND_BIT(record->kind)))
		return true;
	if (r->count == DQ_BACKGROUND_LIMIT)
		return dq_err_set(err, "more than %d rows: give a sample",
		    DQ_BACKGROUND_LIMIT);
	/* Grows when the number of rows reaches a power of two. */
	if (!(r->count & (r->count - 1)))
		r->rows = dq_realloc_array(r->rows,
		    (r->count ? 2 * r->count : 1) * r->width + 1,
		    sizeof(*r->rows));
	if (!dq_columns_read(r->columns, record, r->rows + r->count * r->width,
		r->values, err))
		return false;
	r->count++;
	return true;
}

static bool
add_lines(struct rows *r, struct dq_slice ndjson, struct dq_err *err)
{
	for (size_t number = 1; ndjson.len; number++) {
		const char *end = memchr(ndjson.data, '\n', ndjson.len);
		struct dq_slice line = {ndjson.data, 0};

		if (!end)
			return dq_err_set(
			    err, "line %zu: it has no end", number);
		line.len = (size_t)(end - ndjson.data);
		if (!add_line(r, line, err))
			return dq_err_at(err, "line %zu", number);
		ndjson.data += line.len + 1;
		ndjson.len -= line.len + 1;
	}
	return r->count || dq_err_set(err, "no features record in it");
}

/* How records name it, and what they are named by. */
static void
name_baseline(struct dq_scorer *scorer, struct dq_slice ndjson, size_t count)
{
	struct dq_buf both = {0};
	char digest[DQ_SHA256_TEXT];

	dq_sha256_text(ndjson, digest);
	scorer->baseline.len = 0;
	dq_buf_byte(&scorer->baseline, '{');
	dq_buf_member_int(&scorer->baseline, "rows", (int64_t)count);
	dq_buf_member_str(&scorer->baseline, "sha256", digest);
	dq_buf_byte(&scorer->baseline, '}');
	dq_buf_str(&both, dq_model_sha256(scorer->model));
	dq_buf_str(&both, digest);
	dq_sha256_text(dq_buf_view(&both), scorer->batch.seed);
	dq_buf_release(&both);
}

bool
dq_baseline_use(
    struct dq_scorer *scorer, struct dq_slice ndjson, struct dq_err *err)
{
	struct rows r = {.width = dq_model_width(scorer->model)};
	bool good;

	r.columns = dq_columns_new(scorer->model);
	r.reader = dq_reader_new();
	r.values = dq_calloc(r.width + 1, sizeof(*r.values));
	good = add_lines(&r, ndjson, err) &&
	       dq_model_use_background(scorer->model, r.rows, r.count, err);
	if (good)
		name_baseline(scorer, ndjson, r.count);
	dq_columns_free(r.columns);
	dq_reader_free(r.reader);
	free(r.rows);
	free(r.values);
	return good;
}

void
dq_baseline_describe(const struct dq_scorer *scorer, struct dq_buf *out)
{
	dq_buf_str(out, "baseline: ");
	if (scorer->baseline.len)
		dq_buf_slice(out, dq_buf_view(&scorer->baseline));
	else
		dq_buf_str(out, "population");
	dq_buf_byte(out, '\n');
}
