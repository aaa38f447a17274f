#!/usr/bin/env python3
"""peer_score.py MODEL FEATURES [--rows N] [--compare PREDICTIONS]   XGBoost's pred_contribs of these rows on one thread: prints the processor seconds of
that call alone, or compares the margins and contributions with dq-score's records."""
import argparse
import json
import sys
import time

import numpy as np
import xgboost


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("features")
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--compare")
    options = parser.parse_args()
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(options.model)
    booster.set_param({"nthread": 1})
    names = booster.feature_names
    rows = []
    for line in open(options.features, encoding="utf-8"):
        if len(rows) == options.rows:
            break
        figures = json.loads(line)["features"]
        rows.append([np.nan if figures[n] is None else figures[n] for n in names])
    matrix = xgboost.DMatrix(np.array(rows, dtype=np.float32), feature_names=names, nthread=1)
    start = time.process_time()
    contributions = booster.predict(matrix, pred_contribs=True)
    seconds = time.process_time() - start
    if not options.compare:
        print(f"seconds {seconds:.6f}")
        return
    index = {n: i for i, n in enumerate(names)}
    for row, line in zip(contributions, open(options.compare, encoding="utf-8")):
        ours = json.loads(line)
        if abs(ours["margin"] - row.sum(dtype=float)) > 1e-5 + 1e-5 * abs(ours["margin"]):
            sys.exit(f"margin {ours['margin']}, XGBoost {row.sum()}: {line[:200]}")
        for top in ours["top_features"]:
            if abs(top["contribution"] - row[index[top["feature"]]]) > 2e-5:
                sys.exit(f"{top}, XGBoost {row[index[top['feature']]]}")


main()
