#!/usr/bin/env python3
"""compare.py A B: do two streams hold the same features records?

The records of each customer are compared one by one, in their order, by
event time, trigger and every feature to 0.000001 (of numbers beyond 10^9 to
15 digits); feature_set and source are not looked at. Prints the first differences; exit 1 if there are any."""
import json
import sys
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal

SHOWN = 10
MICRO = Decimal("0.000001")
DOUBLE = Decimal("1e-15")  # what a double keeps of a large number


def read(path):
    """{customer: [record, ...]} of the features records of a file."""
    out = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            if record.get("event_type") == "features":
                out.setdefault(record["customer_id"], []).append(record)
    return out


def moment(stamp):
    when = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def differ(a, b):
    if a is None or b is None:
        return a is not b
    return abs(a - b) > max(MICRO, abs(a) * DOUBLE)


def differences(a, b):
    """(name, value in A, value in B) of two records."""
    if moment(a["event_time"]) != moment(b["event_time"]):
        yield "event_time", a["event_time"], b["event_time"]
    if a["trigger"] != b["trigger"]:
        yield "trigger", a["trigger"], b["trigger"]
    fa, fb = a["features"], b["features"]
    for name in list(fa) + [n for n in fb if n not in fa]:
        if differ(fa.get(name, "absent"), fb.get(name, "absent")) \
                if name in fa and name in fb else True:
            yield name, fa.get(name, "absent"), fb.get(name, "absent")


def compare(left, right):
    """All differences: (customer, index, time, name, value, value)."""
    for customer in list(left) + [c for c in right if c not in left]:
        a, b = left.get(customer, []), right.get(customer, [])
        for i, (x, y) in enumerate(zip(a, b)):
            for name, va, vb in differences(x, y):
                yield customer, i, x["event_time"], x["trigger"], name, va, vb
        if len(a) != len(b):
            longer = a if len(a) > len(b) else b
            extra = longer[min(len(a), len(b))]
            yield (customer, min(len(a), len(b)), extra["event_time"],
                   extra["trigger"], "records", len(a), len(b))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py A B")
    left, right = read(sys.argv[1]), read(sys.argv[2])
    count = sum(map(len, left.values()))
    names, shown = Counter(), 0
    for customer, i, when, trigger, name, a, b in compare(left, right):
        names[name] += 1
        if shown < SHOWN:
            print(f"{customer} #{i} {when} {trigger}: {name}: {a} {b}")
            shown += 1
    if names:
        print("differences by name:", dict(names.most_common()))
        sys.exit(1)
    if not count:
        sys.exit("no features records to compare")
    print(f"{count} records agree")


if __name__ == "__main__":
    main()
