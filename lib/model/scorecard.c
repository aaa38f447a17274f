#include "model/scorecard.h"

#include "base/mem.h"
#include "model/cuts.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

#define BINS_LIMIT 1000
#define FIGURE_LIMIT 1e9 /* of any figure but bounds */

struct reader {
	struct dq_forest *forest;
	double scale;
	struct dq_buf thresholds; /* doubles: of each node in turn */
	struct dq_err *err;
};

bool
dq_scorecard_is(struct yyjson_val *root)
{
	return dq_json_get(root, "scorecard");
}

/* Every key must be one of these, and once: `known` ends with NULL. */
static bool
check_keys(
    struct reader *r, struct yyjson_val *object, const char *const *known)
{
	struct dq_json_iter iter = dq_json_iter(object);
	unsigned seen = 0;

	if (!yyjson_is_obj(object))
		return dq_err_set(r->err, "must be an object");
	while (dq_json_next(&iter)) {
		unsigned k = 0;

		while (known[k] && !dq_slice_is(iter.key, known[k]))
			k++;
		if (!known[k] || seen & 1u << k)
			return dq_err_set(r->err,
			    "\"%.*s\" is no key of it, or is there twice",
			    (int)(iter.key.len < 64 ? iter.key.len : 64),
			    iter.key.data);
		seen |= 1u << k;
	}
	return true;
}

/* `otherwise` where the key is missing; NAN: it must be there. */
static bool
read_figure(struct reader *r, struct yyjson_val *object, const char *key,
    double otherwise, double *out)
{
	struct yyjson_val *value = dq_json_get(object, key);

	*out = otherwise;
	if (!value && otherwise == otherwise)
		return true;
	return (dq_json_real(value, out) && fabs(*out) <= FIGURE_LIMIT) ||
	       dq_err_set(r->err, "%s must be a number up to 1e9", key);
}

static bool
read_array(struct reader *r, struct yyjson_val *object, const char *key,
    double *out, size_t count)
{
	struct dq_json_iter iter = dq_json_iter(dq_json_get(object, key));

	if (iter.left_ != count || iter.object_)
		return dq_err_set(r->err,
		    "%s must be an array of %zu numbers: one more bin than "
		    "bounds",
		    key, count);
	for (size_t i = 0; dq_json_next(&iter); i++)
		if (!dq_json_real(iter.value, &out[i]) ||
		    fabs(out[i]) > FIGURE_LIMIT)
			return dq_err_set(r->err,
			    "%s[%zu] must be a number up to 1e9", key, i);
	return true;
}

/* Bins of a feature: bounds between them, points and shares of each, and
 * behind those the ones of missing values. */
struct bins {
	size_t count;
	double *bounds, *points, *shares;
};

static bool
read_bins(struct reader *r, struct yyjson_val *value, struct bins *b)
{
	static const char *const keys[] = {
	    "name", "below", "points", "shares", "missing", NULL};
	static const char *const missing_keys[] = {"points", "share", NULL};
	struct yyjson_val *missing = dq_json_get(value, "missing");

	if (!check_keys(r, value, keys) ||
	    !read_array(r, value, "below", b->bounds, b->count - 1) ||
	    !read_array(r, value, "points", b->points, b->count) ||
	    !read_array(r, value, "shares", b->shares, b->count))
		return false;
	if (!check_keys(r, missing, missing_keys) ||
	    !read_figure(r, missing, "points", NAN, &b->points[b->count]) ||
	    !read_figure(r, missing, "share", NAN, &b->shares[b->count]))
		return dq_err_at(r->err, "missing");
	for (size_t i = 1; i + 1 < b->count; i++)
		if (b->bounds[i] <= b->bounds[i - 1])
			return dq_err_set(
			    r->err, "below[%zu] does not ascend", i);
	for (size_t i = 0; i <= b->count; i++)
		if (b->shares[i] < 0)
			return dq_err_set(r->err, "a share is below 0");
	return true;
}

/* A tree in the making. */
struct growing {
	const struct bins *bins;
	struct dq_node *nodes;
	double *thresholds;
	double scale;
	int32_t feature, made;
};

static int32_t
grow_leaf(struct growing *g, size_t bin)
{
	g->nodes[g->made].value = g->scale * g->bins->points[bin];
	g->nodes[g->made].cover = g->bins->shares[bin];
	return g->made++;
}

static void
grow_split(struct growing *g, int32_t at, double threshold, int32_t left,
    int32_t right)
{
	struct dq_node *node = &g->nodes[at];

	node->feature = g->feature;
	node->left = left;
	node->right = right;
	node->cover = g->nodes[left].cover + g->nodes[right].cover;
	g->thresholds[at] = threshold;
}

/* The bins from `low` up to below `high`, parted in the middle. */
static int32_t
grow(struct growing *g, size_t low, size_t high)
{
	size_t middle = (low + high) / 2;
	int32_t at, left, right;

	if (high - low == 1)
		return grow_leaf(g, low);
	at = g->made++;
	left = grow(g, low, middle);
	right = grow(g, middle, high);
	/* x < bound in doubles is x <= the one before it. */
	grow_split(g, at, nextafter(g->bins->bounds[middle - 1], -INFINITY),
	    left, right);
	return at;
}

static void
plant(struct reader *r, const struct bins *bins, int32_t feature)
{
	int32_t nodes = 2 * (int32_t)bins->count + 1;
	size_t bytes = (size_t)nodes * sizeof(double);
	struct growing g = {
	    .bins = bins,
	    .nodes = dq_forest_add(r->forest, nodes)->nodes,
	    .thresholds = memset(dq_buf_room(&r->thresholds, bytes), 0, bytes),
	    .scale = r->scale,
	    .feature = feature,
	    .made = 1,
	};
	int32_t missing = grow_leaf(&g, bins->count);

	r->thresholds.len += bytes;
	/* Known values to the left, where the bins are. */
	grow_split(&g, 0, INFINITY, grow(&g, 0, bins->count), missing);
}

static bool
read_binned(struct reader *r, struct yyjson_val *value, int32_t feature)
{
	size_t count = dq_json_size(dq_json_get(value, "points"));
	struct bins bins = {.count = count};
	bool good;

	if (count < 1 || count > BINS_LIMIT)
		return dq_err_set(
		    r->err, "points must be an array of 1 to %d", BINS_LIMIT);
	bins.bounds = dq_calloc(3 * (count + 1), sizeof(double));
	bins.points = bins.bounds + count + 1;
	bins.shares = bins.points + count + 1;
	good = read_bins(r, value, &bins);
	if (good)
		plant(r, &bins, feature);
	free(bins.bounds);
	return good;
}

static bool
read_linear(struct reader *r, struct yyjson_val *value, struct dq_term *term)
{
	static const char *const keys[] = {
	    "name", "weight", "mean", "missing", NULL};

	if (!check_keys(r, value, keys) ||
	    !read_figure(r, value, "weight", NAN, &term->weight) ||
	    !read_figure(r, value, "mean", NAN, &term->mean) ||
	    !read_figure(r, value, "missing", term->mean, &term->missing))
		return false;
	term->weight *= r->scale;
	/* Terms count from the mean. */
	r->forest->base += term->weight * term->mean;
	return true;
}

static bool
read_feature(struct reader *r, struct yyjson_val *value)
{
	uint32_t next = r->forest->names.count;
	struct dq_slice name = dq_json_text(dq_json_get(value, "name"));

	if (!name.len || dq_map_put(&r->forest->names, name) != next)
		return dq_err_set(
		    r->err, "name must be a text that no other feature has");
	if (dq_json_get(value, "weight"))
		return read_linear(r, value, &r->forest->terms[next]);
	return read_binned(r, value, (int32_t)next);
}

static bool
read_features(struct reader *r, struct yyjson_val *features)
{
	struct dq_json_iter iter = dq_json_iter(features);

	if (!yyjson_is_arr(features) || !dq_json_size(features))
		return dq_err_set(r->err, "features must be an array");
	r->forest->terms =
	    dq_calloc(dq_json_size(features), sizeof(*r->forest->terms));
	for (size_t i = 0; dq_json_next(&iter); i++)
		if (!read_feature(r, iter.value))
			return dq_err_at(r->err, "features[%zu]", i);
	return true;
}

static char *
text_of(struct yyjson_val *root, const char *key)
{
	struct dq_slice text = dq_json_text(dq_json_get(root, key));

	return text.len ? dq_strndup(text.data, text.len) : NULL;
}

static bool
read_file(struct reader *r, struct yyjson_val *root)
{
	static const char *const keys[] = {"scorecard", "name", "version",
	    "intercept", "scale", "features", NULL};
	struct dq_forest *forest = r->forest;
	int64_t format;

	forest->origin = dq_strdup("dq scorecard 1");
	forest->link = DQ_LINK_LOGISTIC;
	forest->slope = 1;
	forest->in_double = true;
	forest->name = text_of(root, "name");
	forest->version = text_of(root, "version");
	if (!dq_json_int(dq_json_get(root, "scorecard"), &format) ||
	    format != 1)
		return dq_err_set(r->err, "scorecard must be 1, the format");
	return check_keys(r, root, keys) &&
	       read_figure(r, root, "intercept", NAN, &forest->base) &&
	       read_figure(r, root, "scale", 1, &r->scale) &&
	       read_features(r, dq_json_get(root, "features")) &&
	       dq_forest_cut(forest, (void *)r->thresholds.data, r->err);
}

bool
dq_scorecard_read(
    struct yyjson_val *root, struct dq_forest *forest, struct dq_err *err)
{
	struct reader r = {.forest = forest, .err = err};
	bool good = read_file(&r, root);

	dq_buf_release(&r.thresholds);
	return good;
}
