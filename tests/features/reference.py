#!/usr/bin/env python3
"""The slow reference of dq-features, written from man/dq-catalogue.7 alone.

Every figure of every emission is computed anew from the raw records of the
customer, in integers and fractions. Only what the page itself defines by
order of arrival is kept as it arrives: which records are accepted, the
account's currency, the payments and merchants kept, what was told."""
import argparse
import functools
import json
import sys
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import islice
from math import isqrt
from zlib import crc32
from zoneinfo import ZoneInfo

MICRO = 1_000_000
DAY = 86_400 * MICRO
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ORDINAL = date(1970, 1, 1).toordinal()

DIGITS = {c: 0 for c in ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND "
                         "VUV XAF XOF XPF").split()}
DIGITS.update({c: 3 for c in "BHD IQD JOD KWD LYD OMR TND".split()})

DISCRETIONARY = {"dining", "entertainment", "shopping"}
ESSENTIAL = {"groceries", "utilities", "rent", "insurance", "healthcare",
             "transport", "education"}
CLASSES = {c: c for c in DISCRETIONARY | ESSENTIAL}
CLASSES.update({"loan": "loan", "loan_emi": "loan", "credit_card": "card"})
CLASSES.update({c: "lender" for c in
                ("gambling", "lending_app", "cash_advance")})
CLASSES.update({c: "fee" for c in
                ("penalty", "penalty_interest", "overdraft_fee", "late_fee")})
STATUS = {"pending": 0, "late": 1, "missed": 2, "partial": 3, "paid": 4}

# name, threshold: ">= 5", "<= -20" or none
CATALOGUE = """
salary_delay_days >= 5
salary_amount_deviation_pct <= -20
months_since_salary_miss <= 2
savings_drawdown_7d_pct >= 40
savings_drawdown_14d_pct >= 50
savings_drawdown_30d_pct >= 50
balance_volatility_30d >= 100
days_below_minimum_balance_30d >= 10
discretionary_spend_drop_7d_pct >= 80
discretionary_spend_drop_30d_pct >= 50
essential_spend_increase_pct >= 50
total_spend_change_30d_pct
merchant_diversity_drop_pct >= 50
avg_transaction_size_change_pct
weekend_spending_drop_pct >= 70
utility_payment_lateness_score >= 5
bill_payment_count_drop >= 2
failed_autodebit_count_30d >= 2
partial_payment_frequency >= 0.2
payment_timing_shift_days >= 5
payment_amount_undershoot_pct >= 20
cash_withdrawal_frequency_change >= 4
atm_withdrawal_size_increase_pct >= 50
cash_reliance_ratio >= 0.5
transaction_frequency_drop_30d_pct >= 50
inactive_days_last_30d >= 20
behavior_consistency_score <= 50
financial_stress_composite_score >= 50
risk_velocity_7d >= 15
behavioral_anomaly_count_30d
balance_to_outflow_days <= 5
min_balance_to_income_90d <= -0.1
min_balance_to_income_30d <= -0.1
negative_balance_days_90d >= 10
outflow_to_inflow_ratio_30d >= 1.5
outflow_to_inflow_ratio_90d >= 1.2
inflow_drop_30d_pct >= 40
income_regularity_score <= 50
instalment_to_income_ratio_90d >= 0.6
overdraft_depth_to_income_30d >= 0.1
gambling_lender_share_30d >= 0.2
balance_trend_90d_pct <= -30
largest_debit_to_income_30d
days_since_last_credit >= 45
min_to_max_balance_90d
min_to_max_balance_365d
balance_volatility_90d >= 100
balance_volatility_365d >= 100
cash_reliance_ratio_90d >= 0.5
cash_reliance_ratio_365d >= 0.5
household_share_90d >= 0.6
penalty_count_90d >= 2
penalty_count_365d >= 4
history_days
min_balance_90d
mean_balance_90d
last_balance
monthly_inflow_90d
"""
FEATURES = [line.split()[0] for line in CATALOGUE.split("\n") if line]
# in millionths
THRESHOLDS = {f[0]: (f[1], int(Fraction(f[2]) * MICRO)) for f in
              (line.split() for line in CATALOGUE.split("\n")) if len(f) == 3}

COMPOSITE = (  # figure, from, to, weight
    ("savings_drawdown_30d_pct", 0, 60, 15),
    ("balance_to_outflow_days", 30, 0, 15),
    ("salary_delay_days", 3, 15, 15),
    ("failed_autodebit_count_30d", 0, 3, 15),
    ("days_below_minimum_balance_30d", 0, 15, 10),
    ("inflow_drop_30d_pct", 0, 60, 10),
    ("payment_amount_undershoot_pct", 0, 50, 10),
    ("discretionary_spend_drop_30d_pct", 20, 80, 5),
    ("gambling_lender_share_30d", 0, Fraction(3, 10), 5),
)


# ---- numbers ---------------------------------------------------------------

def ratio(numerator, denominator):
    """A quotient, null over 0."""
    return Fraction(numerator, denominator) if denominator else None


def clip(value, limit=1000):
    return None if value is None else max(-limit, min(limit, value))


def percent(numerator, denominator):
    return clip(ratio(100 * numerator, denominator))


def root(n):
    """sqrt of a whole number to 20 decimals."""
    return Fraction(isqrt(n * 10 ** 40), 10 ** 20)


def micros(value):
    """Millionths, halves away from zero."""
    n, d = value.numerator, value.denominator
    rounded = (2 * abs(n) * MICRO + d) // (2 * d)
    return -rounded if n < 0 else rounded


def text(value):
    if value is None:
        return "null"
    n = micros(value)
    if abs(n) >= 9 * 10 ** 18:
        return f"{float(value):.17g}"
    whole, part = divmod(abs(n), MICRO)
    out = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return "-" + out if n < 0 else out


def minor(value, digits):
    """Money as it stands in JSON (kept as text) to minor units."""
    scaled = Fraction(str(value)) * 10 ** digits
    if scaled.denominator != 1:
        raise ValueError(f"{value}: more than {digits} decimals")
    return int(scaled)


def rescale(units, from_digits, to_digits):
    """Minor units of one number of digits in another, toward 0."""
    if to_digits >= from_digits:
        return units * 10 ** (to_digits - from_digits)
    q = abs(units) // 10 ** (from_digits - to_digits)
    return -q if units < 0 else q


# ---- time ------------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def instant(stamp):
    """RFC 3339 to microseconds since 1970."""
    stamp = stamp.replace("Z", "+00:00").replace("z", "+00:00")
    moment = datetime.fromisoformat(stamp)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - EPOCH) // timedelta(microseconds=1)


def stamp_of(micro):
    moment = EPOCH + timedelta(microseconds=micro)
    out = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if moment.microsecond:
        out += f".{moment.microsecond:06d}".rstrip("0")
    return out + "Z"


def utc_day(micro):
    return micro // DAY


def civil(day):
    return date.fromordinal(day + ORDINAL)


def month_length(year, month):
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


class Days:
    """The day of an instant in the zone."""

    def __init__(self, zone):
        self.zone = ZoneInfo(zone)
        self.utc = zone == "UTC"

    @functools.lru_cache(maxsize=None)
    def of(self, micro):
        if self.utc:
            return utc_day(micro)
        moment = EPOCH + timedelta(seconds=micro // MICRO)
        return moment.astimezone(self.zone).date().toordinal() - ORDINAL


# ---- what a customer did ---------------------------------------------------

class Transaction:
    def __init__(self, raw, micro, day):
        self.micro, self.day = micro, day
        self.id = raw.get("transaction_id")
        self.debit = raw["txn_type"] == "debit"
        self.failed = bool(raw.get("is_failed"))
        self.category = raw.get("category") or ""
        self.channel = raw.get("channel") or ""
        self.merchant = raw.get("merchant_id") or ""
        self.currency = raw.get("currency") or None
        self.raw_amount, self.raw_balance = raw["amount"], \
            raw.get("balance_after")
        self.amount = self.balance = None
        self.foreign = False
        self.merchant_counted = False

    def set_money(self, digits):
        """Brings the amounts to the account's digits."""
        own = DIGITS.get(self.currency, 2) if self.currency else 2
        self.amount = rescale(minor(self.raw_amount, own), own, digits)
        if self.raw_balance is not None:
            self.balance = rescale(minor(self.raw_balance, own), own, digits)

    @property
    def counts(self):
        return not self.failed and not self.foreign


class Statement:
    """What one payment record says."""

    def __init__(self, raw, micro, day, digits):
        self.id, self.type = raw["payment_id"], raw["payment_type"]
        self.micro, self.day = micro, day
        self.due = utc_day(instant(raw["due_date"]))
        self.amount = rescale(minor(raw["amount"], 2), 2, digits)
        self.status = raw.get("status") or "pending"
        self.paid_amount = self.paid_day = None
        if raw.get("paid_amount") is not None:
            self.paid_amount = rescale(minor(raw["paid_amount"], 2), 2, digits)
        if raw.get("paid_date") is not None:
            self.paid_day = utc_day(instant(raw["paid_date"]))
        self.told_overdue = False

    def key(self):
        low = -10 ** 30
        return (self.micro // 1000, STATUS[self.status],
                low if self.paid_amount is None else self.paid_amount,
                low if self.paid_day is None else self.paid_day,
                self.due, self.amount)

    @property
    def value(self):
        if self.paid_amount is not None:
            return self.paid_amount
        if self.status == "paid":
            return self.amount
        if self.status == "late" and self.paid_day is not None:
            return self.amount
        return 0

    @property
    def when(self):
        if self.paid_day is not None:
            return self.paid_day
        if self.status == "paid" or self.value > 0:
            return self.day
        return None

    def paid_by(self, day):
        return self.value if self.when is not None and self.when <= day else 0

    def settled(self, day):
        return (self.when is not None and self.when <= day and
                (self.status == "paid" or self.value >= self.amount))

    def late_by(self, day):
        return (self.when if self.settled(day) else day) - self.due


class Day:
    """The sums of one day's accepted transactions."""

    def __init__(self, day, transactions):
        self.day, self.transactions = day, transactions
        self.failed = sum(1 for t in transactions if t.failed)
        own = [t for t in transactions if t.counts]
        debits = [t for t in own if t.debit]
        spends = [t for t in debits if t.category != "transfer"]
        atm = [t for t in spends if t.channel == "atm"]
        credits = [t for t in own if not t.debit]
        self.inflow = sum(t.amount for t in credits)
        self.credits = len(credits)
        self.outflow = sum(t.amount for t in debits)
        self.debits = len(debits)
        self.largest = max((t.amount for t in debits), default=None)
        self.spend = sum(t.amount for t in spends)
        self.classes = {}
        for t in spends:
            name = CLASSES.get(t.category, "other")
            self.classes[name] = self.classes.get(name, 0) + t.amount
        self.fees = sum(1 for t in spends
                        if CLASSES.get(t.category) == "fee")
        self.bills = sum(1 for t in debits if t.category in
                         ("utilities", "rent", "insurance"))
        self.atm, self.atm_count = sum(t.amount for t in atm), len(atm)
        self.merchants = {t.merchant for t in transactions
                          if t.merchant_counted}
        salaries = [t.amount for t in credits
                    if t.category in ("salary", "payroll")]
        self.salary = sum(salaries) if salaries else None
        stated = [(-(t.micro // 1000), t.balance) for t in transactions
                  if t.balance is not None and not t.foreign]
        self.balance = min(stated)[1] if stated else None
        self.low = min(b for _, b in stated) if stated else None
        self.weekend = (day + 3) % 7 >= 5

    def of(self, names):
        return sum(self.classes.get(n, 0) for n in names)


class Customer:
    def __init__(self, customer_id, options):
        self.id, self.options = customer_id, options
        self.profile = {}
        self.currency, self.digits = None, 2
        self.opening = None        # (units, digits)
        self.transactions = []     # accepted, in order of arrival
        self.by_day = {}
        self.cache = {}
        self.statements = {}
        self.merchants = {}        # kept: id -> its days
        self.first = self.newest = None
        self.newest_micro = {}     # day -> greatest event time of it
        self.open_day = False
        self.told_salary = self.told_silent = None

    # -- arrival

    def stated(self, name):
        """A money field of the profile in the account's digits, or None."""
        value, currency = self.profile.get(name), self.profile.get("currency")
        if value is None or (currency and currency != self.currency):
            return None
        own = DIGITS.get(currency, 2) if currency else 2
        return rescale(minor(value, own), own, self.digits)

    def see_currency(self, currency):
        """False if the currency is not the account's."""
        if not currency:
            return True
        digits = DIGITS.get(currency, 2)
        if self.currency is None and (self.newest is None or
                                      digits == self.digits):
            self.currency, self.digits = currency, digits
        return self.currency == currency

    def set_profile(self, raw):
        self.profile = raw
        self.see_currency(raw.get("currency"))
        early = self.newest is None or self.newest - self.first < 98
        if self.opening is None and early:
            currency = raw.get("currency")
            value = raw.get("opening_balance")
            if value is not None and (not currency or
                                      currency == self.currency):
                own = DIGITS.get(currency, 2) if currency else 2
                self.opening = (minor(value, own), own)

    def accepts(self, record):
        if isinstance(record, Transaction) and record.id is not None:
            ids = (t.id for t in reversed(self.transactions)
                   if t.id is not None)
            if record.id in islice(ids, self.options.dedup):
                return False
        return self.newest is None or record.day >= self.newest - 90

    def move_to(self, record):
        if isinstance(record, Transaction):
            record.foreign = not self.see_currency(record.currency)
        if self.newest is None or record.day > self.newest:
            self.newest, self.open_day = record.day, True
        if self.first is None or record.day < self.first:
            self.first = record.day
        self.newest_micro[record.day] = max(
            record.micro, self.newest_micro.get(record.day, record.micro))

    def add_transaction(self, t):
        self.move_to(t)
        if not t.foreign:
            t.set_money(self.digits)
        if t.counts and t.debit and t.merchant:
            self.merchants = {m: days for m, days in self.merchants.items()
                              if max(days) > self.newest - 98}
            if t.merchant in self.merchants or len(self.merchants) < 256:
                self.merchants.setdefault(t.merchant, set()).add(t.day)
                t.merchant_counted = True
        self.transactions.append(t)
        self.by_day.setdefault(t.day, []).append(t)
        return self.transaction_trigger(t)

    def transaction_trigger(self, t):
        if t.failed:
            return "failed"
        if not t.foreign and t.amount > self.options.large * 10 ** self.digits:
            return "large_amount"
        if t.debit and t.channel == "atm":
            return "atm"
        if t.debit and t.category in ("utilities", "rent", "insurance"):
            return "essential_payment"
        if len(self.transactions) % 10 == 0:
            return "every_10th"
        return None

    def forget_payments(self):
        self.statements = {i: s for i, s in self.statements.items()
                           if max(s.due, s.day) >= self.newest - 97}

    def add_statement(self, s):
        self.move_to(s)
        self.forget_payments()
        before = self.statements.get(s.id)
        if before and s.key() <= before.key():
            return None
        if before:
            s.told_overdue = before.told_overdue
        self.statements[s.id] = s
        self.forget_payments()
        while len(self.statements) > 32:
            order = list(self.statements)
            worst = max(order, key=lambda i: (
                abs(self.statements[i].due - self.newest),
                self.statements[i].due, -self.statements[i].amount,
                order.index(i)))
            del self.statements[worst]
        if s.id not in self.statements or s.status not in (
                "late", "partial", "missed"):
            return None
        if before and before.status == s.status:
            return None
        return "payment_" + s.status

    def tick_trigger(self, today):
        """The first of the tick's triggers that sets in; tells them all."""
        found = []
        view = View(self, today)
        due = view.expected()
        if due is not None and today - due >= 3 and due != self.told_salary:
            if not view.salary_between(due - 10, today):
                found.append("salary_overdue")
                self.told_salary = due
        self.forget_payments()
        overdue = [s for s in self.statements.values()
                   if s.status == "pending" and s.due < today and
                   not s.told_overdue]
        if overdue:
            found.append("bill_overdue")
            for s in overdue:
                s.told_overdue = True
        active = max(self.by_day, default=None)
        if active is not None and active <= today - 7 and \
                active != self.told_silent:
            found.append("silent_7d")
            self.told_silent = active
        return found[0] if found else None

    # -- what the figures are made of

    def day(self, number):
        """The sums of a day, or None where nothing happened."""
        transactions = self.by_day.get(number)
        if not transactions:
            return None
        cached = self.cache.get(number)
        if not cached or cached[0] != len(transactions):
            cached = (len(transactions), Day(number, list(transactions)))
            self.cache[number] = cached
        return cached[1]

    def walk(self, last):
        """{day: (level, low, known)} of all days up to `last`."""
        out = {}
        known = self.opening is not None
        level = rescale(*self.opening, self.digits) if known else 0
        for number in range(self.first, last + 1):
            day = self.day(number)
            low = None
            if day and day.balance is not None:
                level, low, known = day.balance, day.low, True
            elif day:
                level += day.inflow - day.outflow
            out[number] = (level, level if low is None else low, known)
        return out


# ---- the figures -----------------------------------------------------------

class View:
    """A customer as seen on day T. `walk`: levels, where known already."""

    def __init__(self, customer, today, walk=None):
        self.c, self.t = customer, today
        self._walk = walk
        self._values, self._windows = {}, {}
        self.history = 0
        if customer.first is not None and customer.first <= today:
            self.history = today - customer.first + 1

    def value(self, name):
        if name not in self._values:
            self._values[name] = self.compute(name)
        return self._values[name]

    def compute(self, name):
        if name == "history_days":
            return self.history
        if self.history == 0:
            return None
        return getattr(self, name)()

    def levels(self):
        if self._walk is None:
            self._walk = self.c.walk(self.t)
        return self._walk

    # -- windows

    def window(self, first, last):
        """The days of a window on which something happened."""
        if (first, last) not in self._windows:
            active = self.c.by_day
            self._windows[first, last] = [
                self.c.day(n) for n in range(first, last + 1) if n in active]
        return self._windows[first, last]

    def back(self, days):
        return self.window(self.t - days + 1, self.t)

    @property
    def recent(self):
        return self.back(30)

    @property
    def baseline(self):
        return self.window(self.t - 89, self.t - 30)

    def year(self):
        return self.window((self.t - 364) // 30 * 30, self.t)

    @functools.cached_property
    def known(self):
        """Is the baseline known?"""
        return len(self.baseline) >= 14

    def change(self, figure):
        if not self.known:
            return None
        r = sum(map(figure, self.recent))
        b = sum(map(figure, self.baseline))
        return percent(2 * r - b, b)

    def drop(self, figure):
        value = self.change(figure)
        return None if value is None else -value

    def mean_change(self, total, count):
        if not self.known:
            return None
        r, nr = sum(map(total, self.recent)), sum(map(count, self.recent))
        b, nb = sum(map(total, self.baseline)), sum(map(count, self.baseline))
        if nr == 0 or nb == 0:
            return None
        return percent(r * nb - b * nr, b * nr)

    # -- salary

    @functools.cached_property
    def salaries(self):
        """(day, amount) of the kept salary days up to T, oldest first."""
        days = [(n, self.c.day(n).salary) for n in sorted(self.c.by_day)]
        days = [d for d in days if d[1] is not None][-12:]
        return [d for d in days if d[0] <= self.t]

    def salary_between(self, first, last):
        return [n for n, _ in self.salaries if first <= n <= last]

    def pay_day(self):
        stated = self.c.profile.get("salary_day")
        if stated is not None:
            return stated
        if len(self.salaries) < 3:
            return None
        days = [civil(n).day for n, _ in self.salaries[-6:]]

        def spread(a):
            return sum(min(abs(a - b), 31 - abs(a - b)) for b in days)
        return min(reversed(days), key=spread)

    def expected_dates(self, count):
        """The last `count` expected dates not after T, newest first."""
        pay_day = self.pay_day()
        if not self.salaries or pay_day is None:
            return []
        year, month = civil(self.t).year, civil(self.t).month
        out = []
        while len(out) < count:
            number = min(pay_day, month_length(year, month))
            due = date(year, month, number).toordinal() - ORDINAL
            if due <= self.t:
                out.append(due)
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return out

    def expected(self):
        dates = self.expected_dates(1)
        return dates[0] if dates else None

    def salary_delay_days(self):
        due = self.expected()
        if due is None:
            return None
        came = self.salary_between(due - 10, self.t)
        return min(30, max(0, came[0] - due) if came else self.t - due)

    def salary_amount_deviation_pct(self):
        if not self.salaries:
            return None
        last = self.salaries[-1][1]
        usual = self.c.stated("monthly_income")
        if usual is None:
            before = sorted(a for _, a in self.salaries[-7:-1])
            n = len(before)
            if n < 3:
                return None
            usual = Fraction(before[(n - 1) // 2] + before[n // 2], 2)
        return percent(last - usual, usual) if usual > 0 else None

    def months_since_salary_miss(self):
        dates = self.expected_dates(12)
        for since, due in enumerate(dates):
            if due > self.salaries[0][0] and due + 10 < self.t and \
                    not self.salary_between(due - 10, due + 10):
                return since
        return None

    def income_regularity_score(self):
        if self.history < 30:
            return None
        days = [n for n, _ in self.salaries[-6:]]
        gaps = [b - a for a, b in zip(days, days[1:])]
        n, total = len(gaps), sum(gaps)
        if n < 3:
            return None
        spread = root(n * sum(g * g for g in gaps) - total * total)
        return max(Fraction(0), 100 - 100 * spread / total)

    # -- balance

    def level(self, day):
        entry = self.levels().get(day) if day <= self.t else None
        return entry[0] if entry and entry[2] else None

    @functools.cached_property
    def any_known(self):
        """Levels once known stay known."""
        return self.levels()[self.t][2]

    def balances(self, first, last, relative=False):
        """[(day, level, low)] of the days with a level."""
        levels = self.levels()
        return [(n,) + levels[n][:2] for n in range(first, last + 1)
                if n in levels and (levels[n][2] or relative)]

    def back_balances(self, days):
        """Those of a window, None if fewer than 30."""
        found = self.balances(self.t - days + 1, self.t)
        return found if len(found) >= 30 else None

    def year_balances(self):
        found = self.balances((self.t - 364) // 30 * 30, self.t)
        return found if len(found) >= 30 else None

    def drawdown(self, days):
        now, then = self.level(self.t), self.level(self.t - days)
        if now is None or then is None or then <= 0:
            return None
        return percent(then - now, then)

    def savings_drawdown_7d_pct(self):
        return self.drawdown(7)

    def savings_drawdown_14d_pct(self):
        return self.drawdown(14)

    def savings_drawdown_30d_pct(self):
        return self.drawdown(30)

    @staticmethod
    def volatility(balances):
        if balances is None:
            return None
        n, total = len(balances), sum(b for _, b, _ in balances)
        if total == 0:
            return None
        squares = sum(b * b for _, b, _ in balances)
        spread = root(n * squares - total * total)
        return clip(100 * spread / abs(total))

    def balance_volatility_30d(self):
        return self.volatility(self.back_balances(30))

    def balance_volatility_90d(self):
        return self.levels_known(self.volatility, self.back_balances(90))

    def balance_volatility_365d(self):
        return self.levels_known(self.volatility, self.year_balances())

    def levels_known(self, function, balances):
        """A figure of the group "levels" over balances."""
        if self.history < 30 or balances is None:
            return None
        return function(balances)

    def days_below_minimum_balance_30d(self):
        relative = not self.any_known
        recent = self.balances(self.t - 29, self.t, relative)
        if len(recent) < 30:
            return None
        limit = None if relative else self.c.stated("minimum_balance")
        if limit is None:
            lows = sorted(low for _, _, low in self.balances(
                self.t - 89, self.t - 30, relative))
            if not self.known or len(lows) < 30:
                return None
            limit = lows[-(-len(lows) // 10) - 1]
        return sum(1 for _, _, low in recent if low < limit)

    # -- spending

    def discretionary_spend_drop_7d_pct(self):
        if not self.known:
            return None
        week = sum(d.of(DISCRETIONARY) for d in self.back(7))
        b = sum(d.of(DISCRETIONARY) for d in self.baseline)
        return percent(7 * b - 60 * week, 7 * b)

    def discretionary_spend_drop_30d_pct(self):
        return self.drop(lambda d: d.of(DISCRETIONARY))

    def essential_spend_increase_pct(self):
        return self.change(lambda d: d.of(ESSENTIAL))

    def total_spend_change_30d_pct(self):
        return self.change(lambda d: d.spend)

    def merchant_diversity_drop_pct(self):
        if not self.known:
            return None

        def distinct(days):
            return len(set().union(*(d.merchants for d in days)))
        halves = distinct(self.window(self.t - 89, self.t - 60)) + \
            distinct(self.window(self.t - 59, self.t - 30))
        return percent(halves - 2 * distinct(self.recent), halves)

    def avg_transaction_size_change_pct(self):
        return self.mean_change(lambda d: d.outflow, lambda d: d.debits)

    def weekend_spending_drop_pct(self):
        return self.drop(lambda d: d.spend if d.weekend else 0)

    # -- payments

    def due_in(self, first, last):
        """Kept payments due in the window."""
        self.c.forget_payments()
        return [s for s in self.c.statements.values()
                if first <= s.due <= last]

    def utility_payment_lateness_score(self):
        late = [max(0, s.late_by(self.t)) for s in
                self.due_in(self.t - 29, self.t) if s.type == "utility_bill"]
        return ratio(sum(late), len(late))

    def bill_payment_count_drop(self):
        r = sum(d.bills for d in self.recent)
        b = sum(d.bills for d in self.baseline)
        if not self.known or r + b == 0:
            return None
        return Fraction(b, 2) - r

    def failed_autodebit_count_30d(self):
        missed = [s for s in self.due_in(self.t - 29, self.t)
                  if s.status == "missed"]
        failed = [t for d in self.recent for t in d.transactions
                  if t.failed and t.debit]
        return len(missed) + len(failed)

    def partial_payment_frequency(self):
        due = self.due_in(self.t - 89, self.t)
        part = [s for s in due if s.status == "partial" or
                0 < s.paid_by(self.t) < s.amount]
        return ratio(len(part), len(due))

    def payment_timing_shift_days(self):
        def mean(first, last):
            shift = [s.when - s.due for s in self.due_in(first, last)
                     if s.settled(self.t)]
            return ratio(sum(shift), len(shift))
        now, then = mean(self.t - 29, self.t), mean(self.t - 89, self.t - 30)
        return None if now is None or then is None else now - then

    def payment_amount_undershoot_pct(self):
        due = self.due_in(self.t - 29, self.t)
        return percent(sum(max(0, s.amount - s.paid_by(self.t)) for s in due),
                       sum(s.amount for s in due))

    # -- cash

    def cash_withdrawal_frequency_change(self):
        r = sum(d.atm_count for d in self.recent)
        b = sum(d.atm_count for d in self.baseline)
        if not self.known or r + b == 0:
            return None
        return r - Fraction(b, 2)

    def atm_withdrawal_size_increase_pct(self):
        return self.mean_change(lambda d: d.atm, lambda d: d.atm_count)

    @staticmethod
    def reliance(days):
        return clip(ratio(sum(d.atm for d in days),
                          sum(d.spend for d in days)))

    def cash_reliance_ratio(self):
        return self.reliance(self.recent)

    def cash_reliance_ratio_90d(self):
        return self.reliance(self.back(90)) if self.history >= 30 else None

    def cash_reliance_ratio_365d(self):
        return self.reliance(self.year()) if self.history >= 30 else None

    # -- behaviour

    def transaction_frequency_drop_30d_pct(self):
        return self.drop(lambda d: len(d.transactions))

    def inactive_days_last_30d(self):
        return 30 - len(self.recent) if self.history >= 30 else None

    @staticmethod
    def by_class(days):
        sums = {}
        for day in days:
            for name, units in day.classes.items():
                sums[name] = sums.get(name, 0) + units
        return sums

    def behavior_consistency_score(self):
        r = sum(d.spend for d in self.recent)
        b = sum(d.spend for d in self.baseline)
        if not self.known or r == 0 or b == 0:
            return None
        distance = 0
        recent = self.by_class(self.recent)
        baseline = self.by_class(self.baseline)
        for name in set(recent) | set(baseline):
            distance += abs(recent.get(name, 0) * b -
                            baseline.get(name, 0) * r)
        return 100 * (1 - Fraction(distance, 2 * r * b))

    def financial_stress_composite_score(self):
        total = weights = known = 0
        for name, start, end, weight in COMPOSITE:
            value = self.value(name)
            if value is None:
                continue
            share = Fraction(value - start) / (end - start)
            total += weight * max(Fraction(0), min(Fraction(1), share))
            weights += weight
            known += 1
        return 100 * total / weights if known >= 4 else None

    def risk_velocity_7d(self):
        before = View(self.c, self.t - 7, self.levels())
        now = self.value("financial_stress_composite_score")
        then = before.value("financial_stress_composite_score")
        return None if now is None or then is None else now - then

    def behavioral_anomaly_count_30d(self):
        if self.history < 30:
            return None
        return sum(1 for name in THRESHOLDS if self.reached(name))

    def reached(self, name):
        sense, limit = THRESHOLDS[name]
        value = self.value(name)
        if value is None:
            return False
        rounded = micros(value)
        return rounded >= limit if sense == ">=" else rounded <= limit

    # -- levels

    def span(self):
        """Days the 90-day sums stand for, None while history is short."""
        return min(90, self.history) if self.history >= 30 else None

    def inflow(self, days):
        return sum(d.inflow for d in self.back(days))

    def income(self):
        """M in minor units."""
        if self.span() is None:
            return None
        return Fraction(30 * self.inflow(90), self.span())

    def to_income(self, units):
        income = self.income()
        if units is None or not income:
            return None
        return clip(Fraction(units) / income)

    def lowest(self, days):
        found = self.back_balances(days)
        return None if found is None else min(low for _, _, low in found)

    def balance_to_outflow_days(self):
        level = self.level(self.t)
        if level is None or self.span() is None:
            return None
        outflow = sum(d.outflow for d in self.back(90))
        return clip(ratio(self.span() * level, outflow))

    def min_balance_to_income_90d(self):
        return self.to_income(self.lowest(90))

    def min_balance_to_income_30d(self):
        return self.to_income(self.lowest(30))

    def negative_balance_days_90d(self):
        return self.levels_known(
            lambda found: sum(1 for _, _, low in found if low < 0),
            self.back_balances(90))

    def out_to_in(self, days):
        if self.history < 30:
            return None
        return clip(ratio(sum(d.outflow for d in self.back(days)),
                          self.inflow(days)))

    def outflow_to_inflow_ratio_30d(self):
        return self.out_to_in(30)

    def outflow_to_inflow_ratio_90d(self):
        return self.out_to_in(90)

    def inflow_drop_30d_pct(self):
        if self.history < 30:
            return None
        return self.drop(lambda d: d.inflow)

    def classes_to_inflow(self, names):
        if self.history < 30:
            return None
        return clip(ratio(sum(d.of(names) for d in self.back(90)),
                          self.inflow(90)))

    def instalment_to_income_ratio_90d(self):
        return self.classes_to_inflow(("loan", "card", "insurance", "rent"))

    def household_share_90d(self):
        return self.classes_to_inflow(("rent", "utilities"))

    def overdraft_depth_to_income_30d(self):
        lowest = self.lowest(30)
        return self.to_income(None if lowest is None else max(0, -lowest))

    def gambling_lender_share_30d(self):
        if self.history < 30:
            return None
        return clip(ratio(sum(d.of(("lender",)) for d in self.recent),
                          sum(d.spend for d in self.recent)))

    def balance_trend_90d_pct(self):
        points = self.balances(self.t - 89, self.t, not self.any_known)
        income = self.income()
        if len(points) < 30 or not income:
            return None
        n, start = len(points), points[0][0]
        sx = sum(d - start for d, _, _ in points)
        sy = sum(b for _, b, _ in points)
        sxy = sum((d - start) * b for d, b, _ in points)
        sxx = sum((d - start) ** 2 for d, _, _ in points)
        slope = Fraction(n * sxy - sx * sy, n * sxx - sx * sx)
        return clip(100 * 30 * slope / income)

    def largest_debit_to_income_30d(self):
        return self.to_income(max((d.largest for d in self.recent
                                   if d.largest is not None), default=None))

    def days_since_last_credit(self):
        days = [n for n in self.c.by_day if self.c.day(n).credits]
        return self.t - max(days) if days else None

    @staticmethod
    def low_to_high(found):
        high = max(level for _, level, _ in found)
        if high <= 0:
            return None
        return clip(Fraction(min(low for _, _, low in found), high))

    def min_to_max_balance_90d(self):
        return self.levels_known(self.low_to_high, self.back_balances(90))

    def min_to_max_balance_365d(self):
        return self.levels_known(self.low_to_high, self.year_balances())

    def penalty_count_90d(self):
        return sum(d.fees for d in self.back(90))

    def penalty_count_365d(self):
        return sum(d.fees for d in self.year())

    # -- money

    def major(self, units):
        if units is None:
            return None
        return Fraction(units) / 10 ** self.c.digits

    def min_balance_90d(self):
        return self.major(self.lowest(90)) if self.history >= 30 else None

    def mean_balance_90d(self):
        return self.levels_known(
            lambda found: self.major(
                Fraction(sum(b for _, b, _ in found), len(found))),
            self.back_balances(90))

    def last_balance(self):
        return self.major(self.level(self.t))

    def monthly_inflow_90d(self):
        return self.major(self.income())


# ---- the stream ------------------------------------------------------------

class Features:
    def __init__(self, options, out):
        self.options, self.out = options, out
        self.days = Days(options.zone)
        self.customers = {}
        self.clock = None
        self.wanted = []
        if options.emit == "at":
            with open(options.at, encoding="utf-8") as lines:
                for line in lines:
                    raw = json.loads(line)
                    if raw.get("event_type", "label") != "label":
                        continue
                    self.wanted.append([raw["customer_id"],
                                        instant(raw["event_time"]), False])

    def emit(self, customer, today, micro, trigger):
        view = View(customer, today)
        values = ",".join(f'"{n}":{text(view.value(n))}' for n in FEATURES)
        print('{"event_type":"features","event_time":"%s","customer_id":%s,'
              '"trigger":"%s","feature_set":"reference","features":{%s}}' % (
                  stamp_of(micro), json.dumps(customer.id), trigger, values),
              file=self.out)

    def ours(self, customer_id):
        part, parts = self.options.part
        return crc32(customer_id.encode()) % parts == part - 1

    def customer(self, customer_id):
        if customer_id not in self.customers:
            self.customers[customer_id] = Customer(customer_id, self.options)
        return self.customers[customer_id]

    def line(self, line):
        raw = json.loads(line, parse_float=str)
        kind = raw.get("event_type")
        if kind == "customer":
            if not self.ours(raw["customer_id"]):
                return
            if raw.get("deleted"):
                self.customers.pop(raw["customer_id"], None)
            else:
                self.customer(raw["customer_id"]).set_profile(raw)
        elif kind == "tick":
            micro = instant(raw["event_time"])
            self.own_ticks(micro, True)
            self.tick(micro)
        elif kind in ("transaction", "payment"):
            name = "txn_time" if kind == "transaction" else "event_time"
            micro = instant(raw[name])
            self.own_ticks(micro)
            if self.ours(raw["customer_id"]):
                self.record(kind, raw, micro)

    def own_ticks(self, micro, given=False):
        """Those due when time comes to `micro`; one given is not made."""
        if self.clock is None:
            self.clock = micro
        period = self.options.tick
        if period:
            first = self.clock // period + 1
            last = micro // period
            for k in range(max(first, last - 399), last + 1):
                if not given or k * period != micro:
                    self.tick(k * period)
        self.clock = max(self.clock, micro)

    def record(self, kind, raw, micro):
        customer = self.customers.get(raw["customer_id"]) or \
            Customer(raw["customer_id"], self.options)
        day = self.days.of(micro)
        if kind == "transaction":
            record = Transaction(raw, micro, day)
        else:
            record = Statement(raw, micro, day, customer.digits)
        if not customer.accepts(record):
            return
        self.customers[customer.id] = customer
        self.before(customer, record)
        if kind == "transaction":
            trigger = customer.add_transaction(record)
        else:
            trigger = customer.add_statement(record)
        if self.options.emit == "each":
            trigger = "each"
        if trigger and self.options.emit in ("trigger", "each"):
            self.emit(customer, customer.newest, micro, trigger)

    def before(self, customer, record):
        """What has to be emitted before the record is applied."""
        if self.options.emit == "daily":
            if customer.newest is not None and record.day > customer.newest:
                self.close_day(customer)
        elif self.options.emit == "at":
            due = [w for w in self.wanted if w[0] == customer.id and
                   not w[2] and w[1] < record.micro]
            for wanted in sorted(due, key=lambda w: w[1]):
                self.emit_wanted(customer, wanted)

    def close_day(self, customer):
        if customer.open_day:
            self.emit(customer, customer.newest,
                      customer.newest_micro[customer.newest], "daily")
            customer.open_day = False

    def emit_wanted(self, customer, wanted):
        wanted[2] = True
        self.emit(customer, self.days.of(wanted[1]), wanted[1], "at")

    def tick(self, micro):
        today = self.days.of(micro)
        for customer in list(self.customers.values()):
            if customer.newest is None or today < customer.newest:
                continue
            if self.options.emit == "daily" and today > customer.newest:
                self.close_day(customer)
            elif self.options.emit == "trigger":
                trigger = customer.tick_trigger(today)
                if trigger:
                    self.emit(customer, today, micro, trigger)

    def end(self):
        if self.options.emit == "daily":
            for customer in self.customers.values():
                self.close_day(customer)
        for wanted in self.wanted:
            if not wanted[2] and self.ours(wanted[0]):
                self.emit_wanted(self.customers.get(wanted[0]) or
                                 Customer(wanted[0], self.options), wanted)


def duration(written):
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    if written[-1] in unit:
        return int(written[:-1]) * unit[written[-1]] * MICRO
    return int(written) * MICRO


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emit", nargs="+", default=["trigger"],
                        metavar=("WHEN", "FILE"),
                        help="trigger, each, daily, or at FILE")
    parser.add_argument("--tick", type=duration, default=0)
    parser.add_argument("--zone", default="UTC")
    parser.add_argument("--dedup", type=int, default=64)
    parser.add_argument("--large", type=Fraction, default=Fraction(5000))
    parser.add_argument("--part", type=lambda s: [int(n) for n in
                                                  s.split("/")],
                        default=[1, 1], metavar="I/N",
                        help="only every Nth customer")
    options = parser.parse_args()
    options.at = options.emit[1] if options.emit[0] == "at" else None
    options.emit = options.emit[0]
    features = Features(options, sys.stdout)
    for line in sys.stdin:
        if line.strip() and not line.startswith('{"@'):
            features.line(line)
    features.end()


if __name__ == "__main__":
    main()
