/* Prometheus' text format: figures of one program, or those of several brought
 * together. */
#ifndef DQ_RUN_METRICS_H
#define DQ_RUN_METRICS_H

#include "base/buf.h"
#include "base/map.h"

/* Zeroed memory is an empty set. */
struct dq_metrics {
	struct dq_map names; /* of the families */
	struct dq_metric_family {
		struct dq_buf head;    /* its HELP and TYPE lines */
		struct dq_buf samples; /* lines */
	} * families;
};

void dq_metrics_release(struct dq_metrics *metrics);

/* One figure. `labels` is what stands between the braces; a family's type and
 * help are those it came with first. */
void dq_metrics_add(struct dq_metrics *metrics, const char *name,
    const char *type, const char *help, const char *labels, double value);

/* All figures of a text that dq_metrics_write made, with `labels` (followed by
 * a comma) before their own. What is not of that form is left out. */
void dq_metrics_read(
    struct dq_metrics *metrics, struct dq_slice text, const char *labels);

/* Family by family, in the order of their coming. */
void dq_metrics_write(const struct dq_metrics *metrics, struct dq_buf *out);

/* The value of the first figure of that name in a text; false when it has
 * none. */
bool dq_metrics_get(struct dq_slice text, const char *name, double *value);

#endif
