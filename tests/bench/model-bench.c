/* model-bench MODEL ROWS [OUT]   How long one row takes: ROWS are float32 as
 * wide as the model; OUT.phi gets their contributions and OUT.margin their
 * margins as doubles. Prints a JSON object: processor microseconds a row, the
 * least of several rounds, and of lone rows the wall's percentiles. */
#include "base/mem.h"
#include "base/num.h"
#include "model/model.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 5
#define BLOCK 64
#define BACKGROUND 1000 /* rows to compare with: the first ones */

struct bench {
	struct dq_model *model;
	struct dq_code *rows;
	size_t width, count;
	double *margins;
	double *phi;
};

static void
read_file(const char *path, struct dq_buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		dq_die(DQ_EXIT_USAGE, path, "%m");
	while ((n = fread(dq_buf_room(out, 1 << 20), 1, 1 << 20, file)))
		out->len += n;
	fclose(file);
}

/* Values as the kernels read them. */
static void
code_rows(struct bench *b, const struct dq_buf *rows)
{
	const float *x = (const float *)(const void *)rows->data;
	double *values = dq_calloc(b->width, sizeof(*values));

	b->count = rows->len / sizeof(*x) / b->width;
	b->rows = dq_calloc(b->count * b->width, sizeof(*b->rows));
	for (size_t i = 0; i < b->count * b->width; i += b->width) {
		for (size_t f = 0; f < b->width; f++)
			values[f] = (double)x[i + f];
		dq_model_code(b->model, values, b->rows + i);
	}
	free(values);
}

/* Rows `step` at a time through score or explain. */
static void
pass(struct bench *b, size_t step, bool explain)
{
	const struct dq_code *rows = b->rows;

	for (size_t i = 0; i < b->count; i += step) {
		size_t n = b->count - i < step ? b->count - i : step;

		if (explain)
			dq_model_explain(b->model, rows + i * b->width, n,
			    b->phi + i * b->width);
		else
			dq_model_score(
			    b->model, rows + i * b->width, n, b->margins + i);
	}
}

/* Of the processor, not of the wall: neighbours do not count. */
static double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
measure(struct bench *b, const char *name, size_t step, bool explain,
    struct dq_buf *out)
{
	double best = 1e30;

	for (int round = 0; round < ROUNDS; round++) {
		double begin = microseconds(), spent;

		pass(b, step, explain);
		spent = microseconds() - begin;
		if (spent < best)
			best = spent;
	}
	dq_buf_member_real(out, name, best / (double)b->count);
}

static double
wall_microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A row by itself: the median and the 99th percentile, by the wall. */
static void
measure_alone(struct bench *b, const char *p50, const char *p99, bool explain,
    struct dq_buf *out)
{
	double *spent = dq_calloc(b->count, sizeof(*spent));

	for (size_t i = 0; i < b->count; i++) {
		const struct dq_code *row = b->rows + i * b->width;
		double begin = wall_microseconds();

		if (explain)
			dq_model_explain(
			    b->model, row, 1, b->phi + i * b->width);
		else
			dq_model_score(b->model, row, 1, b->margins + i);
		spent[i] = wall_microseconds() - begin;
	}
	qsort(spent, b->count, sizeof(*spent), by_size);
	dq_buf_member_real(out, p50, spent[b->count / 2]);
	dq_buf_member_real(out, p99, spent[b->count * 99 / 100]);
	free(spent);
}

static void
write_values(
    const char *path, const char *ending, const double *values, size_t count)
{
	struct dq_buf name = {0};
	FILE *file;

	dq_buf_printf(&name, "%s.%s", path, ending);
	dq_buf_byte(&name, '\0');
	file = fopen((char *)name.data, "wb");
	if (!file || fwrite(values, sizeof(*values), count, file) != count ||
	    fclose(file))
		dq_die(DQ_EXIT_USAGE, (char *)name.data, "%m");
	dq_buf_release(&name);
}

/* The same model against a background; what it takes to be there. */
static void
measure_against(struct bench *b, struct dq_buf *out)
{
	const struct dq_code *rows = b->rows;
	size_t count = b->count < BACKGROUND ? b->count : BACKGROUND;
	double begin = microseconds();
	struct dq_explainer_facts facts;
	struct dq_err err;

	if (!dq_model_use_background(b->model, rows, count, &err))
		dq_die(DQ_EXIT_USAGE, NULL, "%s", err.text);
	facts = dq_model_facts(b->model);
	dq_buf_member_real(
	    out, "against_load_ms", (microseconds() - begin) / 1e3);
	dq_buf_member_int(out, "against_table_bytes", (int64_t)facts.bytes);
	dq_buf_member_int(out, "against_by_sets", (int64_t)facts.by_sets);
	measure(b, "against", BLOCK, true, out);
	measure(b, "against_single", 1, true, out);
}

int
main(int argc, char **argv)
{
	struct bench b = {0};
	struct dq_buf bytes = {0}, rows = {0}, out = {0};
	struct dq_err err;
	double begin;

	if (argc < 3)
		dq_die(DQ_EXIT_USAGE, NULL, "model-bench MODEL ROWS [OUT]");
	read_file(argv[1], &bytes);
	read_file(argv[2], &rows);
	begin = microseconds();
	b.model = dq_model_new(dq_buf_view(&bytes), &err);
	if (!b.model)
		dq_die(DQ_EXIT_USAGE, argv[1], "%s", err.text);
	dq_buf_byte(&out, '{');
	dq_buf_member_real(&out, "load_ms", (microseconds() - begin) / 1e3);
	dq_buf_member_int(
	    &out, "table_bytes", (int64_t)dq_model_facts(b.model).bytes);
	b.width = dq_model_width(b.model);
	code_rows(&b, &rows);
	b.margins = dq_calloc(b.count, sizeof(*b.margins));
	b.phi = dq_calloc(b.count * b.width, sizeof(*b.phi));
	measure(&b, "score", BLOCK, false, &out);
	measure(&b, "score_single", 1, false, &out);
	measure(&b, "explain", BLOCK, true, &out);
	measure(&b, "explain_single", 1, true, &out);
	measure_alone(&b, "score_p50", "score_p99", false, &out);
	measure_alone(&b, "explain_p50", "explain_p99", true, &out);
	if (argc > 3) {
		write_values(argv[3], "margin", b.margins, b.count);
		write_values(argv[3], "phi", b.phi, b.count * b.width);
	}
	measure_against(&b, &out);
	dq_buf_str(&out, "}\n");
	fwrite(out.data, 1, out.len, stdout);
	dq_model_free(b.model);
	return 0;
}
