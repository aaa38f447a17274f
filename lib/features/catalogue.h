/* The table of features: one row each, in the order in which they are
 * printed. `dq-features --describe` prints it. */
#ifndef DQ_FEATURES_CATALOGUE_H
#define DQ_FEATURES_CATALOGUE_H

#include "base/err.h"
#include "features/moment.h"

#define DQ_CATALOGUE_VERSION 1 /* grows when a definition changes */
#define DQ_FEATURES_MAX 64
#define DQ_FEATURE_LIMIT 1000 /* of %, ratios and balance_to_outflow_days */

struct dq_feature {
	const char *name;
	double (*value)(const struct dq_moment *moment); /* NAN: null */
	const char *group;
	const char *unit;
	int sign;  /* 1: higher means more stress; -1: lower; 0: neither */
	int alert; /* 1: from `limit` up; -1: down from it; 0: never */
	double limit;
	const char *source;
	const char *sentence; /* what a customer may read */
	unsigned needs;	      /* DQ_NEED bits */
};

extern const struct dq_feature dq_catalogue[];
extern const size_t dq_catalogue_count;

/* The rows that are to be computed and printed. */
struct dq_selection {
	size_t count;
	uint8_t row[DQ_FEATURES_MAX];
	unsigned needs;	      /* of all of them */
	uint64_t clipped;     /* bit i: row i of the catalogue is */
	char hash[17];	      /* names what they are */
	struct dq_buf prefix; /* `","feature_set":"HASH","features":` */
	struct dq_buf keys;   /* `,"name":` one behind the other */
	uint32_t key_end[DQ_FEATURES_MAX];
};

/* `only` is "NAME,NAME,..." or NULL for all; their order is always that of
 * the catalogue. False with err set on an unknown name. */
bool dq_selection_init(
    struct dq_selection *selection, const char *only, struct dq_err *err);
void dq_selection_release(struct dq_selection *selection);

/* The values of the selected rows (room for DQ_FEATURES_MAX); NAN: null.
 * `customer` may be NULL: one never seen. */
void dq_selection_values(const struct dq_selection *selection,
    struct dq_sight *sight, const struct dq_customer *customer, int32_t T,
    double *values);

/* Appends the values as a JSON object. */
void dq_selection_write(const struct dq_selection *selection,
    const double *values, struct dq_buf *out);

/* The table as text, a JSON object a row. */
void dq_catalogue_describe(struct dq_buf *out);

#endif
