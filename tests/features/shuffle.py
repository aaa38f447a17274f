#!/usr/bin/env python3
"""shuffle.py SEED < records: other orders within a day, the days in order.

Neighbouring transactions and payments of one UTC day change places freely;
everything else stays where it is and nothing passes it."""
import json
import random
import sys


def day_of(line):
    record = json.loads(line)
    if record.get("event_type") == "transaction":
        return record["txn_time"][:10]
    if record.get("event_type") == "payment":
        return record["event_time"][:10]
    return None


def main():
    rng = random.Random(int(sys.argv[1]))
    day, block = None, []
    for line in list(sys.stdin) + [None]:
        this = day_of(line) if line else None
        if block and (this is None or this != day):
            rng.shuffle(block)
            sys.stdout.writelines(block)
            block = []
        day = this
        if this is not None:
            block.append(line)
        elif line:
            sys.stdout.write(line)


if __name__ == "__main__":
    main()
