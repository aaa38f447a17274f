"""dq-score against CatBoost itself, on trained models.

    compare_catboost.py BIN DIR    BIN: where dq-score is, DIR: for its files

As compare.py. Half of the rows stand on the model's own borders, or on the float next to one."""
import json
import sys

import catboost as cb
import numpy as np

from common import ROWS, catalogue, data, differences, records, report, score

BIN, DIR = sys.argv[1:3]
failed = 0


def edges(rng, model, x):
    """Moves the second half of the rows onto borders and beside them."""
    x = x.copy()
    half = x[len(x) // 2:]
    with open(model, encoding="utf-8") as file:
        features = json.load(file)["features_info"]["float_features"]
    for feature in features:
        # The one that tells missing values from others stands below or above all others.
        borders = [b for b in feature["borders"] if abs(b) < 1e30]
        if borders:
            j = feature["feature_index"]
            at = rng.choice(np.array(borders, dtype=np.float32), len(half))
            side = rng.choice(np.array([-np.inf, 0, np.inf], dtype=np.float32), len(half))
            half[:, j] = np.where(np.isnan(half[:, j]), np.nan, np.where(side == 0, at, np.nextafter(at, side)))
    return x


def compare(rng, name, booster, x, names, scale=1, bias=None):
    """CatBoost explains no model with a scale, so that is set behind its contributions."""
    global failed
    model, path = f"{DIR}/model.json", f"{DIR}/rows.ndjson"
    booster.save_model(model, format="json")
    x = edges(rng, model, x)
    records(path, x, names)
    pool = cb.Pool(x, feature_names=names)
    want = scale * booster.get_feature_importance(pool, type="ShapValues", thread_count=1)
    if bias is not None:
        want[:, -1] += bias - scale * booster.get_scale_and_bias()[1]
        booster.set_scale_and_bias(scale, bias)
        booster.save_model(model, format="json")
    margin = booster.predict(pool, prediction_type="RawFormulaVal", thread_count=1)
    off, wrong = differences(score(BIN, model, path), names, booster.predict_proba(pool, thread_count=1)[:, 1], margin, want)
    failed += report(name, off, wrong)


def train(rng, names, rounds, x=None, y=None, **params):
    if x is None:
        x, y = data(rng, 2000, len(names))
    booster = cb.CatBoostClassifier(iterations=rounds, verbose=False, thread_count=1, allow_writing_files=False, random_seed=1, **params)
    return booster.fit(cb.Pool(x, y, feature_names=names))


def main():
    rng = np.random.default_rng(13)
    names = catalogue()
    rows = data(rng, ROWS, len(names))[0]
    for depth in (1, 4, 6, 8):
        compare(rng, f"depth {depth}", train(rng, names, 60 if depth < 8 else 20, depth=depth), rows, names)
    names, rows = names[:8], rows[:, :8]
    compare(rng, "200 trees", train(rng, names, 200, depth=4), rows, names)
    compare(rng, "missing values above all", train(rng, names, 30, depth=4, nan_mode="Max"), rows, names)
    known = data(rng, ROWS, 8, missing=0)[0]
    compare(rng, "no missing values", train(rng, names, 30, *data(rng, 2000, 8, missing=0), depth=5), known, names)
    compare(rng, "CrossEntropy", train(rng, names, 30, depth=4, loss_function="CrossEntropy"), rows, names)
    compare(rng, "class weights, start from the mean", train(rng, names, 30, depth=4, auto_class_weights="Balanced", boost_from_average=True), rows, names)
    compare(rng, "scale and bias", train(rng, names, 30, depth=4), rows, names, 0.5, -1.25)
    compare(rng, "4 features, depth 8", train(rng, names[:4], 20, depth=8), rows[:, :4], names[:4])
    print(f"catboost {cb.__version__}: {failed} of the models differ")
    sys.exit(failed > 0)


main()
