"""traffic.py SEED CUSTOMERS EVENTS: customers and predictions in order of time, of all levels, zones, consents and paces."""
import json, random, sys
from datetime import datetime, timedelta, timezone

seed, customers, events = map(int, sys.argv[1:4])
r = random.Random(seed)
zones = ["Europe/Prague", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "Pacific/Auckland", "UTC", None, "Nowhere/Land"]
for i in range(customers):
    record = {"event_type": "customer", "event_time": "2026-02-20T00:00:00Z", "customer_id": f"C{i}",
              "consent": {c: r.random() < 0.9 for c in ("phone_call", "sms", "email") if r.random() < 0.9},
              "vulnerable": r.random() < 0.05}
    zone = r.choice(zones)
    if zone:
        record["time_zone"] = zone
    if r.random() < 0.95:
        print(json.dumps(record))
time = datetime(2026, 2, 25, tzinfo=timezone.utc)
step = timedelta(days=60) / events
for i in range(events):
    time += step * r.uniform(0, 2)
    score = round(r.random(), 6)
    level = "CRITICAL" if score > 0.7 else "HIGH" if score > 0.5 else "MEDIUM" if score > 0.3 else "LOW"
    # A few customers come all the time, most seldom.
    print(json.dumps({"event_type": "prediction", "event_time": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "prediction_id": f"p{i}",
                      "customer_id": f"C{int(customers * r.random() ** 2)}", "risk_score": score, "risk_level": level}))
