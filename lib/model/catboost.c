#include "model/catboost.h"

#include "base/mem.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

#define SPLITS_LIMIT 16 /* CatBoost's own */

bool
dq_catboost_is(struct yyjson_val *root)
{
	return dq_json_get(root, "features_info") &&
	       dq_json_get(root, "model_info");
}

static bool
check_loss(struct yyjson_val *root, struct dq_err *err)
{
	struct yyjson_val *params =
	    dq_json_get(dq_json_get(root, "model_info"), "params");
	struct dq_slice type = dq_json_text(
	    dq_json_get(dq_json_get(params, "loss_function"), "type"));

	if (dq_slice_is(type, "Logloss") || dq_slice_is(type, "CrossEntropy"))
		return true;
	return dq_err_set(err,
	    "model_info.params.loss_function: \"%.*s\" is not supported: "
	    "Logloss and CrossEntropy are",
	    (int)(type.len < 64 ? type.len : 64), type.data);
}

/* Where a feature's missing values go, by feature. */
static bool
read_features(struct yyjson_val *root, struct dq_forest *forest,
    struct dq_buf *missing_left, struct dq_err *err)
{
	struct yyjson_val *info = dq_json_get(root, "features_info");
	struct dq_json_iter iter =
	    dq_json_iter(dq_json_get(info, "float_features"));

	if (dq_json_size(dq_json_get(info, "categorical_features")) ||
	    dq_json_size(dq_json_get(info, "text_features")))
		return dq_err_set(err, "features_info: features that are no "
				       "numbers are not supported");
	while (dq_json_next(&iter)) {
		uint32_t next = forest->names.count;
		struct dq_slice name =
		    dq_json_text(dq_json_get(iter.value, "feature_id"));
		struct dq_slice nan = dq_json_text(
		    dq_json_get(iter.value, "nan_value_treatment"));
		int64_t index;

		if (!dq_json_int(
			dq_json_get(iter.value, "feature_index"), &index) ||
		    index != next || !name.len ||
		    dq_map_put(&forest->names, name) != next)
			return dq_err_set(err,
			    "float_features: number %u has no feature_index "
			    "%u or no feature_id of its own",
			    next, next);
		/* Splits ask for more than the border: as -inf, as inf; and
		 * no number is more than anything. */
		dq_buf_byte(missing_left, !dq_slice_is(nan, "AsTrue"));
	}
	return forest->names.count ||
	       dq_err_set(err, "features_info: it has no float_features");
}

static bool
read_numbers(struct yyjson_val *tree, const char *key, double *out,
    size_t count, struct dq_err *err)
{
	struct dq_json_iter iter = dq_json_iter(dq_json_get(tree, key));

	if (iter.left_ != count)
		return dq_err_set(err, "%s: %zu, but the splits make %zu", key,
		    iter.left_, count);
	for (size_t i = 0; dq_json_next(&iter); i++)
		if (!dq_json_real(iter.value, &out[i]))
			return dq_err_set(
			    err, "%s: element %zu is no number", key, i);
	return true;
}

/* One level's splits: nodes `first` to 2 * first. */
static bool
read_level(struct yyjson_val *split, const struct dq_forest *forest,
    const struct dq_buf *missing_left, struct dq_node *nodes, int32_t first,
    struct dq_err *err)
{
	int64_t feature;
	double border;

	if (!dq_slice_is(
		dq_json_text(dq_json_get(split, "split_type")), "FloatFeature"))
		return dq_err_set(err, "its split_type is not FloatFeature: "
				       "train with numbers only");
	if (!dq_json_int(dq_json_get(split, "float_feature_index"), &feature) ||
	    feature < 0 || feature >= forest->names.count)
		return dq_err_set(err, "its float_feature_index is no feature");
	if (!dq_json_real(dq_json_get(split, "border"), &border) ||
	    fabs(border) >= (double)INFINITY)
		return dq_err_set(err, "its border is no number");
	for (int32_t i = first; i <= 2 * first; i++)
		nodes[i] = (struct dq_node){
		    .left = 2 * i + 1,
		    .right = 2 * i + 2,
		    .feature = (int32_t)feature,
		    /* Left is x <= border, between floats. */
		    .threshold = nextafterf((float)border, INFINITY),
		    .default_left = missing_left->data[feature],
		};
	return true;
}

static bool
read_leaves(struct yyjson_val *value, struct dq_node *nodes, size_t leaves,
    struct dq_err *err)
{
	double *columns = dq_calloc(2 * leaves, sizeof(*columns));
	bool good =
	    read_numbers(value, "leaf_values", columns, leaves, err) &&
	    read_numbers(value, "leaf_weights", columns + leaves, leaves, err);

	for (size_t i = 0; good && i < leaves; i++) {
		nodes[leaves - 1 + i].value = columns[i];
		nodes[leaves - 1 + i].cover = columns[leaves + i];
	}
	for (size_t i = leaves - 1; i-- > 0;)
		nodes[i].cover =
		    nodes[2 * i + 1].cover + nodes[2 * i + 2].cover;
	free(columns);
	return good;
}

static bool
read_tree(struct yyjson_val *value, struct dq_forest *forest,
    const struct dq_buf *missing_left, struct dq_err *err)
{
	struct yyjson_val *splits = dq_json_get(value, "splits");
	size_t depth = dq_json_size(splits);
	struct dq_json_iter iter = dq_json_iter(splits);
	struct dq_tree *tree;

	if (depth > SPLITS_LIMIT)
		return dq_err_set(err, "more than %d splits", SPLITS_LIMIT);
	if (dq_json_size(dq_json_get(value, "leaf_values")) != (size_t)1
								   << depth)
		return dq_err_set(err, "leaf_values: not two to the number of "
				       "splits");
	tree = dq_forest_add(forest, (2 << depth) - 1);
	/* The last split is the root, the first decides between two leaves. */
	for (size_t i = 0; dq_json_next(&iter); i++)
		if (!read_level(iter.value, forest, missing_left, tree->nodes,
			(1 << (depth - 1 - i)) - 1, err))
			return dq_err_at(err, "split %zu", i);
	return read_leaves(value, tree->nodes, (size_t)1 << depth, err);
}

static bool
read_trees(struct yyjson_val *root, struct dq_forest *forest,
    const struct dq_buf *missing_left, struct dq_err *err)
{
	struct yyjson_val *trees = dq_json_get(root, "oblivious_trees");
	struct dq_json_iter iter = dq_json_iter(trees);

	if (!yyjson_is_arr(trees))
		return dq_err_set(err, "it has no oblivious_trees: train with "
				       "grow_policy SymmetricTree");
	for (size_t i = 0; dq_json_next(&iter); i++)
		if (!read_tree(iter.value, forest, missing_left, err))
			return dq_err_at(err, "tree %zu", i);
	return true;
}

/* "scale_and_bias": [1, [0.5]] */
static bool
read_scale(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err)
{
	struct yyjson_val *both = dq_json_get(root, "scale_and_bias");
	struct yyjson_val *bias = yyjson_arr_get(both, 1);
	double scale;

	if (dq_json_size(bias) == 1)
		bias = yyjson_arr_get(bias, 0);
	if (!dq_json_real(yyjson_arr_get(both, 0), &scale) ||
	    !dq_json_real(bias, &forest->base))
		return dq_err_set(err, "scale_and_bias are not two numbers");
	for (size_t i = 0; i < forest->count; i++)
		for (int32_t k = 0; k < forest->trees[i].count; k++)
			forest->trees[i].nodes[k].value *= scale;
	return true;
}

bool
dq_catboost_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err)
{
	struct dq_buf missing_left = {0};
	bool good;

	forest->origin = dq_strdup("CatBoost");
	forest->link = DQ_LINK_LOGISTIC;
	forest->slope = 1;
	forest->in_double = true;
	good = check_loss(root, err) &&
	       read_features(root, forest, &missing_left, err) &&
	       read_trees(root, forest, &missing_left, err) &&
	       read_scale(root, forest, err);
	dq_buf_release(&missing_left);
	return good;
}
