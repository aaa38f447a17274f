/* One decision as a page for a person: what was decided, how the risk was
 * estimated and why, what was known. */
#ifndef DQ_AUDIT_PAGE_H
#define DQ_AUDIT_PAGE_H

#include "base/buf.h"

/* Everything about the decision of that id (prediction_id or intervention_id)
 * among `lines` (unsealed records, each with its newline): the prediction, the
 * interventions it led to, reviews and outcomes of these. Appends a page of
 * text, or of HTML; false when there is no such id. */
bool dq_buf_page(
    struct dq_buf *out, struct dq_slice lines, const char *id, bool html);

#endif
