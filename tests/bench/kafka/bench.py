#!/usr/bin/env python3
"""Kafka to Kafka, exactly once, on one real broker of this machine: dq-features beside a bare librdkafka loop and beside two programs of
Kafka Streams, one as commonly written and one tuned by hand.

bench.py [-n REPEATS] [PART]...     throughput latency kill restore (all without any); prints tables in Markdown and each aim, met or missed

The broker and every contestant share the cores; processor seconds are from /proc, between the same two counts of records in the output topic,
so nobody's start counts. `make bench-kafka` builds all of it first."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
DIR = TOP / "build/bench"
sys.path.insert(0, str(TOP / "tests/bench"))
from peer_features import NAMES  # noqa: E402

PROBE = TOP / "build/obj/bench/kafka/probe"
LOOP = TOP / "build/obj/bench/kafka/loop"
TICKS = os.sysconf("SC_CLK_TCK")
PARTITIONS = 4
INTERVAL = 100  # milliseconds between commits
WARM = 100_000
ENOUGH = 1_000_000
PATIENCE = 25  # seconds that a slow one is measured
SLOW_TURNS = 2
ONE = ('{"event_type":"transaction","txn_time":"2026-02-01T00:00:00Z","customer_id":"first","transaction_id":"first","amount":1,'
       '"txn_type":"debit","category":"groceries","channel":"pos","balance_after":9,"is_failed":false}')
AIMS = []


def sh(command, **more):
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=DIR, check=True, **more)


def aim(what, value, text, good):
    AIMS.append((what, text.format(value), good))


class Broker:
    """One Apache Kafka 4.1 with a compiler that optimises, unlike that of the tests."""

    def __init__(self):
        os.environ["DQ_BROKER"] = str(DIR / "broker")
        os.environ["DQ_BROKER_JVM"] = "-Xms1g -Xmx2g -XX:+UseG1GC"
        self.script = str(TOP / "tests/kafka/broker")
        self.address = subprocess.run([self.script, "start"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        os.environ["DQ_BOOTSTRAP_SERVER"] = self.address
        self.pid = int((DIR / "broker/1.pid").read_text())
        self.used = 0

    def topic(self, name, compact=False):
        self.used += 1
        name = f"{name}-{self.used}"
        kept = '"days":0,"compact":true' if compact else '"days":1'
        table = DIR / "topic"
        table.write_text(f'{{"name":"{name}","partitions":{PARTITIONS},{kept}}}\n')
        sh(f"dq-topics create --table {table} >/dev/null")
        return name

    def drop(self, *names):
        sh(f"dq-topics delete {' '.join(names)} >/dev/null")

    def stop(self):
        subprocess.run([self.script, "stop"], check=False)


def processor(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Contestant:
    """A command in a session of its own."""

    def __init__(self, command, out):
        self.command, self.out = command, out
        self.log = open(DIR / "kafka.log", "ab")
        self.start()

    def start(self):
        self.process = subprocess.Popen(["bash", "-c", self.command], cwd=DIR, stderr=self.log, start_new_session=True)

    def pids(self):
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid and fields[0] != "Z":
                found.append(int(path.parent.name))
        return found

    def processor(self):
        return sum(processor(p) for p in self.pids())

    def memory(self):
        """The sum of the peaks, MiB."""
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    total += int(line.split()[1])
        return total / 1024

    def kill(self, number=signal.SIGKILL):
        os.killpg(self.process.pid, number)
        self.process.wait()


class Watch:
    """How many records an output topic holds, a look every 25 ms; marks of transactions count too, a few in a thousand."""

    def __init__(self, broker, topic):
        self.process = subprocess.Popen([PROBE, "watch", broker.address, topic], stdout=subprocess.PIPE, text=True)
        self.now, self.count, self.first = 0.0, 0, None
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            when, count = line.split()
            self.now, self.count = int(when) / 1e6, int(count)
            if self.count and not self.first:
                self.first = self.now

    def until(self, count, limit):
        end = time.monotonic() + limit
        while self.count < count and time.monotonic() < end:
            time.sleep(0.005)
        return self.count >= count

    def stop(self):
        self.process.kill()
        self.process.wait()


# The contestants: a name, and what makes the command and its output topic.

def features(more=""):
    return f"dq-features --emit each --only {','.join(NAMES)} --checkpoint-interval {INTERVAL}ms {more}"


def ours(broker, source, out, group, more=""):
    state = broker.topic("state", compact=True)
    return f"exec {features(more)} -G {group} --from kafka:{source} --to kafka:{out} --state kafka:{state}"


def stateless(broker, source, out, group):
    return f"exec {features()} -G {group} --from kafka:{source} --to kafka:{out}"


def plain(broker, source, out, group):
    return f"exec {features('--plain')} -G {group} --from kafka:{source} --to kafka:{out}"


def copy(broker, source, out, group):
    return f"exec dq-cat --checkpoint-interval {INTERVAL}ms -G {group} --from kafka:{source} --to kafka:{out}"


def pipe(broker, source, out, group):
    state = broker.topic("state", compact=True)
    return f"{features()} -G {group} --from kafka:{source} --state kafka:{state} | dq-cat | dq-cat -G {group} --to kafka:{out}"


def loop(broker, source, out, group):
    return f"exec {LOOP} {broker.address} {source} {out} {group} {INTERVAL}"


def loop_large(broker, source, out, group):
    """As many bytes out as dq-features wrote in its first turn."""
    return f"{loop(broker, source, out, group)} {Size.out:.0f}"


def loop_example(broker, source, out, group):
    return f"{loop(broker, source, out, group)} plain"


def loop_plain(broker, source, out, group):
    return f"exec {LOOP} {broker.address} {source} {out} {group} 0"


def streams(program, broker, source, out, group):
    state = DIR / "streams/state"
    shutil.rmtree(state, ignore_errors=True)
    return (f"exec java -Xmx1g -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '{DIR}/streams/classes:{DIR}/streams/jars/*' "
            f"{program} {broker.address} {source} {out} {group} {state} {INTERVAL} 2")


def common(*a):
    return streams("Common", *a)


def tuned(*a):
    return streams("Tuned", *a)


COMMON, TUNED = "Kafka Streams 4.1, as commonly written", "Kafka Streams 4.1, tuned by hand"


class Group:
    used = 0


class Size:
    """Bytes of a record."""
    read = out = 0


def mean_size(topic):
    lines = sh(f"dq-cat --from kafka:{topic} -c 20000", stdout=subprocess.PIPE).stdout.splitlines()
    return sum(map(len, lines)) / len(lines)


def begin(broker, source, make):
    Group.used += 1
    out = broker.topic("out")
    return Contestant(make(broker, source, out, f"bench-{Group.used}"), out)


def measure(broker, source, make):
    """Records a second, processor microseconds a record (own and the broker's), MiB."""
    c = begin(broker, source, make)
    watch = Watch(broker, c.out)
    try:
        if not watch.until(WARM, 60):
            sys.exit(f"{c.command}: nothing came; see build/bench/kafka.log")
        t0, n0, own0, broker0 = watch.now, watch.count, c.processor(), processor(broker.pid)
        watch.until(ENOUGH, PATIENCE)
        t1, n1, own1, broker1 = watch.now, watch.count, c.processor(), processor(broker.pid)
        n, wall = n1 - n0, t1 - t0
        return {"rate": n / wall, "own": (own1 - own0) / n * 1e6, "broker": (broker1 - broker0) / n * 1e6,
                "share": (broker1 - broker0) / wall / os.cpu_count(), "memory": c.memory(), "out": c.out}
    finally:
        watch.stop()
        c.kill(signal.SIGTERM)


def rows_of(topic):
    rows = {}
    for line in sh(f"dq-cat --from kafka:{topic} -e", stdout=subprocess.PIPE, text=True).stdout.splitlines():
        r = json.loads(line)
        rows[r["customer_id"], r["event_time"]] = r["features"]
    return rows


def compare(a, b):
    """Every figure of every record that the peer wrote, in b; a, ours, may have more."""
    known = 0
    for key, row in b.items():
        for name in NAMES:
            x, y = a[key][name], row[name]
            if (x is None) != (y is None) or (x is not None and abs(x - y) > 1.1e-6 + 1e-9 * abs(x)):
                sys.exit(f"{key} {name}: ours {x}, theirs {y}")
            known += x is not None
    if len(b) < WARM or known < len(b):
        sys.exit(f"{len(b)} records with {known} figures are too few to compare")
    return len(b)


def reference(broker, source):
    """All of our output, to compare with."""
    out = broker.topic("out")
    sh(f"{ours(broker, source, out, 'reference', '-e')}")
    return out


def throughput(broker, repeats):
    source = broker.topic("tx")
    sh("dq-simulate 1100000 | dq-cat --where '.event_type == \"transaction\" and .balance_after' | awk -F'\"' '!seen[$8 $12]++' >kafka.ndjson")
    sh(f"dq-cat --from kafka.ndjson --to kafka:{source}")
    Size.read, Size.out = mean_size(source), 0
    fast = [("dq-features, state in a topic", ours), ("dq-features without state", stateless), ("dq-cat", copy),
            ("dq-features \\| dq-cat \\| dq-cat, state", pipe), ("librdkafka alone, what it reads", loop),
            ("librdkafka alone, as many bytes out", loop_large)]
    slow = [("librdkafka alone, as its example has it", loop_example), (COMMON, common), (TUNED, tuned)]
    race = fast + slow
    for _ in range(4):  # the broker's compiler is not done before some millions of records at full speed
        broker.drop(measure(broker, source, loop)["out"])
    got = {name: [] for name, _ in race}
    for turn in range(repeats):
        for name, make in race if turn < SLOW_TURNS else fast:
            os.sync()  # what the one before left to be written
            got[name].append(measure(broker, source, make))
            Size.out = Size.out or mean_size(got[name][0]["out"])
            print(f"{name}: {got[name][-1]}", file=sys.stderr)
            if turn > 0:
                broker.drop(got[name][-1]["out"])
    print(f"\nOne topic of {PARTITIONS} partitions, commits every {INTERVAL} ms; a record read has {Size.read:.0f} bytes, one of dq-features'"
          f" {Size.out:.0f}.\n")
    whole = rows_of(reference(broker, source))
    for name in COMMON, TUNED:
        print(f"{compare(whole, rows_of(got[name][0]['out'])):,} records of {name}, compared with ours: equal.\n")
    print(f"The quickest of {repeats} turns; of the last three, of {SLOW_TURNS}.\n")
    print("| | records/s | CPU µs a record | the broker's | broker's share of the cores | MiB |\n|---|--:|--:|--:|--:|--:|")
    table = {}
    for name, _ in race:
        table[name] = m = max(got[name], key=lambda run: run["rate"])  # what disturbs a machine only slows it down
        print(f"| {name} | {m['rate']:,.0f} | {m['own']:.2f} | {m['broker']:.2f} | {m['share']:.0%} | {m['memory']:.0f} |")
    sys.stdout.flush()
    mine, bare, large, example = (table[race[i][0]] for i in (0, 4, 5, 6))
    for what, m in [("of librdkafka's example", example), ("tuned by hand", bare), ("tuned by hand, with as many bytes", large)]:
        aim(f"throughput of the bare loop {what}", mine["rate"] / m["rate"], "{:.2f} of 0.6", mine["rate"] >= 0.6 * m["rate"])
    for what, peer in [("as commonly written", table[COMMON]), ("tuned by hand", table[TUNED])]:
        aim(f"records/s of Kafka Streams {what}", mine["rate"] / peer["rate"], "{:.1f}x of 6x", mine["rate"] >= 6 * peer["rate"])
        aim(f"records per CPU second of Kafka Streams {what}", peer["own"] / mine["own"], "{:.1f}x of 15x", peer["own"] >= 15 * mine["own"])


def paced(broker, make, rate, seconds, file, act=None):
    source = broker.topic("tx")
    c = begin(broker, source, make)
    watch = Watch(broker, c.out)
    try:
        sh(f"echo '{ONE}' | dq-cat --to kafka:{source}")
        if not watch.until(1, 60):
            sys.exit(f"{c.command}: nothing came; see build/bench/kafka.log")
        probe = subprocess.Popen([PROBE, "pace", broker.address, source, c.out, str(rate), str(seconds), file], cwd=DIR, stdout=subprocess.PIPE)
        before, begun = c.processor(), time.monotonic()
        if act:
            act(c)
        said = json.loads(probe.communicate()[0])
        said["cpu"] = (c.processor() - before) / (time.monotonic() - begun)
        return said
    finally:
        watch.stop()
        c.kill(signal.SIGTERM)


def warm_up(broker):
    """The broker compiles itself while it works: the first contestant must not pay for that."""
    sh("dq-simulate 400000 | dq-cat --where '.event_type == \"transaction\"' >pace.ndjson")
    paced(broker, loop, 20000, 8, "pace.ndjson")


def latency(broker, _):
    os.sync()  # gigabytes that the throughput left to be written: the first contestant must not wait for them
    print("\nEnd to end at 20,000 records/s, 10 s, milliseconds.\n")
    print("| | p50 | p99 | max | sent | came |\n|---|--:|--:|--:|--:|--:|")
    for name, make, limit in [("dq-features, state in a topic, exactly once", ours, 300), ("the pipe of three, state", pipe, None),
                              ("librdkafka alone, exactly once", loop, None), (f"{COMMON}, exactly once", common, None),
                              (f"{TUNED}, exactly once", tuned, None),
                              ("dq-features, at least once", plain, 20), ("librdkafka alone, at least once", loop_plain, None)]:
        m = paced(broker, make, 20000, 10, "pace.ndjson")
        print(f"| {name} | {m['p50']:.0f} | {m['p99']:.0f} | {m['max']:.0f} | {m['sent']:,} | {m['received']:,} |", flush=True)
        if limit:
            aim(f"p99 of {name}, ms", m["p99"], f"{{:.1f}} below {limit}", m["p99"] < limit)


def kill(broker, _):
    """5,000 records/s of 10,000 customers; kill -9 after nine seconds and a start at once. The gap is the longest silence of the output."""
    sh("dq-simulate --customers 10000 --days 20 | dq-cat --where '.event_type == \"transaction\"' >many.ndjson")

    def strike(c):
        time.sleep(9)
        c.kill()
        c.start()

    print("\nkill -9 and a start at once, 5,000 records/s, state of 10,000 customers.\n")
    print("| | silence, s | sent | came |\n|---|--:|--:|--:|")
    for name, make in [("dq-features, static member", lambda *a: ours(*a, "--instance 0")), (COMMON, common)]:
        m = paced(broker, make, 5000, 20, "many.ndjson", strike)
        print(f"| {name} | {m['gap'] / 1000:.1f} | {m['sent']:,} | {m['received']:,} |", flush=True)
        if name.startswith("dq"):
            aim("output flows again after kill -9, s", m["gap"] / 1000, "{:.2f} within 2", m["gap"] <= 2000)
            aim("lost or repeated by it", m["received"] - m["sent"] + m["surplus"], "{} of 0", m["received"] == m["sent"] and not m["surplus"])


def restore(broker, _):
    """A million customers of three records each; a new start with the state in the topic alone."""
    source = broker.topic("tx")
    sh("""awk 'BEGIN { for (n = 0; n < 3; n++) for (c = 1; c <= 1000000; c++) printf "{\\"event_type\\":\\"transaction\\",\\"txn_time\\":"""
       """\\"2026-01-%02dT%02d:10:11Z\\",\\"customer_id\\":\\"C%07d\\",\\"transaction_id\\":\\"T%07d-%d\\",\\"amount\\":%d.5,\\"txn_type\\":\\"debit\\","""
       """\\"category\\":\\"groceries\\",\\"channel\\":\\"pos\\",\\"balance_after\\":%d,\\"is_failed\\":false}\\n", n + 5, c % 24, c, c, n, c % 90 + 5, c % 2000 }'"""
       f" | dq-cat --to kafka:{source}")
    out, state = broker.topic("out"), broker.topic("state", compact=True)
    command = f"exec {features('--instance 0')} -G restore --from kafka:{source} --to kafka:{out} --state kafka:{state}"
    watch = Watch(broker, out)
    c = Contestant(command, out)
    begun = time.monotonic()
    if not watch.until(3_000_000, 120):
        sys.exit("three million records took too long")
    first = time.monotonic() - begun
    time.sleep(1)
    c.kill()
    watch.stop()
    watch = Watch(broker, out)
    time.sleep(0.5)
    count = watch.count
    c.start()
    begun = time.monotonic()
    sh(f"echo '{ONE}' | dq-cat --to kafka:{source}")
    if not watch.until(count + 1, 120):
        sys.exit("nothing came after the restore")
    took = time.monotonic() - begun
    print(f"\nA million customers: {first:.1f} s for their 3,000,000 records; after kill -9 the first new output {took:.1f} s after the start, "
          f"{c.memory():.0f} MiB.", flush=True)
    aim("restore of a million customers, s", took, "{:.1f} within 10", took <= 10)
    c.kill(signal.SIGTERM)
    watch.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5, help="turns of the throughput (5); the slow ones take part in two")
    parser.add_argument("part", nargs="*")
    options = parser.parse_args()
    DIR.mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] = f"{TOP}/bin:{os.environ['PATH']}"
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("DQ_PROFILE", None)
    broker = Broker()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Apache Kafka 4.1.0 on the same machine")
    try:
        warm_up(broker)
        for part in options.part or ["throughput", "latency", "kill", "restore"]:
            globals()[part](broker, options.n)
    finally:
        broker.stop()
    print("\n| aim | measured | |\n|---|---|---|")
    for what, text, good in AIMS:
        print(f"| {what} | {text} | {'met' if good else '**missed**'} |")


if __name__ == "__main__":
    main()
