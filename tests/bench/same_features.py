#!/usr/bin/env python3
"""same_features.py OURS PEER   Exit 1 unless the CSV of a peer says what our NDJSON says, figure by figure."""
import csv
import json
import sys
from datetime import datetime

from peer_features import NAMES


def main():
    ours = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        r = json.loads(line)
        when = int(datetime.fromisoformat(r["event_time"].replace("Z", "+00:00")).timestamp())
        ours[r["customer_id"], when] = [r["features"][n] for n in NAMES]
    seen = known = 0
    for row in csv.reader(open(sys.argv[2], encoding="utf-8")):
        mine = ours[row[0], int(float(row[1]))]
        seen += 1
        for name, a, b in zip(NAMES, mine, row[2:]):
            same = (b == "") if a is None else b != "" and abs(a - float(b)) <= 1.1e-6 + 1e-9 * abs(a)
            if not same:
                sys.exit(f"{row[0]} {row[1]} {name}: ours {a}, theirs {b or 'null'}")
            known += a is not None
    if seen != len(ours) or known < seen:
        sys.exit(f"{seen} rows of {len(ours)}, {known} known figures")


main()
