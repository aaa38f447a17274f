#include "learn/shuffles.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

void
dq_evaluation_report(struct dq_out *out, const char *event_type,
    int64_t shuffle, const struct dq_evaluation *e)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", event_type);
	if (shuffle)
		dq_buf_member_int(buf, "shuffle", shuffle);
	dq_buf_evaluation(buf, e);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
}

struct spread {
	double sum, least, greatest;
};

static void
report_mean(const struct dq_shuffles *shuffles, const struct spread *auc,
    struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_byte(buf, '{');
	dq_buf_member_str(buf, "event_type", "cross_validation_mean");
	dq_buf_member_int(buf, "shuffles", shuffles->count);
	dq_buf_member_int(buf, "folds", shuffles->folds);
	dq_buf_member_int(buf, "features", (int64_t)shuffles->table->columns);
	dq_buf_member_real(buf, "auc", auc->sum / (double)shuffles->count);
	dq_buf_member_real(buf, "auc_least", auc->least);
	dq_buf_member_real(buf, "auc_greatest", auc->greatest);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
}

bool
dq_shuffles_run(
    struct dq_shuffles *shuffles, struct dq_out *out, struct dq_err *err)
{
	const struct dq_table *table = shuffles->table;
	double *score = dq_calloc(table->count, sizeof(*score));
	struct spread auc = {0, INFINITY, -INFINITY};
	struct dq_boost boost = *shuffles->boost;
	struct dq_evaluation e;
	bool good = true;

	for (int64_t s = 1; good && s <= shuffles->count; s++) {
		good = dq_cross_validate(&boost, table, shuffles->folds,
		    (uint64_t)boost.seed, score, err);
		if (!good)
			break;
		dq_table_evaluate(table, score, shuffles->options, &e);
		dq_evaluation_report(out, "cross_validation", s, &e);
		auc.sum += e.auc;
		auc.least = fmin(auc.least, e.auc);
		auc.greatest = fmax(auc.greatest, e.auc);
		if (s == 1) {
			shuffles->first = e;
			memcpy(shuffles->score, score,
			    table->count * sizeof(*score));
		}
		boost.seed++;
	}
	if (good)
		report_mean(shuffles, &auc, out);
	free(score);
	return good;
}
