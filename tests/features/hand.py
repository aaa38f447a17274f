#!/usr/bin/env python3
"""hand.py COMMAND...: figures worked out by hand against a program.

Each case is a short history of one customer and the values that
dq-catalogue(7) gives for its last emission, each with the sum in a comment.
COMMAND (dq-features or reference.py, with --emit each) reads the records."""
import json
import subprocess
import sys
from datetime import date, timedelta


def day(start, number):
    return (date.fromisoformat(start) + timedelta(days=number)).isoformat()


def customer(**fields):
    return dict({"event_type": "customer", "customer_id": "C",
                 "event_time": "2023-01-01T00:00:00Z"}, **fields)


def debit(time, amount, category=None, **more):
    return dict({"event_type": "transaction", "customer_id": "C",
                 "txn_time": time, "amount": amount, "txn_type": "debit",
                 "category": category}, **more)


def credit(time, amount, category=None, **more):
    return dict(debit(time, amount, category, **more), txn_type="credit")


def payment(time, number, due, amount, status, kind="utility_bill", **more):
    return dict({"event_type": "payment", "customer_id": "C",
                 "event_time": time, "payment_id": f"p{number}",
                 "payment_type": kind, "due_date": due, "amount": amount,
                 "status": status}, **more)


PAID_AT_MONTH_END = [customer(salary_day=31)] + [
    credit(d, 1000, "salary")
    for d in ("2024-01-31", "2024-02-29", "2024-03-29")]

# day 0 is T-89 of a last record on day 89: baseline days 0-59, recent 60-89
START = "2024-06-01"
HISTORY = [debit(day(START, n), "10.00", "dining", channel="atm",
                 merchant_id=f"m{n % 5}") for n in range(0, 60, 3)]
RUNNING = [customer(opening_balance="1000.00")] + [
    debit(day(START, n), 10) for n in range(0, 30)]

CASES = {
    "salary: pay day 31 is Mar 31; paid two days early": (
        PAID_AT_MONTH_END + [debit("2024-04-02", 5)],
        {"salary_delay_days": 0, "months_since_salary_miss": None,
         "salary_amount_deviation_pct": None,   # 2 before, 3 are needed
         "days_since_last_credit": 4, "history_days": 63}),
    "salary: pay day 31 is Apr 30; six days without": (
        PAID_AT_MONTH_END + [debit("2024-05-06", 5)],
        {"salary_delay_days": 6, "months_since_salary_miss": None}),
    "salary: more than ten days is a miss of this cycle": (
        PAID_AT_MONTH_END + [debit("2024-05-11", 5)],
        {"salary_delay_days": 11, "months_since_salary_miss": 0}),
    "salary: one cycle after the miss": (
        PAID_AT_MONTH_END + [credit("2024-05-31", 1500, "payroll"),
                             debit("2024-06-01", 5)],
        {"salary_delay_days": 0, "months_since_salary_miss": 1,
         "salary_amount_deviation_pct": 50}),   # against 1000, 1000, 1000
    "salary: without a stated day the circular median of 30, 31, 1, 2": (
        [credit(d, 1000, "salary") for d in
         ("2024-01-30", "2024-03-01", "2024-03-31", "2024-05-02")] +
        # sums of distances: 30: 1+2+3, 1: 2+1+1, 31: 1+1+2, 2: 3+1+2;
        # 1 and 31 tie, 31 is later in time: expected May 31
        [debit("2024-06-04", 5)],
        {"salary_delay_days": 4,
         # gaps 31, 30, 32: sqrt(3*2885 - 93*93)/93 = sqrt(6)/93
         "income_regularity_score": 97.366140}),
    "change: 20 baseline debits of 10, 6 recent of 20": (
        HISTORY + [debit(day(START, n), 20, "groceries", merchant_id="m9")
                   for n in (60, 66, 72, 78, 84, 89)],
        {"total_spend_change_30d_pct": 20,       # 120 against 100
         "discretionary_spend_drop_30d_pct": 100,
         "essential_spend_increase_pct": None,   # baseline 0
         "avg_transaction_size_change_pct": 100,
         "merchant_diversity_drop_pct": 80,      # 5 and 5, then 1
         "transaction_frequency_drop_30d_pct": 40,   # 6 against 10
         "cash_withdrawal_frequency_change": -10,
         "atm_withdrawal_size_increase_pct": None,   # none recent
         "cash_reliance_ratio": 0,
         "cash_reliance_ratio_90d": 0.625,       # 200 of 320
         "inactive_days_last_30d": 24,
         "behavior_consistency_score": 0,        # nothing in common
         "last_balance": None, "balance_trend_90d_pct": None,
         "history_days": 90}),
    "change: a fifth of recent spend moved": (
        HISTORY + [debit(day(START, 70), 80, "dining"),
                   debit(day(START, 89), 20, "rent")],
        {"behavior_consistency_score": 80, "bill_payment_count_drop": -1,
         "household_share_90d": None}),          # no inflow
    "weekend: 2024-06-01 is a Saturday": (
        # of the days 0, 3, ... 57 the weekend ones: 0, 15, 21, 36, 42, 57
        HISTORY + [debit(day(START, 89), 5)],
        {"weekend_spending_drop_pct": 100}),     # day 89 is a Thursday
    "13 active days are too few": (
        HISTORY[:13] + [debit(day(START, 89), 20)],
        {"total_spend_change_30d_pct": None,
         "transaction_frequency_drop_30d_pct": None}),
    "14 are enough": (
        HISTORY[:14] + [debit(day(START, 89), 20)],
        {"total_spend_change_30d_pct": -71.428571}),  # 20 against 70
    "7 days: 7 against 60 days": (
        HISTORY + [debit(day(START, 89), "4.00", "shopping")],
        # 7*200 = 1400, 60*4 = 240
        {"discretionary_spend_drop_7d_pct": 82.857143}),
    "running balance: 990 down to 700, then 40 quiet days and 100 in": (
        RUNNING + [credit(day(START, 70), 100)],
        # T = day 70; level 700 from day 29 to 69, then 800
        {"last_balance": 800, "savings_drawdown_7d_pct": -14.285714,
         "savings_drawdown_30d_pct": -14.285714,
         "min_balance_90d": 700,
         # (990+...+700 = 25350) + 40*700 + 800, of 71 days
         "mean_balance_90d": 762.676056,
         # 29 of 700, one of 800: sqrt(30*14850000 - 21100*21100)/21100
         "balance_volatility_30d": 2.552211,
         # highest level 990
         "min_to_max_balance_90d": 0.707071,
         "monthly_inflow_90d": 42.253521,        # 30*100/71
         "min_balance_to_income_30d": 16.566667,  # 700*71/3000
         "balance_to_outflow_days": 189.333333,  # 71*800/300
         "outflow_to_inflow_ratio_90d": 3}),
    "no opening balance: differences only": (
        RUNNING[1:] + [credit(day(START, 70), 100)],
        {"last_balance": None, "savings_drawdown_30d_pct": None,
         "balance_volatility_30d": None, "min_balance_90d": None,
         # x 0..70: -10 ... -300, 40 of -300, -200. Slope
         # (71*-697900 + 2485*16850)/(71*116795 - 2485*2485) = -3.626760,
         # times 30 over 3000/71
         "balance_trend_90d_pct": -257.5}),
    "balance_after: the latest counts, on a tie the lowest, low is least": (
        [debit("2024-06-01T10:00:00Z", 1, balance_after=50),
         debit("2024-06-01T12:00:00.0004Z", 1, balance_after=80),
         debit("2024-06-01T12:00:00Z", 1, balance_after=70),
         debit("2024-06-01T11:00:00Z", 1, balance_after=-5)] +
        [debit(day("2024-06-02", n), 0) for n in range(29)],
        {"last_balance": 70, "min_balance_90d": -5,
         "negative_balance_days_90d": 1, "balance_volatility_30d": 0,
         "overdraft_depth_to_income_30d": None}),
    "failed: counts as a record, not as money": (
        [debit("2024-06-01", 100, is_failed=True),
         credit("2024-06-01", 100, is_failed=True),
         debit("2024-06-02", 30, "gambling"), debit("2024-06-02", 70)],
        {"failed_autodebit_count_30d": 1, "days_since_last_credit": None,
         "gambling_lender_share_30d": None, "history_days": 2}),
    "penalties: the 365 days begin with their tile": (
        # T = 19920: T-364 = 19556, tile 651 begins on day 19530
        [debit("2023-06-21", 5, "late_fee"),     # day 19529
         debit("2023-06-22", 5, "overdraft_fee"),
         debit("2024-04-17", 5, "penalty"),      # T-90
         debit("2024-04-18", 5, "penalty_interest"),
         debit("2024-07-16", 5)],
        {"penalty_count_90d": 1, "penalty_count_365d": 3}),
    "transfers are outflow, not spend": (
        [credit("2024-06-01", 100), debit("2024-06-30", 50, "transfer"),
         debit("2024-06-30", 10, "loan"), debit("2024-06-30", 10, "rent")],
        {"outflow_to_inflow_ratio_30d": 0.7, "cash_reliance_ratio": 0,
         "instalment_to_income_ratio_90d": 0.2, "household_share_90d": 0.1,
         "largest_debit_to_income_30d": 0.5}),
    "payments: paid, partial, missed, open; statements replace": (
        [payment("2024-06-01", 1, "2024-06-10", 100, "pending"),
         payment("2024-06-14", 1, "2024-06-10", 100, "paid"),
         payment("2024-06-12", 1, "2024-06-10", 100, "missed"),  # older
         payment("2024-06-15", 2, "2024-06-15", 100, "partial",
                 "rent", paid_amount="40.00", paid_date="2024-06-15"),
         payment("2024-06-16", 3, "2024-06-12", 100, "missed"),
         payment("2024-06-20", 4, "2024-06-18", 200, "pending"),
         payment("2024-06-20", 5, "2024-06-21", 900, "pending")],
        # T = Jun 20. late: 4; Jun 12 to 20 = 8; Jun 18 to 20 = 2
        {"utility_payment_lateness_score": 4.666667,
         "failed_autodebit_count_30d": 1,
         "partial_payment_frequency": 0.25,      # 1 of 4, the fifth not due
         "payment_amount_undershoot_pct": 72,    # (0+60+100+200)/500
         "payment_timing_shift_days": None, "inactive_days_last_30d": None,
         "days_since_last_credit": None, "history_days": 20}),
    "payments: timing, recent 5 late against 1 early": (
        [payment("2024-04-09", 1, "2024-04-10", 100, "paid"),
         payment("2024-06-15", 2, "2024-06-10", 100, "late",
                 paid_date="2024-06-15", paid_amount=100)],
        {"payment_timing_shift_days": 6}),
    "late: 90 days old is taken, 91 is not; one id is one record": (
        [debit("2024-06-30", 5, transaction_id="a"),
         debit("2024-04-01", 5, "late_fee", transaction_id="b"),
         debit("2024-04-01", 5, "late_fee", transaction_id="b"),
         debit("2024-03-31", 5, "late_fee", transaction_id="c"),
         debit("2024-06-30", 5, "late_fee", transaction_id="d")],
        {"history_days": 91, "penalty_count_365d": 2,
         "penalty_count_90d": 1}),
    "yen have no decimals, dinars three": (
        [customer(currency="KWD", opening_balance="100.125"),
         debit("2024-06-01", "0.005", currency="KWD"),
         debit("2024-06-01", "5.00", currency="SEK"),   # foreign
         debit("2024-06-01", "0.12")],                  # no currency
        {"last_balance": 100}),
    "velocity and composite": (
        # known on day 89: failed count 0 -> 0 of 15; salary 14 late ->
        # 11/12 of 15; discretionary drop 100 -> 5; inflow drop 100 -> 10;
        # gambling 0 -> 0 of 5; lows all above the baseline's -> 0 of 10:
        # 100 * 28.75 / 60
        [customer(salary_day=15)] + HISTORY +
        [credit("2024-07-15", 1000, "salary"),
         debit("2024-08-29", 20, "groceries")],
        {"salary_delay_days": 14, "inflow_drop_30d_pct": 100,
         "financial_stress_composite_score": 47.916667,
         # on Aug 22: delay 7 -> 4/12 of 15; recent Jul 24 to Aug 22 holds
         # two of dining (days 54, 57), baseline May 25 to Jul 23 18 of them:
         # drop 77.777778 -> 57.777778/60 of 5: 19.814815 of 60
         "risk_velocity_7d": 14.891975}),
}


def features(command, records):
    lines = "".join(json.dumps(r) + "\n" for r in records)
    run = subprocess.run(command, input=lines, text=True, check=True,
                         stdout=subprocess.PIPE)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    found = [r for r in found if r["event_type"] == "features"]
    return found[-1]["features"]


def main():
    wrong = 0
    for name, (records, expected) in CASES.items():
        found = features(sys.argv[1:], records)
        for feature, value in expected.items():
            got = found[feature]
            same = got is None if value is None else \
                got is not None and abs(got - value) <= 1.000001e-6
            if not same:
                print(f"{name}: {feature}: {got}, by hand {value}")
                wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
