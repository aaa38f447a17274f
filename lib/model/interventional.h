/* Exact interventional SHAP (background.h) in double, leaf by leaf: for trees
 * that no table can hold, and the figure that tables are held against. Each
 * leaf knows the sets of features that rows of the background miss it by, each
 * different set once; a row is worked against all of them, so the cost is that
 * of the different sets, at most one for each row of the background. */
#ifndef DQ_MODEL_INTERVENTIONAL_H
#define DQ_MODEL_INTERVENTIONAL_H

#include "model/background.h"

#define DQ_INTERVENTIONAL_LIMIT (512u << 20) /* bytes of all sets */

struct dq_interventional;

/* The forest must live longer, the background need not. NULL with err set
 * where a path has more than DQ_PLAYERS_LIMIT features, or the sets would take
 * more than DQ_INTERVENTIONAL_LIMIT. */
struct dq_interventional *dq_interventional_new(const struct dq_forest *forest,
    const struct dq_background *background, struct dq_err *err);

/* The same with a work space of its own, for another thread. It borrows the
 * rest, so the first one must live longer. */
struct dq_interventional *dq_interventional_twin(
    const struct dq_interventional *interventional);
void dq_interventional_free(struct dq_interventional *interventional);

/* Of all sets. */
size_t dq_interventional_bytes(const struct dq_interventional *interventional);

/* Contributions of one row (x: as many as the forest has features) to phi, as
 * many. Not for two threads at once. */
void dq_interventional_explain(
    struct dq_interventional *interventional, const float *x, double *phi);

#endif
