#!/usr/bin/env python3
"""reference.py WINDOW_SECONDS   What dq-rollup's last word on each window must be, from dq-rollup(1) and not from the C: all records on standard input
are sorted into windows at leisure, each customer's standing is looked up anew for each window. Prints the dashboard records without event_time and
revision, by start. Alerts depend on the order in which predictions came: they are counted in the input's order."""
import json
import math
import sys
from collections import Counter, defaultdict
from datetime import datetime, timezone

LEVELS = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
Z = 1.959963984540054


def micros(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()) * 1000000 + moment.microsecond


def text(time):
    return datetime.fromtimestamp(time // 1000000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(x):
    if x is None or math.isnan(x):
        return None
    return float(f"{math.copysign(math.floor(abs(x) * 1e6 + 0.5), x) / 1e6:.6f}") + 0


def wilson(hits, n):
    if not n:
        return [math.nan] * 3
    p, z2 = hits / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return [p, 0 if hits == 0 else max(0, middle - half), 1 if hits == n else min(1, middle + half)]


def effect(outcomes):
    said, rates = {}, {}
    for name, held in ("treated", False), ("held_out", True):
        own = Counter(o["outcome_type"] for o in outcomes if bool(o.get("held_out")) == held)
        n = sum(own.values())
        rates[name] = p, low, high = wilson(own["stabilized"], n)
        said[name] = {"count": n, **{k: own[k] for k in ("stabilized", "unchanged", "deteriorated")},
                      "rate": number(p), "low": number(low), "high": number(high)}
    a, b = rates["treated"], rates["held_out"]
    d = a[0] - b[0]
    said["uplift"] = {"value": number(d), "low": number(d - math.sqrt((a[0] - a[1]) ** 2 + (b[2] - b[0]) ** 2)),
                      "high": number(d + math.sqrt((a[2] - a[0]) ** 2 + (b[0] - b[1]) ** 2))}
    return said


def alerts(records):
    newest, raised = {}, defaultdict(Counter)
    for r in records:
        if r["event_type"] != "prediction":
            continue
        at, level = newest.get(r["customer_id"], (None, -1))
        now = LEVELS.index(r["risk_level"])
        if at is None or r["time"] >= at:
            if now >= 2 and now > level:
                raised[r["window"]][r["risk_level"]] += 1
            newest[r["customer_id"]] = r["time"], now
    return raised


def standing(predictions, end):
    latest = {}
    for r in predictions:
        if r["time"] < end and (r["customer_id"] not in latest or r["time"] >= latest[r["customer_id"]]["time"]):
            latest[r["customer_id"]] = r
    return list(latest.values())


def main():
    size = int(sys.argv[1]) * 1000000
    records = []
    for line in sys.stdin:
        r = json.loads(line)
        if r["event_type"] in ("prediction", "intervention", "outcome", "review"):
            r["time"] = micros(r["event_time"])
            r["window"] = r["time"] // size * size
            records.append(r)
    raised = alerts(records)
    predictions = [r for r in records if r["event_type"] == "prediction"]
    windows = defaultdict(list)
    for r in records:
        windows[r["window"]].append(r)
    for start in sorted(windows):
        of = defaultdict(list)
        for r in windows[start]:
            of[r["event_type"]].append(r)
        stand = standing(predictions, start + size)
        decisions = defaultdict(Counter)
        for r in of["intervention"]:
            decisions[r["decision"]][r.get("channel") or "none"] += 1
        reasons = Counter((f["code"], f["feature"]) for r in of["prediction"] if r["risk_level"] != "LOW"
                          for f in r["top_features"] if f["direction"] == "up")
        top = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:10]
        scores = sum(round(r["risk_score"] * 1000000) for r in stand)
        said = {"event_type": "dashboard", "window": {"start": text(start), "end": text(start + size)},
                "counts": {level: sum(r["risk_level"] == level for r in stand) for level in LEVELS},
                "mean_score": number(scores / 1000000 / len(stand)) if stand else None, "predictions": len(of["prediction"]),
                "alerts": {level: raised[start][level] for level in LEVELS[2:]},
                "top_reasons": [{"code": c, "feature": f, "count": n} for (c, f), n in top],
                "decisions": decisions, "suppressors": Counter(r["suppressed_by"] for r in of["intervention"] if r.get("suppressed_by")),
                "reviews": {d: sum(r["decision"] == d for r in of["review"]) for d in ("approve", "override")},
                "outcomes": effect(of["outcome"]), "late": 0}
        print(json.dumps(json.loads(json.dumps(said), parse_int=float), sort_keys=True))


main()
