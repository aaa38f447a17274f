"""dq-score against LightGBM itself, on trained models and every kind of missing values.

    compare_lightgbm.py BIN DIR    BIN: where dq-score is, DIR: for its files

As compare.py. Half of the rows stand on the model's own thresholds, or on the double next to one, where only the right comparison gives the
right leaf."""
import sys

import lightgbm as lgb
import numpy as np

from common import ROWS, catalogue, differences, figures, records, report, score

BIN, DIR = sys.argv[1:3]
failed = 0


def data(rng, rows, width, missing=0.15, zeros=0.1):
    x, y = figures(rng, rows, width)
    x[rng.random(x.shape) < zeros] = 0
    x[rng.random(x.shape) < missing] = np.nan
    return x, y


def edges(rng, booster, x):
    """Moves the second half of the rows onto thresholds and beside them."""
    x = x.copy()
    trees = booster.trees_to_dataframe()
    splits = trees[trees["split_feature"].notna()]
    half = x[len(x) // 2:]
    for j, name in enumerate(booster.feature_name()):
        thresholds = splits.loc[splits["split_feature"] == name, "threshold"].to_numpy(dtype=float)
        if len(thresholds):
            at = rng.choice(thresholds, len(half))
            side = rng.choice([-np.inf, 0, np.inf], len(half))
            half[:, j] = np.where(np.isnan(half[:, j]), np.nan, np.where(side == 0, at, np.nextafter(at, side)))
    return x


def compare(rng, name, booster, x, names, share=1):
    """share: of the raw score that makes the probability, which is the margin to dq."""
    global failed
    model, path = f"{DIR}/model.txt", f"{DIR}/rows.ndjson"
    booster.save_model(model)
    x = edges(rng, booster, x)
    records(path, x, names)
    margin, want = share * booster.predict(x, raw_score=True), share * booster.predict(x, pred_contrib=True)
    off, wrong = differences(score(BIN, model, path), names, booster.predict(x), margin, want)
    failed += report(name, off, wrong)


def train(rng, names, rounds, x=None, y=None, **params):
    if x is None:
        x, y = data(rng, 2000, len(names))
    settings = {"objective": "binary", "num_threads": 1, "seed": 1, "verbose": -1, "min_data_in_leaf": 5, "deterministic": True, **params}
    return lgb.train(settings, lgb.Dataset(x, label=y, feature_name=names, params=settings), rounds)


def main():
    rng = np.random.default_rng(11)
    names = catalogue()
    for leaves in (4, 31, 63):
        compare(rng, f"{leaves} leaves", train(rng, names, 100 if leaves < 63 else 30, num_leaves=leaves), data(rng, ROWS, len(names))[0], names)
    names = names[:12]
    rows = data(rng, ROWS, 12)[0]
    compare(rng, "300 trees", train(rng, names, 300), rows, names)
    compare(rng, "zero_as_missing", train(rng, names, 40, zero_as_missing=True), rows, names)
    compare(rng, "use_missing=false", train(rng, names, 40, use_missing=False), rows, names)
    compare(rng, "no missing values in training", train(rng, names, 40, *data(rng, 2000, 12, missing=0)), rows, names)
    compare(rng, "no missing values, zero_as_missing", train(rng, names, 40, *data(rng, 2000, 12, missing=0), zero_as_missing=True), rows, names)
    compare(rng, "sigmoid 2.5", train(rng, names, 40, sigmoid=2.5), rows, names)
    compare(rng, "cross_entropy", train(rng, names, 40, objective="cross_entropy"), rows, names)
    compare(rng, "unbalanced, no start from the mean", train(rng, names, 40, is_unbalance=True, boost_from_average=False), rows, names)
    compare(rng, "bagging", train(rng, names, 40, bagging_fraction=0.5, bagging_freq=1), rows, names)
    compare(rng, "goss", train(rng, names, 40, data_sample_strategy="goss"), rows, names)
    compare(rng, "dart", train(rng, names, 40, boosting="dart", drop_rate=0.3), rows, names)
    compare(rng, "4 features, 127 leaves", train(rng, names[:4], 20, num_leaves=127), rows[:, :4], names[:4])
    compare(rng, "one leaf", train(rng, names, 5, min_data_in_leaf=1500), rows, names)
    # LightGBM's raw score and contributions are sums here, its probability is of their mean.
    compare(rng, "random forest", train(rng, names, 20, boosting="rf", bagging_fraction=0.6, bagging_freq=1), rows, names, 1 / 20)
    print(f"lightgbm {lgb.__version__}: {failed} of the models differ")
    sys.exit(failed > 0)


main()
