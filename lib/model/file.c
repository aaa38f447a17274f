#include "model/file.h"

#include "model/catboost.h"
#include "model/lightgbm.h"
#include "model/scorecard.h"
#include "model/ubjson.h"
#include "model/xgboost.h"
#include "record/json.h"

static bool
read_root(struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err)
{
	if (dq_xgboost_is(root))
		return dq_xgboost_read(root, forest, err);
	if (dq_catboost_is(root))
		return dq_catboost_read(root, forest, err);
	if (dq_scorecard_is(root))
		return dq_scorecard_read(root, forest, err);
	return dq_err_set(err, "no model of a kind that dq-model(5) lists");
}

static bool
read_json(struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(bytes, err);
	bool good = doc && read_root(dq_json_root(doc), forest, err);

	dq_json_free(doc);
	return good;
}

static bool
read_ubjson(struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err)
{
	struct dq_buf json = {0};
	bool good = dq_ubjson_to_json(bytes, &json, err) &&
		    read_json(dq_buf_view(&json), forest, err);

	dq_buf_release(&json);
	return good;
}

bool
dq_forest_read(
    struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err)
{
	bool good;

	if (dq_ubjson_is(bytes))
		good = read_ubjson(bytes, forest, err);
	else if (dq_lightgbm_is(bytes))
		good = dq_lightgbm_read(bytes, forest, err);
	else
		good = read_json(bytes, forest, err);
	return good && dq_forest_finish(forest, err);
}
