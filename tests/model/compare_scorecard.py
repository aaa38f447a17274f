"""dq-score against sums made here, on made-up scorecards.

    compare_scorecard.py BIN DIR    BIN: where dq-score is, DIR: for its files

As compare.py. A contribution must be what the feature adds to the margin less the mean of that over the population that the card states, or over
the rows of --baseline. Half of the values stand on bounds and beside them."""
import json
import sys

import numpy as np

from common import ROWS, catalogue, differences, records, report, score

BIN, DIR = sys.argv[1:3]


def binned(rng, name):
    bounds = np.unique(rng.normal(scale=10, size=rng.integers(0, 40)))
    points, shares = rng.normal(size=len(bounds) + 2), rng.random(len(bounds) + 2)
    card = {"name": name, "below": list(bounds), "points": list(points[:-1]), "shares": list(shares[:-1]),
            "missing": {"points": points[-1], "share": shares[-1]}}
    mean = points @ shares / shares.sum()

    def add(x):
        return np.where(np.isnan(x), points[-1], points[np.searchsorted(bounds, np.nan_to_num(x), side="right")])
    return card, add, mean, bounds


def linear(rng, name):
    weight, mean, missing = rng.normal(scale=0.05), rng.normal(), rng.normal()
    card = {"name": name, "weight": weight, "mean": mean, **({"missing": missing} if rng.random() < 0.5 else {})}

    def add(x):
        return weight * np.where(np.isnan(x), card.get("missing", mean), x.astype(np.float32).astype(float))
    return card, add, weight * mean, []


def compare(rng, number, names):
    scale, intercept, background = rng.choice([1, -0.2]), rng.normal(), 30
    x = rng.normal(scale=10, size=(ROWS, len(names)))
    want, against, features = np.zeros((ROWS, len(names) + 1)), np.zeros((ROWS, len(names) + 1)), []
    want[:, -1] = against[:, -1] = intercept
    for j, name in enumerate(names):
        card, add, mean, bounds = (binned if rng.random() < 0.6 else linear)(rng, name)
        if len(bounds):
            at = rng.choice(bounds, ROWS // 2)
            x[ROWS // 2:, j] = np.where(rng.random(ROWS // 2) < 0.5, at, np.nextafter(at, -np.inf))
        x[rng.random(ROWS) < 0.1, j] = np.nan
        want[:, j] = scale * (add(x[:, j]) - mean)
        want[:, -1] += scale * mean
        seen = add(x[:background, j]).mean()
        against[:, j] = scale * (add(x[:, j]) - seen)
        against[:, -1] += scale * seen
        features.append(card)
    with open(f"{DIR}/model.json", "w", encoding="utf-8") as file:
        json.dump({"scorecard": 1, "intercept": intercept, "scale": float(scale), "features": features}, file)
    records(f"{DIR}/rows.ndjson", x, names)
    records(f"{DIR}/background.ndjson", x[:background], names)
    margin = want.sum(axis=1)
    failed = 0
    for name, values, options in (("population", want, []), ("rows", against, ["--baseline", f"{DIR}/background.ndjson"])):
        ours = score(BIN, f"{DIR}/model.json", f"{DIR}/rows.ndjson", *options)
        failed += report(f"card {number}, {name}", *differences(ours, names, 1 / (1 + np.exp(-margin)), margin, values))
    return failed


def main():
    rng = np.random.default_rng(17)
    failed = sum(compare(rng, number, catalogue()[:width]) for number, width in enumerate((1, 2, 5, 10, 20, 40)))
    print(f"scorecards: {failed} of the models differ")
    sys.exit(failed > 0)


main()
