#!/usr/bin/env python3
"""model.py [-n REPEATS] [MODEL]...   The kernels of lib/model beside the libraries' own, one thread on one core, in turn, as tables in Markdown.

MODEL is TREESxDEPTH (XGBoost), lgbTREESxLEAVES or catTREESxDEPTH; all of them without any. Before times count, every contribution is compared to be
within 2e-6 of the library's, and every margin within 1e-5, relative to the largest. Blocks of rows and lone rows are counted in processor time, so
neighbours only disturb the caches; percentiles of lone rows are the wall's. Exit status 1 when a bar is missed."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
MODELS = ["100x4", "1000x4", "100x6", "500x6", "100x8", "lgb100x31", "lgb100x63", "cat100x6"]

# How it is called in the tables, its environment, how peer_model.py calls it.
XGB_OLD, XGB_NEW = ("XGBoost 1.7.4", "xgb-1.7.4", "xgboost"), ("XGBoost 3.4.1", "xgb-3.4.1", "xgboost")
FAST = ("FastTreeSHAP v2 0.1.6", "xgb-3.4.1", "fasttreeshap")
PEERS = {
    "xgb": [XGB_OLD, XGB_NEW, FAST, ("shap 0.51.0", "shap-0.51.0", "shap"), ("treelite 4.8.1", "treelite-4.8.1", "treelite")],
    "lgb": [("LightGBM 4.6.0", "lightgbm-4.6.0", "lightgbm")],
    "cat": [("CatBoost 1.2.10", "catboost-1.2.10", "catboost")],
}
# Of which peer, what, for which models, how many times dq must be faster.
BARS = [
    ("XGBoost 1.7.4", "explain", ["100x6", "500x6", "100x8"], 40), ("XGBoost 1.7.4", "explain", ["100x4", "1000x4"], 30),
    ("XGBoost 3.4.1", "explain", ["100x6", "500x6", "100x8"], 12), ("XGBoost 3.4.1", "explain", ["100x4", "1000x4"], 10),
    ("LightGBM 4.6.0", "explain", ["lgb100x31", "lgb100x63"], 35), ("FastTreeSHAP v2 0.1.6", "explain", MODELS, 10),
    ("XGBoost 1.7.4", "score", MODELS, 2), ("XGBoost 3.4.1", "score", MODELS, 2),
    ("XGBoost 1.7.4", "score_single", MODELS, 40), ("XGBoost 3.4.1", "score_single", MODELS, 40),
    ("CatBoost 1.2.10", "score", MODELS, 1),
]
TABLES = [("explain", "contributions, in blocks"), ("explain_single", "contributions, a lone row"), ("score", "score, in blocks"),
          ("score_single", "score, a lone row")]


def family(name):
    return name[:3] if name[:3] in PEERS else "xgb"


def run(command):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "FASTTREESHAP": str(BUILD / "fasttreeshap.so")}
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout


def python(environment):
    return [str(BUILD / f"venv-{environment}/bin/python"), "-W", "ignore", str(TOP / "tests/bench/peer_model.py")]


def compare(directory, name, peer, ours, theirs):
    for ending, limit in (("phi", 2e-6), ("margin", 1e-5)):
        if not (directory / f"{theirs}.{ending}").exists():
            continue
        a, b = (np.fromfile(directory / f"{who}.{ending}") for who in (ours, theirs))
        # A slow one has worked the first rows only.
        off = np.max(np.abs(a[:len(b)] - b)) / max(1, np.max(np.abs(b))) if 250 <= len(b) <= len(a) else np.inf
        if not off < limit:
            sys.exit(f"{name}: {ending} is off by {off:.1e} from {peer}")
        print(f"{name}: {ending} within {off:.1e} of {peer}", file=sys.stderr)


def race(directory, name, cpu, repeats):
    """The least of every figure, by peer."""
    model = str(directory / (name + (".txt" if family(name) == "lgb" else ".json")))
    pin, rows = ["taskset", "-c", str(cpu)], {"rows": str(directory / "rows.f32"), "whole": str(directory / "whole.f32")}
    ours = pin + [str(BUILD / "obj/bench/model-bench"), model]
    best = {"dq": {}}
    run(ours + [rows["whole"], str(directory / "whole")])
    for repeat in range(repeats):
        for label, environment, call in [("dq", "", "")] + PEERS[family(name)]:
            # FastTreeSHAP v2 does not know missing values.
            kind = "whole" if call == "fasttreeshap" else "rows"
            command = ours + [rows[kind]] if label == "dq" else pin + python(environment) + ["time", call, model, rows[kind]]
            out = [str(directory / (label if label != "dq" else "rows"))] if not repeat else []
            for what, value in json.loads(run(command + out).splitlines()[-1]).items():
                known = best.setdefault(label, {})
                known[what] = min(known.get(what, value), value)
            if out and label != "dq":
                compare(directory, name, label, kind, label)
    return best


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def cells(results, name, label, what):
    own, value = results[name]["dq"], results[name].get(label, {}).get(what)
    if value is None:
        return ""
    return number(value) if label == "dq" else f"{number(value)} (x {number(value / own[what])})"


def table(results, what, title):
    labels = ["dq"] + [p[0] for peers in PEERS.values() for p in peers if any(what in r.get(p[0], {}) for r in results.values())]
    print(f"\n| {title} | {' | '.join(labels)} |\n|{'---|' * (len(labels) + 1)}")
    for name in results:
        print(f"| {name} | {' | '.join(cells(results, name, label, what) for label in labels)} |")


def facts(results):
    print("\n| model | loaded in, ms | tables, MB | alone, contributions: p50 / p99 | the peers' | alone, score: p50 / p99 | the peers' "
          "| against 1000 rows: contributions, blocks / alone | loaded in, ms | tables, MB |\n|" + "---|" * 10)
    for name, best in results.items():
        dq, row = best["dq"], [name]
        row += [number(dq["load_ms"]), number(dq["table_bytes"] / 1e6)]
        for what in ("explain", "score"):
            row.append(f"{number(dq[what + '_p50'])} / {number(dq[what + '_p99'])}")
            row.append(", ".join(f"{label} {number(b[what + '_p50'])} / {number(b[what + '_p99'])}" for label, b in best.items()
                                 if label != "dq" and what + "_p50" in b))
        row += [f"{number(dq['against'])} / {number(dq['against_single'])}", number(dq["against_load_ms"]), number(dq["against_table_bytes"] / 1e6)]
        print(f"| {' | '.join(row)} |")


def bars(results):
    """Prints them; how many are missed."""
    missed = 0
    print("\n| bar | at least | least | |\n|---|---|---|---|")
    for label, what, models, least in BARS:
        ratios = {name: results[name][label][what] / results[name]["dq"][what] for name in models if what in results.get(name, {}).get(label, {})}
        if not ratios:
            continue
        name = min(ratios, key=ratios.get)
        met = ratios[name] >= least
        missed += not met
        print(f"| {dict(TABLES)[what]}, {label}{'' if models is MODELS else ', ' + ' '.join(models)} | {least} | {number(ratios[name])} ({name}) "
              f"| {'met' if met else 'missed'} |")
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=3)
    parser.add_argument("models", nargs="*", default=MODELS)
    options = parser.parse_args()
    names, results = options.models or MODELS, {}
    cpu = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as made:
        for kind, trainer in (("xgb", "xgb-1.7.4"), ("lgb", "lightgbm-4.6.0"), ("cat", "catboost-1.2.10")):
            mine = [n for n in names if family(n) == kind]
            if mine:
                run(python(trainer) + ["train", made] + mine)
        for name in names:
            results[name] = race(pathlib.Path(made), name, cpu, options.n)
    print(f"Microseconds a row on core {cpu}, one thread, least of {options.n}, in turn; in brackets, how many times dq's that is.")
    for what, title in TABLES:
        table(results, what, title)
    facts(results)
    sys.exit(bars(results) > 0)


main()
