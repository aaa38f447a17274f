"""dq-score against XGBoost itself, on trained and on made-up models.

    compare.py BIN DIR    BIN: where dq-score is, DIR: for its files

Prints a line a model and ends with 1 when a figure is off: probability and margin by more than 1e-6 (dq-score prints six
decimals, so half a unit of the last is allowed on top), contributions by more than 2e-6, by 2e-6 of the largest, and by
three times what XGBoost's own contributions miss its margin by (it adds in float32, dq in double)."""
import json
import subprocess
import sys

import numpy as np
import xgboost as xgb

BIN, DIR = sys.argv[1:3]
NEW = int(xgb.__version__.split(".")[0]) >= 3
ROWS = 300
PRINTED = 0.5e-6
failed = 0


def catalogue():
    """Names that dq-score accepts: those of the reason texts."""
    with open("share/reasons/en.json", encoding="utf-8") as file:
        return list(json.load(file)["features"])


def data(rng, rows, width, missing=0.15):
    """Figures of several sizes, some of few values only, some missing; float32, as XGBoost holds them."""
    x = rng.normal(size=(rows, width)) * 10.0 ** rng.integers(-3, 4, size=width)
    for j in range(0, width, 5):
        x[:, j] = np.round(x[:, j] / np.std(x[:, j])) + 0.5
    x = x.astype(np.float32)
    scaled = x / np.std(x, axis=0)
    z = scaled[:, 0] + scaled[:, 1] * scaled[:, 2] - np.abs(scaled[:, 3]) + 0.5 * rng.normal(size=rows)
    x[rng.random(x.shape) < missing] = np.nan
    return x, (z > np.quantile(z, 0.7)).astype(np.float32)


def records(path, x, names):
    with open(path, "w", encoding="utf-8") as file:
        for i, row in enumerate(x):
            # Shortest text that reads back as the same float32.
            members = ",".join(f'"{n}":{"null" if np.isnan(v) else np.format_float_positional(v, trim="-")}' for n, v in zip(names, row))
            file.write('{"event_type":"features","event_time":"2026-01-05T00:00:00Z",' f'"customer_id":"C{i}","features":{{{members}}}}}\n')


def score(model, path, *options):
    run = subprocess.run([f"{BIN}/dq-score", "--model", model, "--from", path, "--reasons", "64", *options],
                         stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def compare(name, booster, x, names):
    global failed
    model, path = f"{DIR}/model.json", f"{DIR}/rows.ndjson"
    booster.save_model(model)
    records(path, x, names)
    ours = score(model, path)
    matrix = xgb.DMatrix(x, feature_names=names)
    probability, margin = booster.predict(matrix), booster.predict(matrix, output_margin=True)
    want = booster.predict(matrix, pred_contribs=True)
    got = np.zeros_like(want, dtype=np.float64)
    for i, record in enumerate(ours):
        for reason in record["top_features"]:
            got[i, names.index(reason["feature"])] = reason["contribution"]
        got[i, -1] = record["base"]
    total = np.array([r["base"] + sum(t["contribution"] for t in r["top_features"]) + r["other_contribution"] for r in ours])
    off = {
        "probability": np.max(np.abs([r["risk_score"] for r in ours] - probability)),
        "margin": np.max(np.abs([r["margin"] for r in ours] - margin)),
        "contributions": np.max(np.abs(got - want)),
        "sum": np.max(np.abs(total - [r["margin"] for r in ours])),
        "other": np.max(np.abs([r["other_contribution"] for r in ours])),
    }
    noise = np.max(np.abs(want.sum(axis=1) - margin))
    limit = {"probability": 1e-6 + PRINTED, "margin": 1e-6 + PRINTED, "contributions": 2e-6 + PRINTED + 2e-6 * np.max(np.abs(want)) + 3 * noise, "sum": 1e-9,
             "other": 1e-6 + PRINTED * (1 + len(names))}
    wrong = [k for k in off if not off[k] <= limit[k]] + ([] if len(ours) == len(x) else ["rows"])
    failed += bool(wrong)
    print(f"{name}: " + ", ".join(f"{k} {v:.1e}" for k, v in off.items()) + (f"   WRONG: {' '.join(wrong)}" if wrong else ""))


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
    print(f"xgboost {xgb.__version__}: {failed} of the models differ")
    sys.exit(failed > 0)


main()
