"""What the comparisons of dq-score with the libraries share: rows, records, the run of dq-score, limits."""
import json
import subprocess

import numpy as np

ROWS = 300
PRINTED = 0.5e-6  # dq-score prints six decimals


def catalogue():
    """Names that dq-score accepts: those of the reason texts."""
    with open("share/reasons/en.json", encoding="utf-8") as file:
        return list(json.load(file)["features"])


def figures(rng, rows, width):
    """Figures of several sizes, some of few values only, and what is to be learned from them."""
    x = rng.normal(size=(rows, width)) * 10.0 ** rng.integers(-3, 4, size=width)
    for j in range(0, width, 5):
        x[:, j] = np.round(x[:, j] / np.std(x[:, j])) + 0.5
    scaled = x / np.std(x, axis=0)
    z = scaled[:, 0] + scaled[:, 1] * scaled[:, 2] - np.abs(scaled[:, 3]) + 0.5 * rng.normal(size=rows)
    return x, (z > np.quantile(z, 0.7)).astype(np.float32)


def data(rng, rows, width, missing=0.15):
    """Figures as float32, as XGBoost and CatBoost hold them, some missing."""
    x, y = figures(rng, rows, width)
    x = x.astype(np.float32)
    x[rng.random(x.shape) < missing] = np.nan
    return x, y


def records(path, x, names):
    """Writes rows as features records, each figure in the shortest text that reads back as the same float."""
    with open(path, "w", encoding="utf-8") as file:
        for i, row in enumerate(x):
            members = ",".join(f'"{n}":{"null" if np.isnan(v) else np.format_float_positional(v, trim="-")}' for n, v in zip(names, row))
            file.write('{"event_type":"features","event_time":"2026-01-05T00:00:00Z",' f'"customer_id":"C{i}","features":{{{members}}}}}\n')


def score(binary, model, path, *options):
    run = subprocess.run([f"{binary}/dq-score", "--model", model, "--from", path, "--reasons", "64", *options],
                         stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def differences(ours, names, probability, margin, want):
    """Largest differences of predictions from a library's figures, and the names of those above the limit. `want` has a column a feature and
    the base last."""
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
             "other": 1e-6 + PRINTED * (1 + len(names)) + 2e-7 * np.max(np.abs(want))}
    return off, [k for k in off if not off[k] <= limit[k]] + ([] if len(ours) == len(want) else ["rows"])


def report(name, off, wrong):
    print(f"{name}: " + ", ".join(f"{k} {v:.1e}" for k, v in off.items()) + (f"   WRONG: {' '.join(wrong)}" if wrong else ""))
    return bool(wrong)
