#!/usr/bin/env python3
"""peer_loop.py MODEL FEATURES PREDICTIONS [--rows N] [--compare OURS]   What dq-score does, as a Python service does it: json and XGBoost on one thread,
features records in, prediction records with the four largest reasons out, in batches of 1000. Prints the processor seconds from the first line read to
the last one written (starting up and loading are not counted), or compares with dq-score's records."""
import argparse
import json
import math
import sys
import time
from itertools import islice

import numpy as np
import xgboost


def level(score):
    return "CRITICAL" if score >= 0.7 else "HIGH" if score >= 0.5 else "MEDIUM" if score >= 0.3 else "LOW"


def predict(booster, names, lines, out):
    records = [json.loads(line) for line in lines]
    nan = math.nan
    rows = [[nan if (v := r["features"].get(n)) is None else v for n in names] for r in records]
    matrix = xgboost.DMatrix(np.array(rows, dtype=np.float32), feature_names=names, nthread=1)
    contributions = booster.predict(matrix, pred_contribs=True)
    margins = contributions.sum(axis=1, dtype=np.float64)
    scores = (1 / (1 + np.exp(-margins))).tolist()
    top = np.argsort(-np.abs(contributions[:, :-1]), axis=1)[:, :4]
    amounts = np.take_along_axis(contributions, top, axis=1).tolist()
    for record, row, margin, score, indices, amount in zip(records, rows, margins.tolist(), scores, top.tolist(), amounts):
        reasons = [{"feature": names[i], "value": None if row[i] != row[i] else row[i], "contribution": round(a, 6), "direction": "up" if a > 0 else "down"}
                   for i, a in zip(indices, amount)]
        out.write(json.dumps({"event_type": "prediction", "event_time": record["event_time"], "customer_id": record["customer_id"],
                              "risk_score": round(score, 6), "risk_level": level(score), "margin": round(margin, 6), "top_features": reasons,
                              "features": record["features"]}, separators=(",", ":")) + "\n")


def compare(theirs, ours):
    """The same figures, and every reason of theirs; where two are as large as each other either may be left out."""
    for a, b in zip(open(theirs, encoding="utf-8"), open(ours, encoding="utf-8")):
        a, b = json.loads(a), json.loads(b)
        mine = {t["feature"]: t["contribution"] for t in b["top_features"]}
        least = min(map(abs, mine.values()))
        same = a["customer_id"] == b["customer_id"] and abs(a["margin"] - b["margin"]) < 1e-5 and abs(a["risk_score"] - b["risk_score"]) < 1e-5
        if not same or any(abs(mine.get(t["feature"], t["contribution"]) - t["contribution"]) > 2e-5 for t in a["top_features"]) or any(
                t["feature"] not in mine and abs(t["contribution"]) > least + 2e-5 for t in a["top_features"]):
            sys.exit(f"not the same:\n{a}\n{b}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("features")
    parser.add_argument("predictions")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--compare")
    options = parser.parse_args()
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(options.model)
    booster.set_param({"nthread": 1})
    names = booster.feature_names
    start = time.process_time()
    with open(options.features, encoding="utf-8") as lines, open(options.predictions, "w", encoding="utf-8") as out:
        lines = islice(lines, options.rows)
        while batch := list(islice(lines, 1000)):
            predict(booster, names, batch, out)
    seconds = time.process_time() - start
    if options.compare:
        compare(options.predictions, options.compare)
    else:
        print(f"seconds {seconds:.6f}")


main()
