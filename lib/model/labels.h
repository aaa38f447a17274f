/* What happened: a label per customer and time, as a labels file says it. */
#ifndef DQ_MODEL_LABELS_H
#define DQ_MODEL_LABELS_H

#include "base/err.h"
#include "base/map.h"
#include "record/record.h"

/* Zeroed memory holds no label. */
struct dq_labels {
	struct dq_map keys;
	unsigned char *value; /* of each key, 0 or 1 */
	size_t cap;
	struct dq_buf key; /* scratch */
};

void dq_labels_release(struct dq_labels *labels);

/* Takes a record of event_type "label": {customer_id, event_time, label},
 * label 0, 1, false or true. Records of other types are none of ours and
 * true. False with err set on a label that cannot be read, or that says the
 * opposite of an earlier one. */
bool dq_labels_add(struct dq_labels *labels, const struct dq_record *record,
    struct dq_err *err);

/* 0 or 1; -1 when there is none for this customer and time. */
int dq_labels_get(
    struct dq_labels *labels, struct dq_slice customer_id, int64_t time);

#endif
