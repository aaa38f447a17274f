#!/usr/bin/env python3
"""One library's own time for one model, on one thread: what tests/bench/model.py runs in that library's environment.

    peer_model.py train DIR NAME...         trains the models of these names (TREESxDEPTH, or lgbTREESxLEAVES) and makes rows.f32
    peer_model.py time MODEL ROWS [OUT]     prints processor microseconds a row as a JSON object, the least of a few rounds;
                                            OUT gets the contributions as float64"""
import json
import sys
import time

import numpy as np

WIDTH = 60
ROUNDS = 3
SINGLES = 200


def data(rng, rows):
    x = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    z = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] - np.abs(x[:, 3]) + 0.5 * (x[:, 4:20] @ np.linspace(1, 0.1, 16)) + rng.normal(size=rows)
    for j in range(0, WIDTH, 6):
        x[rng.random(rows) < 0.1, j] = np.nan
    return x, (z > 0.5).astype(np.float32)


def train(directory, names):
    rng = np.random.default_rng(3)
    x, y = data(rng, 20000)
    data(rng, 2000)[0].tofile(f"{directory}/rows.f32")
    columns = [f"f{i}" for i in range(WIDTH)]
    for name in names:
        trees, size = (int(n) for n in name.removeprefix("lgb").split("x"))
        if name.startswith("lgb"):
            import lightgbm
            settings = {"objective": "binary", "num_leaves": size, "learning_rate": 0.1, "num_threads": 1, "verbose": -1, "seed": 1}
            if size == 63:
                settings["max_depth"] = 6
            lightgbm.train(settings, lightgbm.Dataset(x, y, feature_name=columns), trees).save_model(f"{directory}/{name}.txt")
        else:
            import xgboost
            settings = {"objective": "binary:logistic", "max_depth": size, "eta": 0.1, "tree_method": "hist", "max_bin": 64, "nthread": 1, "seed": 1}
            xgboost.train(settings, xgboost.DMatrix(x, y, feature_names=columns), trees).save_model(f"{directory}/{name}.json")


def least(action, rows):
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return round(best / rows * 1e6, 3)


def xgboost_calls(path, x):
    import xgboost
    booster = xgboost.Booster({"nthread": 1}, model_file=path)
    booster.set_param({"nthread": 1})
    names = booster.feature_names

    def matrix(rows):
        return xgboost.DMatrix(rows, feature_names=names, nthread=1)

    # A matrix that is used again would be answered from a cache: inplace_predict has none.
    ready = matrix(x)
    return (lambda rows: booster.inplace_predict(rows, predict_type="margin"),
            lambda rows: booster.predict(ready if rows is x else matrix(rows), pred_contribs=True))


def lightgbm_calls(path, x):
    import lightgbm
    booster = lightgbm.Booster(model_file=path)
    x = x.astype(np.float64)
    return (lambda rows: booster.predict(rows, raw_score=True, num_threads=1), lambda rows: booster.predict(rows, pred_contrib=True, num_threads=1))


def measure(path, rows, out):
    x = np.fromfile(rows, dtype=np.float32).reshape(-1, WIDTH)
    score, explain = (lightgbm_calls if path.endswith(".txt") else xgboost_calls)(path, x)
    if out:
        np.asarray(explain(x), dtype=np.float64)[:, :-1].copy().tofile(out)
    few = [x[i:i + 1] for i in range(SINGLES)]
    print(json.dumps({
        "score": least(lambda: score(x), len(x)),
        "score_single": least(lambda: [score(row) for row in few], SINGLES),
        "explain": least(lambda: explain(x), len(x)),
        "explain_single": least(lambda: [explain(row) for row in few], SINGLES),
    }))


if sys.argv[1] == "train":
    train(sys.argv[2], sys.argv[3:])
else:
    measure(sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else None)
