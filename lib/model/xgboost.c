#include "model/xgboost.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/json.h"

#include <math.h>
#include <stdio.h>

bool
dq_xgboost_is(struct yyjson_val *root)
{
	return dq_json_get(dq_json_get(root, "learner"), "gradient_booster");
}

/* An array of a tree as numbers; it must have `count` of them. */
static bool
read_array(struct yyjson_val *tree, const char *key, double *out, size_t count,
    struct dq_err *err)
{
	struct yyjson_val *array = dq_json_get(tree, key);
	struct dq_json_iter iter = dq_json_iter(array);

	if (!yyjson_is_arr(array) || iter.left_ != count)
		return dq_err_set(
		    err, "\"%s\" is no array of %zu numbers", key, count);
	for (size_t i = 0; dq_json_next(&iter); i++) {
		if (yyjson_is_bool(iter.value))
			out[i] = yyjson_get_bool(iter.value);
		else if (!dq_json_real(iter.value, &out[i]))
			return dq_err_set(err, "\"%s\": element %zu is %s", key,
			    i, dq_json_type(iter.value));
	}
	return true;
}

/* A whole number in range, else -2, which no index is. */
static int32_t
whole(double value)
{
	return value >= -1 && value <= INT32_MAX && value == floor(value)
		   ? (int32_t)value
		   : -2;
}

enum column { LEFT, RIGHT, FEATURE, CONDITION, DEFAULT_LEFT, COVER, COLUMNS };

static const char *const column_names[] = {"left_children", "right_children",
    "split_indices", "split_conditions", "default_left", "sum_hessian"};

static void
fill_node(struct dq_node *node, double *const columns[COLUMNS], size_t i,
    double weight)
{
	int32_t left = whole(columns[LEFT][i]);

	node->left = left == -1 ? 0 : left == 0 ? -2 : left;
	node->right = whole(columns[RIGHT][i]);
	node->feature = whole(columns[FEATURE][i]);
	node->threshold = (float)columns[CONDITION][i];
	node->default_left = columns[DEFAULT_LEFT][i] != 0;
	/* XGBoost adds float leaves, scaled by dart in float. */
	node->value = node->threshold * (float)weight;
	node->cover = (float)columns[COVER][i];
}

static bool
has_categories(struct yyjson_val *tree)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_json_get(tree, "split_type"));
	int64_t type;

	while (dq_json_next(&iter))
		if (!dq_json_int(iter.value, &type) || type != 0)
			return true;
	return dq_json_size(dq_json_get(tree, "categories")) > 0;
}

static bool
read_tree(struct yyjson_val *value, double weight, struct dq_forest *forest,
    struct dq_err *err)
{
	size_t count = dq_json_size(dq_json_get(value, "left_children"));
	double *columns[COLUMNS];
	bool good = true;
	struct dq_tree *tree;

	if (has_categories(value))
		return dq_err_set(err, "it splits on categories, which are not "
				       "supported: train with numbers only");
	if (count < 1 || count > INT32_MAX / 2)
		return dq_err_set(err, "\"left_children\" is empty");
	columns[0] = dq_calloc(count * COLUMNS, sizeof(double));
	for (int c = 0; good && c < COLUMNS; c++) {
		columns[c] = columns[0] + (size_t)c * count;
		good =
		    read_array(value, column_names[c], columns[c], count, err);
	}
	if (good) {
		tree = dq_forest_add(forest, (int32_t)count);
		for (size_t i = 0; i < count; i++)
			fill_node(&tree->nodes[i], columns, i, weight);
	}
	free(columns[0]);
	return good;
}

/* Trees of a multi-class model belong to several sums. */
static bool
check_groups(struct yyjson_val *model, struct dq_err *err)
{
	struct dq_json_iter iter =
	    dq_json_iter(dq_json_get(model, "tree_info"));
	int64_t group;

	while (dq_json_next(&iter))
		if (!dq_json_int(iter.value, &group) || group != 0)
			return dq_err_set(
			    err, "tree_info: more than one class");
	return true;
}

static int64_t
param(struct yyjson_val *object, const char *key, int64_t otherwise)
{
	int64_t value;

	return dq_num_int(dq_json_text(dq_json_get(object, key)), &value)
		   ? value
		   : otherwise;
}

/* Trees of the rounds up to the best one, where training stopped early and
 * the learner says which that was; else all. */
static bool
count_trees(struct yyjson_val *learner, struct yyjson_val *model, size_t *count,
    struct dq_err *err)
{
	struct dq_slice text = dq_json_text(
	    dq_json_get(dq_json_get(learner, "attributes"), "best_iteration"));
	int64_t best, parallel = param(dq_json_get(model, "gbtree_model_param"),
			  "num_parallel_tree", 1);

	*count = dq_json_size(dq_json_get(model, "trees"));
	if (!text.len)
		return true;
	if (!dq_num_int(text, &best) || best < 0 || parallel < 1 ||
	    best >= (int64_t)*count / parallel)
		return dq_err_set(err,
		    "best_iteration \"%.*s\" is no round of its %zu trees",
		    (int)(text.len < 64 ? text.len : 64), text.data, *count);
	*count = (size_t)((best + 1) * parallel);
	return true;
}

static bool
read_trees(
    struct yyjson_val *learner, struct dq_forest *forest, struct dq_err *err)
{
	struct yyjson_val *booster = dq_json_get(learner, "gradient_booster");
	struct yyjson_val *inner = dq_json_get(booster, "gbtree");
	struct yyjson_val *model =
	    dq_json_get(inner ? inner : booster, "model");
	struct yyjson_val *trees = dq_json_get(model, "trees");
	/* Of dart: beside the inner booster until 2.x, in it from 3.x on. */
	struct yyjson_val *weights =
	    dq_json_get(inner ? booster : model, "weight_drop");
	struct dq_json_iter iter = dq_json_iter(trees);
	struct dq_json_iter weight = dq_json_iter(weights);
	size_t count;
	double w = 1;

	if (!yyjson_is_arr(trees))
		return dq_err_set(err, "gradient_booster has no trees");
	if (!count_trees(learner, model, &count, err))
		return false;
	if (weights && dq_json_size(weights) != dq_json_size(trees))
		return dq_err_set(err, "weight_drop: %zu weights of %zu trees",
		    dq_json_size(weights), dq_json_size(trees));
	for (size_t i = 0; i < count && dq_json_next(&iter); i++) {
		if (dq_json_next(&weight) && !dq_json_real(weight.value, &w))
			return dq_err_set(err, "weight_drop: no number");
		if (!read_tree(iter.value, w, forest, err))
			return dq_err_at(err, "tree %zu", i);
	}
	return check_groups(model, err);
}

static bool
read_names(
    struct yyjson_val *learner, struct dq_forest *forest, struct dq_err *err)
{
	struct yyjson_val *names = dq_json_get(learner, "feature_names");
	struct dq_json_iter iter = dq_json_iter(names);

	if (!dq_json_size(names))
		return dq_err_set(err, "it has no feature_names: train it on "
				       "data with named features");
	while (dq_json_next(&iter)) {
		uint32_t next = forest->names.count;
		struct dq_slice name = dq_json_text(iter.value);

		if (!yyjson_is_str(iter.value) ||
		    dq_map_put(&forest->names, name) != next)
			return dq_err_set(err,
			    "feature_names: number %u is no text or a "
			    "second \"%.*s\"",
			    next, (int)(name.len < 64 ? name.len : 64),
			    name.data);
	}
	return true;
}

/* "5E-1" of 1.x and 2.x, "[5E-1]" of 3.x. */
static bool
read_base(
    struct yyjson_val *learner, struct dq_forest *forest, struct dq_err *err)
{
	struct dq_slice text = dq_json_text(dq_json_get(
	    dq_json_get(learner, "learner_model_param"), "base_score"));
	double base;

	if (text.len > 1 && text.data[0] == '[' &&
	    text.data[text.len - 1] == ']') {
		text.data++;
		text.len -= 2;
	}
	if (!dq_num_real(text, &base) || base <= 0 || base >= 1)
		return dq_err_set(
		    err, "base_score is no probability between 0 and 1");
	forest->base = -logf(1 / (float)base - 1);
	return true;
}

static bool
check_objective(struct yyjson_val *learner, struct dq_err *err)
{
	struct yyjson_val *params = dq_json_get(learner, "learner_model_param");
	struct yyjson_val *objective = dq_json_get(learner, "objective");
	struct dq_slice name = dq_json_text(dq_json_get(objective, "name"));

	if (param(params, "num_target", 1) > 1)
		return dq_err_set(err, "num_target: more than one target");
	if (dq_slice_is(name, "binary:logistic") ||
	    dq_slice_is(name, "reg:logistic"))
		return true;
	return dq_err_set(err,
	    "objective \"%.*s\" is not supported: binary:logistic and "
	    "reg:logistic are",
	    (int)(name.len < 64 ? name.len : 64), name.data);
}

static bool
check_booster(struct yyjson_val *booster, struct dq_err *err)
{
	struct dq_slice name = dq_json_text(dq_json_get(booster, "name"));

	if (dq_slice_is(name, "gbtree") || dq_slice_is(name, "dart"))
		return true;
	return dq_err_set(err,
	    "booster \"%.*s\" is not supported: gbtree and dart are",
	    (int)(name.len < 64 ? name.len : 64), name.data);
}

static char *
attribute(struct yyjson_val *learner, const char *key)
{
	struct yyjson_val *attributes = dq_json_get(learner, "attributes");
	struct dq_slice text = dq_json_text(dq_json_get(attributes, key));

	return text.len ? dq_strndup(text.data, text.len) : NULL;
}

static void
name_origin(struct yyjson_val *root, struct dq_forest *forest)
{
	struct dq_json_iter iter = dq_json_iter(dq_json_get(root, "version"));
	char text[64];
	int64_t part[3] = {0, 0, 0};

	for (int i = 0; i < 3 && dq_json_next(&iter); i++)
		dq_json_int(iter.value, &part[i]);
	snprintf(text, sizeof(text), "XGBoost %d.%d.%d", (int)part[0],
	    (int)part[1], (int)part[2]);
	forest->origin = dq_strdup(text);
}

bool
dq_xgboost_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err)
{
	struct yyjson_val *learner = dq_json_get(root, "learner");
	struct yyjson_val *booster = dq_json_get(learner, "gradient_booster");

	name_origin(root, forest);
	forest->link = DQ_LINK_LOGISTIC;
	forest->slope = 1;
	forest->name = attribute(learner, "name");
	forest->version = attribute(learner, "version");
	return check_objective(learner, err) && check_booster(booster, err) &&
	       read_names(learner, forest, err) &&
	       read_base(learner, forest, err) &&
	       read_trees(learner, forest, err);
}
