#!/usr/bin/env python3
"""model.py [-n REPEATS] [MODEL]...   The kernels of lib/model beside XGBoost 1.7.4 and 3.4.1 and LightGBM, one thread on one core, in turn.

MODEL is TREESxDEPTH (XGBoost) or lgbTREESxLEAVES; all of them without any. Contributions are compared before times count: every one within
2e-6 of the library's, relative to the largest. The line
`1000 rows` is dq's interventional contributions against as many rows. Processor time is what is counted, so neighbours only disturb the caches."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
MODELS = ["100x4", "1000x4", "100x6", "500x6", "100x8", "lgb100x31", "lgb100x63"]
PEERS = {"xgb": ["xgb-1.7.4", "xgb-3.4.1"], "lgb": ["lightgbm-4.6.0"]}
WORK = ["score", "score_single", "explain", "explain_single"]
AGAINST = ["against", "against_single"]  # of dq alone: beside its own "explain"


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}).stdout


def python(peer):
    return [str(TOP / f"build/venv-{peer}/bin/python"), "-W", "ignore", str(TOP / "tests/bench/peer_model.py")]


def compare(directory, peer, rows):
    import numpy as np
    ours, theirs = (np.fromfile(directory / name) for name in ("ours", peer))
    off = np.max(np.abs(ours - theirs)) / max(1, np.max(np.abs(theirs)))
    if len(ours) != len(theirs) or not off < 2e-6:
        sys.exit(f"{rows.parent}: contributions are off by {off:.1e} from {peer}")
    return off


def race(directory, name, cpu, repeats):
    family = "lgb" if name.startswith("lgb") else "xgb"
    model, rows = directory / (name + (".txt" if family == "lgb" else ".json")), directory / "rows.f32"
    pin = ["taskset", "-c", str(cpu)]
    runs = {"dq": pin + [str(TOP / "build/obj/bench/model-bench"), str(model), str(rows)]}
    runs |= {peer: pin + python(peer) + ["time", str(model), str(rows)] for peer in PEERS[family]}
    times = {who: {work: [] for work in WORK + (AGAINST if who == "dq" else [])} for who in runs}
    for repeat in range(repeats):
        for who, command in runs.items():
            out = [str(directory / ("ours" if who == "dq" else who))] if not repeat else []
            result = json.loads(run(command + out))
            for work in times[who]:
                times[who][work].append(result[work])
            if who == "dq":
                facts = result
    off = max(compare(directory, peer, rows) for peer in PEERS[family])
    print(f"\n{name}: largest difference {off:.1e}, loaded in {facts['load_ms']:.0f} ms, tables {facts['table_bytes'] / 1e6:.1f} MB")
    for who, by_work in times.items():
        line = f"  {who:15}"
        for work in WORK:
            line += f"  {work} {min(by_work[work]):9.2f} ({statistics.median(by_work[work]):.2f})"
            if who != "dq":
                line += f" {min(by_work[work]) / min(times['dq'][work]):6.1f}x"
        print(line, flush=True)
    line = "  dq, 1000 rows "
    for work in AGAINST:
        least, alone = min(times["dq"][work]), min(times["dq"][work.replace("against", "explain")])
        line += f"  {work} {least:9.2f} ({statistics.median(times['dq'][work]):.2f}) {least / alone:6.2f} of explain"
    print(f"{line}  loaded in {facts['against_load_ms']:.0f} ms, {facts['against_table_bytes'] / 1e6:.1f} MB, {facts['against_by_sets']} trees by sets", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=3)
    parser.add_argument("models", nargs="*", default=MODELS)
    options = parser.parse_args()
    names = options.models or MODELS
    cpu = max(os.sched_getaffinity(0))
    print(f"processor microseconds a row on core {cpu}: least (median) of {options.n}, and how many times dq's the peer's least is")
    with tempfile.TemporaryDirectory() as made:
        directory = pathlib.Path(made)
        for family, peer in (("xgb", "xgb-1.7.4"), ("lgb", "lightgbm-4.6.0")):
            mine = [n for n in names if n.startswith("lgb") == (family == "lgb")]
            if mine:
                run(python(peer) + ["train", made] + mine)
        for name in names:
            race(directory, name, cpu, options.n)


main()
