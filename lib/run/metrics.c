#include "run/metrics.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>

void
dq_metrics_release(struct dq_metrics *metrics)
{
	for (uint32_t i = 0; i < metrics->names.count; i++) {
		dq_buf_release(&metrics->families[i].head);
		dq_buf_release(&metrics->families[i].samples);
	}
	free(metrics->families);
	dq_map_release(&metrics->names);
	*metrics = (struct dq_metrics){0};
}

static struct dq_metric_family *
family_of(struct dq_metrics *metrics, struct dq_slice name)
{
	uint32_t before = metrics->names.count,
		 i = dq_map_put(&metrics->names, name);

	if (i == before) {
		metrics->families = dq_realloc_array(
		    metrics->families, i + 1, sizeof(*metrics->families));
		metrics->families[i] = (struct dq_metric_family){0};
	}
	return &metrics->families[i];
}

void
dq_metrics_add(struct dq_metrics *metrics, const char *name, const char *type,
    const char *help, const char *labels, double value)
{
	struct dq_metric_family *family = family_of(metrics, DQ_SLICE(name));

	if (!family->head.len)
		dq_buf_printf(&family->head, "# HELP %s %s\n# TYPE %s %s\n",
		    name, help, name, type);
	dq_buf_printf(&family->samples, "%s{%s} ", name, labels);
	dq_buf_real(&family->samples, value);
	dq_buf_byte(&family->samples, '\n');
}

/* The next line, newline included; false at the end of what has one. */
static bool
next_line(struct dq_slice *text, struct dq_slice *line)
{
	const char *end =
	    text->len ? memchr(text->data, '\n', text->len) : NULL;

	if (!end)
		return false;
	*line = (struct dq_slice){text->data, (size_t)(end - text->data) + 1};
	text->data += line->len;
	text->len -= line->len;
	return true;
}

/* Up to one of these bytes. */
static struct dq_slice
word(struct dq_slice text, const char *ends)
{
	size_t n = 0;

	while (n < text.len && !strchr(ends, text.data[n]))
		n++;
	return (struct dq_slice){text.data, n};
}

void
dq_metrics_read(
    struct dq_metrics *metrics, struct dq_slice text, const char *labels)
{
	struct dq_metric_family *family;
	struct dq_slice line, name;

	while (next_line(&text, &line)) {
		if (dq_slice_begins(line, "# HELP ") ||
		    dq_slice_begins(line, "# TYPE ")) {
			name =
			    word((struct dq_slice){line.data + 7, line.len - 7},
				" ");
			family = family_of(metrics, name);
			if (!family->samples.len)
				dq_buf_slice(&family->head, line);
			continue;
		}
		name = word(line, "{ ");
		if (name.len == line.len || line.data[name.len] != '{')
			continue;
		family = family_of(metrics, name);
		dq_buf_slice(&family->samples, name);
		dq_buf_printf(&family->samples, "{%s", labels);
		dq_buf_add(&family->samples, line.data + name.len + 1,
		    line.len - name.len - 1);
	}
}

void
dq_metrics_write(const struct dq_metrics *metrics, struct dq_buf *out)
{
	for (uint32_t i = 0; i < metrics->names.count; i++) {
		dq_buf_slice(out, dq_buf_view(&metrics->families[i].head));
		dq_buf_slice(out, dq_buf_view(&metrics->families[i].samples));
	}
}

bool
dq_metrics_get(struct dq_slice text, const char *name, double *value)
{
	struct dq_slice line, rest;

	while (next_line(&text, &line)) {
		if (!dq_slice_is(word(line, "{ "), name))
			continue;
		rest = word(line, "}");
		if (rest.len + 2 >= line.len)
			continue;
		rest = (struct dq_slice){
		    line.data + rest.len + 2, line.len - rest.len - 3};
		return dq_num_real(rest, value);
	}
	return false;
}
