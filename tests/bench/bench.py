#!/usr/bin/env python3
"""Figures side by side: every contestant of a bench runs in turn, N times, on one pinned core of this machine, after its output was compared.

bench.py [-n REPEATS] [BENCH]...     features score extract pipe simulate memory store (all without any)

Time is processor time (user and system) of one core, which neighbours on a shared machine disturb less than wall time; both are shown, the
ratio is of the medians of processor time. `make bench` installs the peers under build/ first."""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DIR = TOP / "build/bench"
PEERS = TOP / "tests/bench"
PYTHON = TOP / "build/venv-bench/bin/python"
sys.path.insert(0, str(PEERS))
from peer_features import NAMES  # noqa: E402

FEATURES = f"dq-features --emit each --only {','.join(NAMES)}"


def sh(command, **more):
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=DIR, check=True, **more)


def said(command):
    return sh(command, stdout=subprocess.PIPE, text=True).stdout.strip()


def timed(command):
    """Processor and wall seconds of a command, its children included; a peer may report its own instead (a line "seconds X")."""
    before, start = os.times(), time.perf_counter()
    out = sh(command, stdout=subprocess.PIPE, text=True).stdout
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    for line in out.splitlines():
        if line.startswith("seconds "):
            cpu = wall = float(line.split()[1])
    return cpu, wall


def race(title, records, contestants, repeats):
    """contestants: (name, command, records or None for all, is it ours?) lists; ours is the first."""
    taken = {name: [] for name, *_ in contestants}
    for _ in range(repeats):
        for name, command, *_ in contestants:
            taken[name].append(timed(command))
    print(f"\n{title}")
    print(f"{'':34}{'records':>9}{'cpu min':>9}{'median':>9}{'wall min':>9}{'rec/s':>10}{'times':>7}")
    ours = None
    for name, _, *own in contestants:
        n = own[0] if own else records
        cpu, wall = zip(*taken[name])
        each = statistics.median(cpu) / n
        ours = ours or each
        print(f"{name:34}{n:>9}{min(cpu):>9.3f}{statistics.median(cpu):>9.3f}{min(wall):>9.3f}{1 / each:>10.0f}{each / ours:>7.1f}")
    sys.stdout.flush()


def features(repeats):
    """Twelve windowed figures of every transaction, file to file."""
    # One order of rows for all: a second transaction in the same second would be in or out by chance; a stated balance in every row.
    sh("dq-simulate 400000 | dq-cat --where '.event_type == \"transaction\" and .balance_after' | awk -F'\"' '!seen[$8 $12]++' >tx.ndjson")
    n = int(said("wc -l <tx.ndjson"))
    sh(f"{FEATURES} --from tx.ndjson --to ours.ndjson")
    for peer in "duckdb", "pandas":
        sh(f"{PYTHON} {PEERS}/peer_features.py {peer} tx.ndjson {peer}.csv && python3 {PEERS}/same_features.py ours.ndjson {peer}.csv")
    run = f"{PYTHON} {PEERS}/peer_features.py"
    race("12 features of every transaction, file to file, one thread (outputs equal)", n, [
        ("dq-features --emit each --only", f"{FEATURES} --from tx.ndjson --to ours.ndjson"),
        ("duckdb " + said(f"{PYTHON} -c 'import duckdb; print(duckdb.__version__)'"), f"{run} duckdb tx.ndjson duckdb.csv"),
        ("duckdb, 30 x 24 h (other figures)", f"{run} duckdb-hours tx.ndjson hours.csv"),
        ("pandas " + said(f"{PYTHON} -c 'import pandas; print(pandas.__version__)'"), f"{run} pandas tx.ndjson pandas.csv"),
        ("dq-features --emit each, all 58", "dq-features --emit each --from tx.ndjson --to all.ndjson"),
    ], repeats)


def score(repeats):
    """dq-score from NDJSON to NDJSON against the one call of XGBoost that explains, on a matrix that is ready."""
    sh("dq-simulate 500000 | dq-features --emit daily --tick 1d | dq-cat --where '.event_type == \"features\"' | head -n 100000 >f.ndjson || [ $? -eq 141 ]")
    n = int(said("wc -l <f.ndjson"))
    model = TOP / "share/models/default.json"
    sh(f"dq-score --model {model} --from f.ndjson --to p.ndjson")
    races = [("dq-score, reasons on every row", f"dq-score --model {model} --from f.ndjson --to p.ndjson"),
             ("dq-score --explain-above 1", f"dq-score --model {model} --explain-above 1 --from f.ndjson --to q.ndjson"),
             ("dq-score --threads 2, on that one core", f"dq-score --model {model} --threads 2 --from f.ndjson --to t.ndjson")]
    loops = [("dq-score, reasons, to /dev/null", f"dq-score --model {model} --from f.ndjson --to /dev/null"),
             ("dq-score, reasons, into a file", f"dq-score --model {model} --from f.ndjson --to p.ndjson")]
    sh(f"dq-score --model {model} --threads 2 --from f.ndjson | cmp - p.ndjson")
    for version in "3.4.1", "1.7.4":
        python = TOP / f"build/venv-xgb-{version}/bin/python"
        run = f"{python} -W ignore {PEERS}/peer_score.py {model} f.ndjson"
        sh(f"{run} --compare p.ndjson")
        races.append((f"XGBoost {version} pred_contribs", f"{run} --rows 4000", min(n, 4000)))
        loop = f"{python} -W ignore {PEERS}/peer_loop.py {model} f.ndjson"
        sh(f"{loop} loop.ndjson --rows 10000 --compare p.ndjson")
        loops.append((f"json + XGBoost {version} in Python", f"{loop} /dev/null --rows 10000", min(n, 10000)))
        loops.append((f"the same with {version} into a file", f"{loop} loop.ndjson --rows 10000", min(n, 10000)))
    race("score and exact reasons of every row (margins equal to 1e-5)", n, races, repeats)
    race("from features records to prediction records with reasons: the whole command beside a loop of json and pred_contribs, 1000 rows at a time", n, loops, repeats)


def extract(repeats):
    sh("dq-simulate 300000 | dq-cat --where '.event_type == \"transaction\"' >t.ndjson")
    n = int(said("wc -l <t.ndjson"))
    ours, peer = "dq-cat --fields customer_id,amount,txn_type --from t.ndjson --to e1", "jq -c '{customer_id, amount, txn_type}' t.ndjson >e2"
    sh(f"{ours} && {peer} && cmp <(jq -cS . e1) <(jq -cS . e2)")
    race("three fields of every record (outputs equal)", n, [
        ("dq-cat --fields", ours), (said("jq --version") + " -c", peer),
        ("dq-cat --map (libjq)", "dq-cat --map '{customer_id, amount, txn_type}' --from t.ndjson --to e3")], repeats)


def pipe(repeats):
    sh("dq-simulate 200000 >s.ndjson")
    n = int(said("wc -l <s.ndjson"))
    race("the pipe, four processes on one core (records: of the source)", n, [
        ("simulate | features | score | intervene", "dq-simulate 200000 | dq-features | dq-score | dq-intervene >actions"),
        ("dq-simulate", "dq-simulate 200000 >/dev/null"), ("dq-features", "dq-features <s.ndjson >f2"),
        ("dq-score", "dq-score <f2 >p2"), ("dq-intervene", "dq-intervene --pass <p2 >i2"), ("dq-rollup", "dq-rollup <i2 >/dev/null")], repeats)


def simulate(repeats):
    n = int(said("dq-simulate 1000000 | wc -l"))
    race("a million transactions made up", n, [("dq-simulate 1000000", "dq-simulate 1000000 >/dev/null")], repeats)


def memory(_):
    print(f"\nmemory of a million customers of 30 active days\n{said(str(PEERS / 'features-memory'))}")
    sys.stdout.flush()


def store(repeats):
    """A million transactions into PostgreSQL. The server does the work in a process of its own: wall time, no core pinned."""
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count()))
    os.environ["PG_RUN"] = str(DIR / "pg")
    server = f"{TOP}/tests/pg/server"
    try:
        sh(f"{server} stop; {server} start >address")
        os.environ["DQ_DATABASE"] = said("cat address")
        sh("dq-store init >/dev/null && dq-simulate 1000000 | grep '\"event_type\":\"transaction\"' >t.ndjson")
        sh("dq-store load transactions --from t.ndjson")
        columns = "txn_id,customer_id,txn_time,amount,txn_type,category,channel,merchant_id,is_failed,currency,balance_after"
        order, empty = "ORDER BY txn_time, txn_id", f"{server} sql -c 'TRUNCATE transactions' -c CHECKPOINT"
        sh(f"{server} sql -c '\\copy (SELECT {columns} FROM transactions {order}) TO t.csv CSV HEADER'")
        rows = f"{server} sql -At -c 'SELECT count(*), sum(amount), sum(hashtext(transactions::text)::bigint) FROM transactions'"
        contestants = {"dq-store load, CSV": "dq-store load transactions --from t.csv",
                       "dq-store load, records": "dq-store load transactions --from t.ndjson",
                       "psql \\copy, CSV": f"{server} sql -c '\\copy transactions ({columns}) FROM t.csv CSV HEADER'",
                       "dq-store export": "dq-store export transactions --to e.ndjson"}
        want, taken = said(rows), {name: [] for name in contestants}
        for _ in range(repeats):
            for name, command in contestants.items():
                if "export" not in name:
                    sh(empty)
                taken[name].append(timed(command)[1])
                assert said(rows) == want, name
        version = said(f"{server} sql -At -c 'SHOW server_version'")
        n, peer = int(want.split("|")[0]), statistics.median(taken["psql \\copy, CSV"])
        print(f"\na million transactions into PostgreSQL {version} (tables equal), wall time\n"
              f"{'':34}{'records':>9}{'min':>9}{'median':>9}{'rec/s':>10}{'of psql':>9}")
        for name, wall in taken.items():
            middle = statistics.median(wall)
            print(f"{name:34}{n:>9}{min(wall):>9.3f}{middle:>9.3f}{n / middle:>10.0f}{peer / middle:>9.2f}")
        loaded = peer / statistics.median(taken["dq-store load, CSV"])
        print(f"aim: 0.5 of psql or more for CSV: {'met' if loaded >= 0.5 else 'missed'}")
        sys.stdout.flush()
    finally:
        sh(f"{server} stop")
        os.sched_setaffinity(0, pinned)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5, help="repeats (5)")
    parser.add_argument("bench", nargs="*")
    options = parser.parse_args()
    DIR.mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] = f"{TOP}/bin:{os.environ['PATH']}"
    os.environ["LC_ALL"] = "C.UTF-8"
    cpu = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpu})
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"{said('dq-cat -V')}, {said('gcc --version | head -n 1')}, {said('make -s -C ' + str(TOP) + ' flags')[:60]}...")
    print(f"{model}, core {cpu} alone of {os.cpu_count()}, {said('. /etc/os-release; echo $PRETTY_NAME')}, {options.n} repeats in turn; "
          f"load {os.getloadavg()[0]:.1f}")
    for name in options.bench or ["features", "score", "extract", "pipe", "simulate", "memory", "store"]:
        globals()[name](options.n)


main()
