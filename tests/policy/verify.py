"""verify.py POLICY CUSTOMERS < INTERVENTIONS: what no contact may break, worked out again by other means: caps, cool-down, quiet hours,
consent, one decision a prediction. Prints what it looked at; exit 1 when something is broken."""
import json, sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

policy = json.load(open(sys.argv[1]))
profiles = {}
scores = {}
for line in open(sys.argv[2]):
    record = json.loads(line)
    if record["event_type"] == "customer":
        profiles[record["customer_id"]] = record
    elif record["event_type"] == "prediction":
        scores[record["prediction_id"]] = record

channels = ["phone_call", "sms", "email", "push", "letter"]
broken = []


def listed(value):
    return channels if value is None else value if isinstance(value, list) else [value]


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def zones(customer):
    name = profiles.get(customer, {}).get("time_zone", "")
    try:
        return [ZoneInfo(name)]
    except Exception:
        return [ZoneInfo(z) for z in listed(policy["fallback_zone"])]


def quiet(channel, local):
    clock = local.strftime("%H:%M")
    for rule in policy.get("quiet_hours", []):
        if channel not in listed(rule.get("channel")):
            continue
        names = listed(rule.get("days")) if rule.get("days") else None
        today, yesterday = (d.strftime("%A").lower() for d in (local, local - timedelta(days=1)))
        start, end = rule["from"], rule["to"]
        if start < end:
            if start <= clock < end and (names is None or today in names):
                return True
        elif clock >= start and (names is None or today in names) or clock < end and (names is None or yesterday in names):
            return True
    return False


def check_one(record, time):
    channel, customer = record["channel"], record["customer_id"]
    profile = profiles.get(customer, {})
    said = profile.get("consent", {}).get(channel)
    unknown = policy.get("unknown_consent", "deny")
    unknown = unknown if isinstance(unknown, str) else unknown.get(channel, "deny")
    if said is False or said is None and unknown == "deny":
        broken.append(f"{record['intervention_id']}: no consent")
    if profile.get("vulnerable"):
        broken.append(f"{record['intervention_id']}: vulnerable")
    for zone in zones(customer):
        if quiet(channel, time.astimezone(zone)):
            broken.append(f"{record['intervention_id']}: quiet hours in {zone}")


def check_caps(customer, contacts):
    zone = zones(customer)[0]
    days = [(t.astimezone(zone).date(), channel) for t, channel, _ in contacts]
    for cap in policy.get("caps", []):
        for last, _ in days:
            n = sum(last - timedelta(days=cap["days"]) < d <= last and c in listed(cap.get("channel")) for d, c in days)
            if n > cap["max"]:
                broken.append(f"{customer}: {n} contacts within {cap}, to {last}")


def duration(text):
    return timedelta(hours={"h": 1, "d": 24}[text[-1]] * int(text[:-1]))


def check_cool_down(customer, contacts):
    """Each contact as decided keeps its own rule's distance from all decided before, be they made or scheduled."""
    own = {rule["name"]: rule.get("cool_down", policy["cool_down"]) for rule in policy["rules"]}
    for i, (time, _, rule) in enumerate(contacts):
        for before, _, _ in contacts[:i]:
            if abs(time - before) < duration(own[rule]):
                broken.append(f"{customer}: {time - before} between two contacts, {rule}")


contacts, decisions, predictions = {}, {}, set()
for line in sys.stdin:
    record = json.loads(line)
    if record["event_type"] != "intervention":
        continue
    decisions[record["decision"]] = decisions.get(record["decision"], 0) + 1
    if record["status"] != "expired":
        if record["prediction_id"] in predictions:
            broken.append(f"{record['prediction_id']}: decided twice")
        predictions.add(record["prediction_id"])
    if record["decision"] == "suppress" and not record["suppressed_by"]:
        broken.append(f"{record['intervention_id']}: does not say what suppressed it")
    if record["decision"] in ("act", "defer", "hold_out"):
        time = instant(record["not_before"] or record["event_time"])
        if record["decision"] != "hold_out":
            check_one(record, time)
            contacts.setdefault(record["customer_id"], []).append((time, record["channel"], record["rule"]))
for customer, list_ in contacts.items():
    check_cool_down(customer, list_)
    check_caps(customer, list_)
for id_, prediction in scores.items():
    if (prediction["risk_level"] != "LOW") != (id_ in predictions):
        broken.append(f"{id_}: {prediction['risk_level']}, and {'a' if id_ in predictions else 'no'} decision")
print(" ".join(f"{k} {v}" for k, v in sorted(decisions.items())))
print("\n".join(broken))
sys.exit(1 if broken or len(decisions) < 4 else 0)
