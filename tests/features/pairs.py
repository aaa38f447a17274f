#!/usr/bin/env python3
"""pairs.py SEED < records: (customer_id, event_time) pairs to emit at.

Times of records, the microsecond before and after, days without any, times
before the first and after the last, in any order; some customers unknown."""
import json
import random
import sys
from datetime import datetime, timedelta, timezone

OFFSETS = [timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1),
           timedelta(days=3), timedelta(days=-2), timedelta(days=400),
           timedelta(days=-500)]


def main():
    rng = random.Random(int(sys.argv[1]))
    pairs = []
    for line in sys.stdin:
        record = json.loads(line)
        stamp = record.get("txn_time")
        if stamp is None or rng.random() > 0.05:
            continue
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        moment += rng.choice(OFFSETS)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        who = record["customer_id"] if rng.random() < 0.97 else "nobody"
        pairs.append((who, moment.isoformat()))
    rng.shuffle(pairs)
    for who, when in pairs:
        print(json.dumps({"customer_id": who, "event_time": when,
                          "label": rng.randrange(2)}))


if __name__ == "__main__":
    main()
