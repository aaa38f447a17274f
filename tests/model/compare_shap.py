"""dq-score --baseline against shap's TreeExplainer in interventional mode, on trained models of each library.

    compare_shap.py BIN DIR    BIN: where dq-score is, DIR: for its files

Probability, margin and base are the library's own. shap compares doubles with the thresholds that it reads from a library, so figures are whole
multiples of a quarter, which are the same number to all, and stand off the thresholds."""
import sys

import catboost as cb
import lightgbm as lgb
import numpy as np
import shap
import xgboost as xgb

from common import ROWS, catalogue, differences, records, report, score

BIN, DIR = sys.argv[1:3]
failed = 0


def data(rng, rows, width, missing):
    x = np.round(rng.normal(size=(rows, width)) * 8) / 2 + 0.25
    z = x[:, 0] + x[:, 1] * x[:, 2] / 4 - np.abs(x[:, 3]) + 2 * rng.normal(size=rows)
    x[rng.random(x.shape) < missing] = np.nan
    return x, (z > np.quantile(z, 0.7)).astype(np.float32)


def shap_values(booster, x, background):
    """Contributions and the base. All rows of the background: shap takes 100 of an array."""
    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.TreeExplainer(booster, masker, feature_perturbation="interventional", model_output="raw")
    values = np.asarray(explainer.shap_values(x, check_additivity=False))
    base = np.ravel(explainer.expected_value)[-1]
    return np.column_stack([values, np.full(len(x), base)])


def compare(name, booster, path, margin, x, background, names, *options):
    """margin: of rows, by the library."""
    global failed
    records(f"{DIR}/rows.ndjson", x, names)
    records(f"{DIR}/background.ndjson", background, names)
    want = shap_values(booster, x, background)
    want[:, -1] = np.mean(margin(background))
    ours = score(BIN, path, f"{DIR}/rows.ndjson", "--baseline", f"{DIR}/background.ndjson", *options)
    probability = 1 / (1 + np.exp(-margin(x)))
    off, wrong = differences(ours, names, probability, margin(x), want)
    failed += report(name, off, wrong)


def with_xgboost(rng, name, names, rounds, missing=0.15, rows=50, *options, **params):
    x, y = data(rng, 2000, len(names), missing)
    settings = {"objective": "binary:logistic", "nthread": 1, "tree_method": "hist", "min_child_weight": 0, "eta": 0.3, "seed": 1, **params}
    booster = xgb.train(settings, xgb.DMatrix(x, label=y, feature_names=names), rounds)
    booster.save_model(f"{DIR}/model.json")

    def margin(some):
        return booster.predict(xgb.DMatrix(some, feature_names=names), output_margin=True).astype(float)
    compare(f"xgboost, {name}", booster, f"{DIR}/model.json", margin, x[:ROWS], x[-rows:], names, *options)


def with_lightgbm(rng, name, names, rounds, missing=0.15, rows=50, **params):
    x, y = data(rng, 2000, len(names), missing)
    settings = {"objective": "binary", "num_threads": 1, "seed": 1, "verbose": -1, "min_data_in_leaf": 5, "deterministic": True, **params}
    booster = lgb.train(settings, lgb.Dataset(x, label=y, feature_name=names), rounds)
    booster.save_model(f"{DIR}/model.txt")
    compare(f"lightgbm, {name}", booster, f"{DIR}/model.txt", lambda some: booster.predict(some, raw_score=True), x[:ROWS], x[-rows:], names)


def with_catboost(rng, name, names, rounds, missing=0.15, rows=50, **params):
    x, y = data(rng, 2000, len(names), missing)
    booster = cb.CatBoostClassifier(iterations=rounds, verbose=False, thread_count=1, allow_writing_files=False, random_seed=1, **params)
    booster.fit(cb.Pool(x, y, feature_names=names))
    booster.save_model(f"{DIR}/model.json", format="json")
    compare(f"catboost, {name}", booster, f"{DIR}/model.json", lambda some: booster.predict(some, prediction_type="RawFormulaVal", thread_count=1),
            x[:ROWS], x[-rows:], names)


def main():
    rng = np.random.default_rng(19)
    names = catalogue()
    for depth in (1, 2, 4, 6, 8):
        with_xgboost(rng, f"depth {depth}", names, 20, max_depth=depth)
    with_xgboost(rng, "depth 11, by sets", names, 8, max_depth=11)
    with_xgboost(rng, "4 features, depth 9", names[:4], 10, max_depth=9)
    with_xgboost(rng, "one row to compare with", names[:12], 20, 0.15, 1, max_depth=5)
    with_xgboost(rng, "500 rows to compare with", names[:12], 20, 0.15, 500, max_depth=6)
    with_xgboost(rng, "in double", names[:12], 20, 0.15, 50, "--double", max_depth=6)
    with_lightgbm(rng, "31 leaves", names, 30)
    with_lightgbm(rng, "63 leaves, depth 6", names, 20, num_leaves=63, max_depth=6)
    for depth in (4, 6):
        with_catboost(rng, f"depth {depth}", names, 30, depth=depth)
    print(f"shap {shap.__version__}: {failed} of the models differ")
    sys.exit(failed > 0)


main()
