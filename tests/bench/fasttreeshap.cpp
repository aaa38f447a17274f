// FastTreeSHAP's algorithm v2 (arXiv 2109.09847) as its package has it, called without its Python, which wants one older than any in Debian.
// Its tables are made once, as for a model that is kept; rows go through them tree by tree.
// What its progress bar, which is not used here, has of Python.
struct PyObject;
static void PySys_WriteStderr(const char *, ...) {}
static PyObject *PySys_GetObject(const char *) { return nullptr; }
static PyObject *PyObject_CallMethod(PyObject *, const char *, const char *) { return nullptr; }
static void Py_XDECREF(PyObject *) {}

#include "fasttreeshap/cext/tree_shap.h"

#include <vector>

struct prepared {
	TreeEnsemble trees;
	std::vector<std::vector<tfloat>> sums;
	std::vector<std::vector<int>> twice;
};

// `count` trees of at most `nodes` nodes each, at most `depth` deep; the arrays must stay.
extern "C" prepared *
fasttreeshap_new(int *left, int *right, int *missing, int *features, double *thresholds, double *values, double *weights, unsigned depth,
    unsigned count, unsigned nodes)
{
	static tfloat zero;
	auto *p = new prepared{TreeEnsemble(left, right, missing, features, thresholds, values, weights, depth, count, &zero, nodes, 1), {}, {}};

	for (unsigned i = 0; i < count; i++) {
		TreeEnsemble tree;
		p->trees.get_tree(tree, i);
		p->sums.emplace_back((size_t)(nodes + 1) / 2 << depth);
		p->twice.emplace_back(nodes);
		compute_combination_sum_v2(tree, p->sums.back().data(), p->twice.back().data());
	}
	return p;
}

// Adds contributions to out: `width` and the mean, for each of `rows` rows.
extern "C" void
fasttreeshap_run(const prepared *p, double *x, bool *missing, unsigned rows, unsigned width, double *out)
{
	ExplanationDataset data(x, missing, nullptr, nullptr, nullptr, rows, width, 0), row;

	for (unsigned i = 0; i < p->trees.tree_limit; i++) {
		TreeEnsemble tree;
		p->trees.get_tree(tree, i);
		for (unsigned r = 0; r < rows; r++) {
			data.get_x_instance(row, r);
			tree_shap_v2(tree, p->sums[i].data(), p->twice[i].data(), row, out + (size_t)r * (width + 1));
		}
	}
}
