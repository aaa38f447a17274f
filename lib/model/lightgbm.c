#include "model/lightgbm.h"

#include "base/mem.h"
#include "base/num.h"
#include "model/cuts.h"

#include <math.h>
#include <stdlib.h>

#define ZERO ((double)1e-35f) /* values up to it are 0 */

/* Lines "key=value" that matter. */
enum key {
	VERSION,
	CLASSES,
	PER_ITERATION,
	OBJECTIVE,
	NAMES,
	AVERAGE,
	LEAVES,
	CATEGORIES,
	LINEAR,
	FEATURE,
	THRESHOLD,
	DECISION,
	LEFT,
	RIGHT,
	LEAF_VALUE,
	LEAF_COUNT,
	COUNT,
	KEYS
};

static const char *const key_names[KEYS] = {"version", "num_class",
    "num_tree_per_iteration", "objective", "feature_names", "average_output",
    "num_leaves", "num_cat", "is_linear", "split_feature", "threshold",
    "decision_type", "left_child", "right_child", "leaf_value", "leaf_count",
    "internal_count"};

enum missing { NONE, ZERO_TOO, NAN_ONLY };

struct reader {
	struct dq_slice rest;
	size_t line; /* number of the line taken last */
	struct dq_forest *forest;
	struct dq_buf thresholds;   /* doubles: of each node in turn */
	struct dq_buf missing;	    /* of each feature: bits of its types */
	struct dq_slice keys[KEYS]; /* of the part read last; NULL: none */
	size_t lines[KEYS];
	struct dq_err *err;
};

bool
dq_lightgbm_is(struct dq_slice bytes)
{
	return bytes.len > 5 && !memcmp(bytes.data, "tree", 4) &&
	       (bytes.data[4] == '\n' || bytes.data[4] == '\r');
}

/* Cuts off the text up to the separator or the end; false when none is left. */
static bool
take(struct dq_slice *rest, char separator, struct dq_slice *part)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->data, separator, rest->len);
	part->data = rest->data;
	part->len = end ? (size_t)(end - rest->data) : rest->len;
	rest->data += part->len + (end != NULL);
	rest->len -= part->len + (end != NULL);
	return true;
}

static bool
take_line(struct reader *r, struct dq_slice *line)
{
	if (!take(&r->rest, '\n', line))
		return false;
	r->line++;
	if (line->len && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

static void
keep(struct reader *r, struct dq_slice line)
{
	struct dq_slice rest = line, key;

	if (!take(&rest, '=', &key))
		return;
	for (int k = 0; k < KEYS; k++)
		if (dq_slice_is(key, key_names[k])) {
			r->keys[k] = rest;
			r->lines[k] = r->line;
		}
}

/* Keys of one part of the file, up to the line that begins the next. */
static bool
read_part(struct reader *r, bool *more)
{
	struct dq_slice line;

	memset(r->keys, 0, sizeof(r->keys));
	while (take_line(r, &line)) {
		*more = dq_slice_begins(line, "Tree=");
		if (*more || dq_slice_begins(line, "end of trees"))
			return true;
		keep(r, line);
	}
	return dq_err_set(
	    r->err, "line %zu: it ends before \"end of trees\"", r->line);
}

static bool
fault(struct reader *r, enum key key, const char *why)
{
	return dq_err_set(
	    r->err, "line %zu: %s %s", r->lines[key], key_names[key], why);
}

/* A whole number from low to high; `otherwise` where the key is missing. */
static bool
read_count(struct reader *r, enum key key, int64_t low, int64_t high,
    int64_t otherwise, int64_t *out)
{
	*out = otherwise;
	if (!r->keys[key].data)
		return true;
	if (dq_num_int(r->keys[key], out) && *out >= low && *out <= high)
		return true;
	return dq_err_set(r->err, "line %zu: %s must be %lld to %lld",
	    r->lines[key], key_names[key], (long long)low, (long long)high);
}

/* Splits between "known" and "missing" have the threshold inf. */
static bool
read_number(enum key key, struct dq_slice text, double *out)
{
	if (key == THRESHOLD && dq_slice_is(text, "inf")) {
		*out = INFINITY;
		return true;
	}
	return dq_num_real(text, out);
}

/* So many numbers, one space between two. */
static bool
read_column(struct reader *r, enum key key, double *out, size_t count)
{
	struct dq_slice rest = r->keys[key], number;

	if (!rest.data)
		return dq_err_set(r->err, "line %zu: the tree before has no %s",
		    r->line, key_names[key]);
	for (size_t i = 0; i < count; i++)
		if (!take(&rest, ' ', &number) ||
		    !read_number(key, number, &out[i]))
			return dq_err_set(r->err,
			    "line %zu: %s: element %zu of %zu is no number",
			    r->lines[key], key_names[key], i, count);
	return !rest.len || fault(r, key, "has more elements than the tree");
}

/* Splits come first, then leaves, which children count as -1, -2 ... */
static int32_t
child(double number, int32_t splits)
{
	if (number != floor(number) || number < -splits - 1 ||
	    number >= splits || number == 0)
		return -2;
	return number > 0 ? (int32_t)number : splits - 1 - (int32_t)number;
}

static bool
read_split(
    struct reader *r, struct dq_node *node, double decision, double threshold)
{
	size_t width = r->forest->names.count;
	unsigned bits = decision >= 0 && decision < 16 ? (unsigned)decision : 0;
	unsigned missing = bits >> 2;

	if (bits != decision || missing > NAN_ONLY)
		return fault(r, DECISION, "has one that is not known");
	if (bits & 1)
		return fault(r, DECISION,
		    "splits on categories, which are not supported: train "
		    "with numbers only");
	node->default_left = missing == NONE ? 0 <= threshold : bits & 2;
	if (node->feature >= 0 && (size_t)node->feature < width)
		r->missing.data[node->feature] |= (char)(1 << missing);
	return true;
}

enum column { C_FEATURE, C_LEFT, C_RIGHT, C_DECISION, C_COVER, COLUMNS };

static const enum key column_keys[] = {FEATURE, LEFT, RIGHT, DECISION, COUNT};

static bool
read_splits(
    struct reader *r, struct dq_node *nodes, double *thresholds, int32_t splits)
{
	size_t n = (size_t)splits;
	double *columns = dq_calloc(n * COLUMNS + 1, sizeof(*columns));
	bool good = read_column(r, THRESHOLD, thresholds, n);

	for (size_t c = 0; good && c < COLUMNS; c++)
		good = read_column(r, column_keys[c], columns + c * n, n);
	for (size_t i = 0; good && i < n; i++) {
		struct dq_node *node = &nodes[i];
		double feature = columns[C_FEATURE * n + i];

		node->feature =
		    feature >= 0 && feature < INT32_MAX ? (int32_t)feature : -1;
		node->left = child(columns[C_LEFT * n + i], splits);
		node->right = child(columns[C_RIGHT * n + i], splits);
		node->cover = columns[C_COVER * n + i];
		good = read_split(
		    r, node, columns[C_DECISION * n + i], thresholds[i]);
	}
	free(columns);
	return good;
}

static bool
read_leaves(struct reader *r, struct dq_node *leaves, size_t count)
{
	double *values = dq_calloc(2 * count, sizeof(*values));
	bool good =
	    read_column(r, LEAF_VALUE, values, count) &&
	    (count == 1 || read_column(r, LEAF_COUNT, values + count, count));

	for (size_t i = 0; good && i < count; i++) {
		leaves[i].value = values[i];
		leaves[i].cover = values[count + i];
	}
	free(values);
	return good;
}

/* The tree whose keys have just been read. */
static bool
read_tree(struct reader *r)
{
	int64_t leaves, categories, linear;
	int32_t splits;
	struct dq_tree *tree;
	double *thresholds;

	if (!r->keys[LEAVES].data)
		return dq_err_set(r->err,
		    "line %zu: the tree before has no num_leaves", r->line);
	/* Each leaf takes some bytes of its line. */
	if (!read_count(
		r, LEAVES, 1, (int64_t)r->keys[LEAF_VALUE].len + 1, 1, &leaves))
		return false;
	if (!read_count(r, CATEGORIES, 0, INT32_MAX, 0, &categories) ||
	    !read_count(r, LINEAR, 0, 1, 0, &linear))
		return false;
	if (categories)
		return fault(r, CATEGORIES,
		    "is not 0: splits on categories are not supported: train "
		    "with numbers only");
	if (linear)
		return fault(r, LINEAR,
		    "is 1: linear leaves are not "
		    "supported");
	splits = (int32_t)leaves - 1;
	tree = dq_forest_add(r->forest, (int32_t)leaves + splits);
	thresholds = (void *)dq_buf_room(
	    &r->thresholds, (size_t)tree->count * sizeof(*thresholds));
	memset(thresholds, 0, (size_t)tree->count * sizeof(*thresholds));
	r->thresholds.len += (size_t)tree->count * sizeof(*thresholds);
	return (!splits || read_splits(r, tree->nodes, thresholds, splits)) &&
	       read_leaves(r, tree->nodes + splits, (size_t)leaves);
}

static bool
read_names(struct reader *r)
{
	struct dq_slice rest = r->keys[NAMES], name;
	struct dq_map *names = &r->forest->names;

	while (take(&rest, ' ', &name))
		if (dq_map_put(names, name) + 1 != names->count || !name.len)
			return fault(r, NAMES, "has one twice");
	r->missing.len = 0;
	memset(dq_buf_room(&r->missing, names->count + 1), 0, names->count + 1);
	return names->count || dq_err_set(r->err, "it has no feature_names");
}

/* "binary sigmoid:1" */
static bool
read_objective(struct reader *r)
{
	struct dq_slice rest = r->keys[OBJECTIVE], name, word;
	struct dq_forest *forest = r->forest;

	forest->link = DQ_LINK_LOGISTIC;
	forest->slope = 1;
	if (!take(&rest, ' ', &name))
		return dq_err_set(r->err, "it has no objective");
	if (!dq_slice_is(name, "binary") && !dq_slice_is(name, "cross_entropy"))
		return fault(r, OBJECTIVE,
		    "is not supported: binary and cross_entropy are");
	while (take(&rest, ' ', &word)) {
		if (!dq_slice_begins(word, "sigmoid:"))
			continue;
		word.data += 8;
		word.len -= 8;
		if (!dq_num_real(word, &forest->slope) || forest->slope <= 0)
			return fault(r, OBJECTIVE, "has a faulty sigmoid");
	}
	return true;
}

static bool
read_header(struct reader *r)
{
	struct dq_slice version = r->keys[VERSION];
	struct dq_buf origin = {0};
	int64_t one;

	if (version.len != 2 || !dq_slice_begins(version, "v") ||
	    version.data[1] < '2' || version.data[1] > '4')
		return dq_err_set(
		    r->err, "its version is not supported: v2, v3 and v4 are");
	dq_buf_str(&origin, "LightGBM ");
	dq_buf_slice(&origin, version);
	dq_buf_text(&origin);
	r->forest->origin = origin.data;
	r->forest->in_double = true;
	return read_count(r, CLASSES, 1, 1, 1, &one) &&
	       read_count(r, PER_ITERATION, 1, 1, 1, &one) &&
	       read_objective(r) && read_names(r);
}

/* Random forests give the mean of their trees. */
static void
average(struct dq_forest *forest)
{
	for (size_t i = 0; i < forest->count; i++)
		for (int32_t k = 0; k < forest->trees[i].count; k++)
			forest->trees[i].nodes[k].value /=
			    (double)forest->count;
}

/* A row holds one figure for a feature, so its splits must agree on what is
 * missing. None agrees with either: there missing and 0 are the same. */
static bool
cut_forest(struct reader *r)
{
	struct dq_forest *forest = r->forest;

	if (!dq_forest_cut(forest, (void *)r->thresholds.data, r->err))
		return false;
	forest->cuts->zero = ZERO;
	for (size_t f = 0; f < forest->names.count; f++) {
		int types = r->missing.data[f];
		bool zero = types & 1 << ZERO_TOO;

		if (zero && types & 1 << NAN_ONLY)
			return dq_err_set(r->err,
			    "feature %zu: missing_type is Zero in one tree and "
			    "NaN in another",
			    f);
		forest->cuts->zero_missing[f] = zero;
	}
	return true;
}

static bool
read_file(struct reader *r)
{
	bool more, averaged;

	if (!read_part(r, &more) || !read_header(r))
		return false;
	averaged = r->keys[AVERAGE].data != NULL;
	while (more) {
		size_t tree = r->forest->count;

		if (!read_part(r, &more))
			return false;
		if (!read_tree(r))
			return dq_err_at(r->err, "tree %zu", tree);
	}
	if (averaged)
		average(r->forest);
	return cut_forest(r);
}

bool
dq_lightgbm_read(
    struct dq_slice bytes, struct dq_forest *forest, struct dq_err *err)
{
	struct reader r = {.rest = bytes, .forest = forest, .err = err};
	bool good = read_file(&r);

	dq_buf_release(&r.thresholds);
	dq_buf_release(&r.missing);
	return good;
}
