#!/usr/bin/env python3
"""last.py [--no-alerts]   The last revision of each window of dq-rollup's output, as reference.py prints it; 1 when revisions are not 0, 1, 2..."""
import json
import sys

last = {}
for line in sys.stdin:
    record = json.loads(line)
    if record["event_type"] != "dashboard":
        continue
    key = json.dumps(record["window"], sort_keys=True)
    if record["revision"] != (last[key]["revision"] + 1 if key in last else 0):
        sys.exit(f"revision {record['revision']} of {key}")
    last[key] = record
for record in sorted(last.values(), key=lambda r: r["window"]["start"]):
    del record["event_time"], record["revision"]
    if sys.argv[1:]:
        del record["alerts"]
    # 1.0 and 1 are one number
    print(json.dumps(json.loads(json.dumps(record), parse_int=float), sort_keys=True))
