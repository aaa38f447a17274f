"""dq-score against XGBoost itself, on trained and on made-up models.

    compare.py BIN DIR    BIN: where dq-score is, DIR: for its files

Prints a line a model and ends with 1 when a figure is off: probability and margin by more than 1e-6 (dq-score prints six
decimals, so half a unit of the last is allowed on top), contributions by more than 2e-6, by 2e-6 of the largest, and by
three times what XGBoost's own contributions miss its margin by (it adds in float32, dq in double)."""
import sys

import numpy as np
import xgboost as xgb

from common import ROWS, catalogue, data, differences, records, report, score

BIN, DIR = sys.argv[1:3]
failed = 0


def compare(name, booster, x, names, rounds=0):
    """Both spellings of the file; rounds: those that count where training stopped early, 0 is all."""
    global failed
    path = f"{DIR}/rows.ndjson"
    records(path, x, names)
    ours = {}
    for ending in ("json", "ubj"):
        booster.save_model(f"{DIR}/model.{ending}")
        ours[ending] = score(BIN, f"{DIR}/model.{ending}", path)
        for record in ours[ending]:
            del record["model"], record["prediction_id"]
    matrix = xgb.DMatrix(x, feature_names=names)
    until = {"iteration_range": (0, rounds)}
    probability, margin = booster.predict(matrix, **until), booster.predict(matrix, output_margin=True, **until)
    off, wrong = differences(ours["json"], names, probability, margin, booster.predict(matrix, pred_contribs=True, **until))
    failed += report(name, off, wrong + ([] if ours["json"] == ours["ubj"] else ["UBJSON"]))


def train(rng, names, rounds, x=None, y=None, **params):
    if x is None:
        x, y = data(rng, 2000, len(names))
    matrix = xgb.DMatrix(x, label=y, feature_names=names)
    settings = {"objective": "binary:logistic", "nthread": 1, "tree_method": "hist", "min_child_weight": 0, "eta": 0.3, "seed": 1, **params}
    return xgb.train(settings, matrix, rounds)


def main():
    rng = np.random.default_rng(7)
    names = catalogue()
    for depth in range(1, 13):
        booster = train(rng, names, 30 if depth < 9 else 8, max_depth=depth)
        compare(f"trained, depth {depth}", booster, data(rng, ROWS, len(names))[0], names)
    for base in (0.02, 0.5, 0.93):
        booster = train(rng, names[:8], 20, max_depth=4, base_score=base)
        compare(f"base_score {base}", booster, data(rng, ROWS, 8)[0], names[:8])
    for depth in (3, 6, 10):
        # Few features, many levels: each comes several times on a path.
        booster = train(rng, names[:4], 20, max_depth=depth)
        compare(f"4 features, depth {depth}", booster, data(rng, ROWS, 4)[0], names[:4])
    booster = train(rng, names, 40, tree_method="hist", grow_policy="lossguide", max_depth=0, max_leaves=31)
    compare("leaf-wise, 31 leaves", booster, data(rng, ROWS, len(names))[0], names)
    booster = train(rng, names, 500, max_depth=4, eta=0.05)
    compare("500 trees", booster, data(rng, ROWS, len(names))[0], names)
    booster = train(rng, names[:10], 20, max_depth=4, objective="reg:logistic")
    compare("reg:logistic", booster, data(rng, ROWS, 10)[0], names[:10])
    x, y = data(rng, 2000, 6, missing=0)
    compare("no missing values in training", train(rng, names[:6], 20, x, y, max_depth=5), data(rng, ROWS, 6)[0], names[:6])
    compare("one leaf", train(rng, names[:5], 3, max_depth=3, gamma=1e9), data(rng, 10, 5)[0], names[:5])
    booster = train(rng, names[:12], 30, max_depth=4, booster="dart", rate_drop=0.3)
    compare("dart", booster, data(rng, ROWS, 12)[0], names[:12])
    for booster in ("gbtree", "dart"):
        model = train(rng, names[:12], 30, max_depth=4, booster=booster, num_parallel_tree=2, subsample=0.7, **({"rate_drop": 0.3} if booster == "dart" else {}))
        model.set_attr(best_iteration="11")
        compare(f"{booster}, forests of two, stopped early", model, data(rng, ROWS, 12)[0], names[:12], 12)
    print(f"xgboost {xgb.__version__}: {failed} of the models differ")
    sys.exit(failed > 0)


main()
