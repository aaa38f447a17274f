#!/usr/bin/env python3
"""nasty.py CASE [--seed N] [--customers N] [--days N]: records that hurt.

Prints NDJSON for dq-features: a few customers with everything the cases
below turn on. Same seed, same bytes."""
import argparse
import json
import random
import sys
from datetime import datetime, timedelta, timezone

CATEGORIES = ("dining entertainment shopping groceries utilities rent "
              "insurance healthcare transport education loan loan_emi "
              "credit_card gambling lending_app cash_advance penalty "
              "penalty_interest overdraft_fee late_fee transfer travel "
              "transfer").split() + [None, ""]
TYPES = "loan_emi credit_card utility_bill utility_bill insurance rent".split()


class Case:
    """What a case turns on; the chances are per record."""

    def __init__(self, **changes):
        self.start = "2023-12-20"     # over a leap day
        self.late = 0.0               # comes up to 120 days after its time
        self.duplicate = 0.0
        self.shuffle = 0.0            # swapped with a neighbour
        self.balance = "always"       # always, never, some, from (a day on)
        self.opening = "first"        # first, never, late
        self.profile = True
        self.currency = ["EUR"]
        self.record_currency = 0.0    # the record states its currency
        self.foreign = 0.0
        self.whole_seconds = True
        self.midnight = False         # bare dates
        self.money_text = 0.3         # as strings
        self.gaps = 0.02              # a day starts a long silence
        self.merchants = 12
        self.payments = 1.0
        self.due_changes = 0.05
        self.ticks = False
        self.deleted = False          # one customer is, half-way
        self.busy = 2.2
        self.__dict__.update(changes)


CASES = {
    "plain": Case(),
    "month-ends": Case(start="2024-01-01", midnight=True, gaps=0.0),
    "zone": Case(start="2024-01-15", whole_seconds=False, busy=4),
    "shuffled": Case(shuffle=0.4, balance="some", whole_seconds=False),
    "late": Case(late=0.15, duplicate=0.1, balance="some", opening="late"),
    "no-balance": Case(balance="never", opening="never", late=0.05),
    "running": Case(balance="never", opening="first", late=0.05),
    "opening-late": Case(balance="never", opening="late"),
    "from": Case(balance="from", opening="never", late=0.05),
    "currency": Case(currency=["JPY", "KWD", "USD", "CLP"],
                     record_currency=0.9, foreign=0.05, balance="some"),
    "no-profile": Case(profile=False, record_currency=0.5),
    "merchants": Case(merchants=700, busy=12, gaps=0.0, late=0.05),
    "payments": Case(payments=6.0, late=0.1, shuffle=0.3, busy=1),
    "silent": Case(gaps=0.12, busy=0.8, ticks=True, late=0.03),
    "ticks": Case(ticks=True, deleted=True, payments=2.0, late=0.05),
}


class Money:
    def __init__(self, rng, case, digits):
        self.rng, self.case, self.digits = rng, case, digits

    def json(self, units):
        """Minor units as a number or a string, with a vengeance."""
        sign, units = ("-" if units < 0 else ""), abs(units)
        whole, part = divmod(units, 10 ** self.digits)
        out = f"{sign}{whole}"
        if self.digits and (part or self.rng.random() < 0.5):
            out += f".{part:0{self.digits}d}"
            if self.rng.random() < 0.3:
                out = out.rstrip("0").rstrip(".")
        if self.rng.random() < self.case.money_text:
            return out
        return Raw(out)


class Raw(str):
    """JSON text that stands for itself."""


def dump(record):
    parts = []
    for name, value in record.items():
        shown = str(value) if isinstance(value, Raw) else json.dumps(value)
        parts.append(f"{json.dumps(name)}:{shown}")
    return "{" + ",".join(parts) + "}"


class Maker:
    def __init__(self, case, number, days, rng):
        self.case, self.rng, self.days = case, rng, days
        self.id = f"N{number:03d}"
        self.start = datetime.fromisoformat(case.start).replace(
            tzinfo=timezone.utc)
        self.currency = case.currency[number % len(case.currency)]
        digits = {"JPY": 0, "CLP": 0, "KWD": 3}.get(self.currency, 2)
        self.unit = 10 ** digits
        self.money = Money(rng, case, digits)
        self.pay_day = rng.choice([1, 5, 15, 25, 28, 29, 30, 31, 31])
        self.income = rng.randrange(2000, 7000) * self.unit
        self.balance = rng.randrange(-200, 6000) * self.unit
        self.opening = self.balance
        self.serial = 0
        self.records = []             # (arrival, order, line)
        self.broke = rng.randrange(days) if rng.random() < 0.6 else days
        self.balance_from = rng.randrange(20, days)

    def stamp(self, moment):
        if self.case.midnight:
            return moment.strftime("%Y-%m-%d")
        out = moment.strftime("%Y-%m-%dT%H:%M:%S")
        if moment.microsecond:
            out += f".{moment.microsecond:06d}"
        return out + self.rng.choice(["Z", "Z", "+00:00", ""])

    def put(self, moment, record, arrival=None):
        self.records.append((arrival or moment, len(self.records), record))

    def profile(self, moment, **more):
        record = {"event_type": "customer", "customer_id": self.id,
                  "event_time": self.stamp(moment)}
        rng = self.rng
        record["currency"] = self.currency
        if rng.random() < 0.6:
            record["salary_day"] = self.pay_day
        if rng.random() < 0.5:
            record["monthly_income"] = self.money.json(self.income)
        if rng.random() < 0.5:
            record["minimum_balance"] = self.money.json(100 * self.unit)
        record.update(more)
        self.put(moment, record)

    def transaction(self, moment, debit, units, **more):
        case, rng = self.case, self.rng
        self.serial += 1
        record = {"event_type": "transaction", "customer_id": self.id,
                  "transaction_id": f"{self.id}-{self.serial}",
                  "txn_time": self.stamp(moment),
                  "amount": self.money.json(units),
                  "txn_type": "debit" if debit else "credit"}
        record.update({k: v for k, v in more.items() if v is not None})
        if rng.random() < case.foreign:
            record["currency"], record["amount"] = "SEK", Raw("12.5")
            more["is_failed"] = True       # the balance does not move
        elif rng.random() < case.record_currency:
            record["currency"] = self.currency
        if rng.random() < 0.03:
            record.pop("transaction_id")
        if not more.get("is_failed"):
            self.balance += -units if debit else units
        day = (moment - self.start).days
        if record.get("currency") == "SEK":
            if rng.random() < 0.3:
                record["balance_after"] = Raw("99.25")
        elif case.balance == "always" or (
                case.balance == "some" and rng.random() < 0.3) or (
                case.balance == "from" and day >= self.balance_from):
            record["balance_after"] = self.money.json(self.balance)
        arrival = moment
        if rng.random() < case.late:
            arrival += timedelta(days=rng.choice([0.2, 1, 6, 20, 60, 89, 90,
                                                  91, 120]))
        if self.no_unit_currency(record):
            record["currency"] = self.currency
        self.put(moment, record, arrival)
        if rng.random() < case.duplicate:
            self.put(moment, record, arrival + timedelta(hours=rng.choice(
                [0, 5, 200])))

    def no_unit_currency(self, record):
        """More than two digits are refused unless the currency is stated."""
        return self.unit != 100 and "currency" not in record and \
            self.unit > 100

    def at(self, day):
        moment = self.start + timedelta(days=day)
        if self.case.midnight:
            return moment
        moment += timedelta(seconds=self.rng.choice(
            [0, 0, 3600, 43200, self.rng.randrange(86400), 86399]))
        if not self.case.whole_seconds:
            moment += timedelta(microseconds=self.rng.choice(
                [0, 1, 999, 1000, 500000, 999999]))
        return moment

    def spend(self, day, stressed):
        rng = self.rng
        mean = 90 / self.case.busy * (1.5 if stressed else 1)
        units = max(1, int(rng.expovariate(1 / mean) * self.unit))
        if rng.random() < 0.005:
            units = rng.choice([4999, 5000, 5001]) * self.unit
        category = rng.choice(CATEGORIES)
        if stressed and rng.random() < 0.5:
            category = rng.choice(["gambling", "penalty", "groceries"])
        self.transaction(
            self.at(day), True, units, category=category,
            channel=rng.choice(["pos", "atm", "online", "mobile", "branch",
                                None]),
            merchant_id=rng.choice(
                [None, "", f"m{rng.randrange(self.case.merchants)}"]),
            is_failed=rng.choice([None, False, rng.random() < 0.2]))

    def salary(self, day, stressed):
        rng = self.rng
        today = self.start + timedelta(days=day)
        tomorrow = today + timedelta(days=1)
        last = tomorrow.day == 1
        if today.day != self.pay_day and not (last and
                                              today.day < self.pay_day):
            return
        if stressed and rng.random() < 0.4:
            return
        shift = rng.choice([0, 0, 0, -2, 1, 3, 11] if day > 12 else [0])
        parts = rng.choice([1, 1, 1, 2])
        for _ in range(parts):
            self.transaction(
                self.at(day + shift), False,
                (self.income + rng.randrange(-200, 200) * self.unit) // parts,
                category=rng.choice(["salary", "salary", "payroll"]),
                is_failed=True if rng.random() < 0.03 else None)

    def payment(self, day):
        """A bill stated ahead, then what became of it, in order or not."""
        rng = self.rng
        two = Money(rng, self.case, min(2, self.money.digits))
        scale = 10 ** two.digits
        self.serial += 1
        due = self.start + timedelta(days=day + rng.choice([0, 3, 10, 30]))
        amount = rng.choice([0, 50, 120, 800]) * scale
        base = {"event_type": "payment", "customer_id": self.id,
                "payment_id": f"{self.id}-p{self.serial}",
                "payment_type": rng.choice(TYPES),
                "due_date": due.strftime("%Y-%m-%d"),
                "amount": two.json(amount)}
        self.statement(self.at(day), base, status="pending")
        paid = due + timedelta(days=rng.choice([-5, -1, 0, 0, 1, 4, 12, 40]))
        moment = max(paid, self.start + timedelta(days=day))
        end = rng.choice(["paid", "paid", "paid", "partial", "missed", "late",
                          "late-paid", None])
        if end in ("paid", "late-paid", "partial"):
            if rng.random() < 0.4:
                self.statement(moment, base, status=rng.choice(
                    ["late", "missed", "pending"]))
            more = {"status": end.replace("late-paid", "late")}
            if rng.random() < 0.8:
                more["paid_date"] = paid.strftime("%Y-%m-%d")
            if rng.random() < 0.7 or end == "partial":
                share = rng.choice([1, 2]) if end == "partial" else 3
                more["paid_amount"] = two.json(amount * share // 3)
            self.statement(moment, base, **more)
        elif end:
            self.statement(moment, base, status=end)

    def statement(self, moment, base, **more):
        record = dict(base, event_time=self.stamp(moment), **more)
        if record.get("status") == "pending" and self.rng.random() < 0.3:
            del record["status"]
        if self.rng.random() < self.case.due_changes:
            record["due_date"] = self.start.strftime("%Y-%m-%d")
        arrival = moment
        if self.rng.random() < self.case.late:
            arrival += timedelta(days=self.rng.choice([1, 30, 89, 91]))
        self.put(moment, record, arrival)
        if self.rng.random() < self.case.duplicate:
            self.put(moment, record, arrival)

    def make(self):
        case, rng = self.case, self.rng
        if case.profile:
            opening = {"opening_balance": self.money.json(self.opening)}
            self.profile(self.start - timedelta(days=1),
                         **(opening if case.opening == "first" else {}))
            if case.opening == "late":
                self.profile(self.start + timedelta(
                    days=rng.choice([3, 60, 96, 97, 98, 99, 130])), **opening)
            if rng.random() < 0.3:
                self.profile(self.start + timedelta(days=self.days // 2))
        if case.deleted and self.id == "N002":
            self.put(self.start + timedelta(days=self.days // 2), {
                "event_type": "customer", "customer_id": self.id,
                "event_time": self.stamp(self.start), "deleted": True})
        silent = 0
        for day in range(self.days):
            if silent:
                silent -= 1
                continue
            if rng.random() < case.gaps:
                silent = rng.choice([3, 8, 20, 45, 130])
            stressed = day > self.broke
            self.salary(day, stressed)
            busy = case.busy * (0.5 if stressed else 1)
            for _ in range(int(rng.expovariate(1 / busy) + 0.5)):
                self.spend(day, stressed)
            if rng.random() < 0.15 * case.payments:
                self.payment(day)
            if rng.random() < 0.04:
                self.transaction(self.at(day), False,
                                 rng.randrange(1, 300) * self.unit,
                                 category=rng.choice([None, "transfer"]))
        return self.records


def ticks(case, days, rng):
    start = datetime.fromisoformat(case.start).replace(tzinfo=timezone.utc)
    for day in range(1, days + 60):
        if rng.random() < 0.9:
            moment = start + timedelta(days=day)
            yield moment, 0, {"event_type": "tick", "event_time":
                              moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def shuffle(records, chance, rng):
    """Records of a day change places with their neighbours."""
    for i in range(len(records) - 1):
        a, b = records[i], records[i + 1]
        if a[0].date() == b[0].date() and rng.random() < chance:
            records[i], records[i + 1] = b, a


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=sorted(CASES) + ["list"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=4)
    parser.add_argument("--days", type=int, default=420)
    options = parser.parse_args()
    if options.case == "list":
        print("\n".join(CASES))
        return
    case = CASES[options.case]
    rng = random.Random(f"{options.case} {options.seed}")
    records = []
    for number in range(options.customers):
        records += Maker(case, number, options.days, rng).make()
    if case.ticks:
        records += ticks(case, options.days, rng)
    records.sort(key=lambda r: r[0])
    shuffle(records, case.shuffle, rng)
    for _, _, record in records:
        sys.stdout.write(dump(record) + "\n")


if __name__ == "__main__":
    main()
