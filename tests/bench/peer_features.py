#!/usr/bin/env python3
"""The same twelve figures as `dq-features --emit each --only ...`, by duckdb or pandas: file in, a CSV line for every transaction out.

peer_features.py duckdb|duckdb-hours|pandas INPUT OUTPUT     duckdb-hours takes windows of 30 x 24 hours, which need no bound per row: other
figures than ours, shown for what duckdb could do at best. One thread each."""
import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"):
    os.environ[name] = "1"

NAMES = """failed_autodebit_count_30d cash_reliance_ratio cash_reliance_ratio_90d balance_to_outflow_days outflow_to_inflow_ratio_30d
outflow_to_inflow_ratio_90d instalment_to_income_ratio_90d gambling_lender_share_30d largest_debit_to_income_30d household_share_90d
penalty_count_90d monthly_inflow_90d""".split()

INSTALMENT = ("loan", "loan_emi", "credit_card", "insurance", "rent")
LENDER = ("gambling", "lending_app", "cash_advance")
FEE = ("penalty", "penalty_interest", "overdraft_fee", "late_fee")
HOUSEHOLD = ("rent", "utilities")


def sql(exact):
    def listed(names):
        return "(" + ",".join(f"'{n}'" for n in names) + ")"

    def window(days):
        bound = f"k - (day - {days - 1}) * 86400" if exact else f"{days * 86400}"
        return (f"(PARTITION BY customer_id ORDER BY k RANGE BETWEEN {bound} PRECEDING AND CURRENT ROW)")

    def clip(quotient):
        above, below = quotient.split(" / ", 1)
        return f"CASE WHEN {below} <> 0 THEN greatest(-1000, least(1000, {above} / {below})) END"

    return f"""
WITH t AS (
 SELECT customer_id, epoch(txn_time)::BIGINT k, epoch(txn_time)::BIGINT // 86400 AS day, round(balance_after * 100) bal,
  CASE WHEN NOT is_failed AND txn_type = 'credit' THEN round(amount * 100) ELSE 0 END i,
  CASE WHEN NOT is_failed AND txn_type = 'debit' THEN round(amount * 100) ELSE 0 END o,
  CASE WHEN NOT is_failed AND txn_type = 'debit' AND category <> 'transfer' THEN round(amount * 100) ELSE 0 END s,
  category, channel, is_failed AND txn_type = 'debit' AS f
 FROM read_json('$INPUT', format='newline_delimited', columns={{customer_id: 'VARCHAR', txn_time: 'TIMESTAMP', amount: 'DOUBLE',
  txn_type: 'VARCHAR', category: 'VARCHAR', channel: 'VARCHAR', balance_after: 'DOUBLE', is_failed: 'BOOLEAN'}})
), w AS (
 SELECT customer_id, k, bal,
  day - min(day) OVER (PARTITION BY customer_id ORDER BY k ROWS UNBOUNDED PRECEDING) + 1 AS h,
  sum(f::INT) OVER w30 failed, sum(s) OVER w30 s30, sum(i) OVER w30 i30, sum(o) OVER w30 o30, max(nullif(o, 0)) OVER w30 top,
  sum(CASE WHEN channel = 'atm' THEN s ELSE 0 END) OVER w30 a30,
  sum(CASE WHEN category IN {listed(LENDER)} THEN s ELSE 0 END) OVER w30 l30,
  sum(s) OVER w90 s90, sum(i) OVER w90 i90, sum(o) OVER w90 o90,
  sum(CASE WHEN channel = 'atm' THEN s ELSE 0 END) OVER w90 a90,
  sum(CASE WHEN category IN {listed(INSTALMENT)} THEN s ELSE 0 END) OVER w90 d90,
  sum(CASE WHEN category IN {listed(HOUSEHOLD)} THEN s ELSE 0 END) OVER w90 hh90,
  sum((category IN {listed(FEE)} AND s > 0)::INT) OVER w90 fees
 FROM t WINDOW w30 AS {window(30)}, w90 AS {window(90)}
)
SELECT customer_id, k, failed, {clip('a30 / s30')},
 CASE WHEN h >= 30 THEN {clip('a90 / s90')} END,
 CASE WHEN h >= 30 THEN {clip('least(90, h) * bal / o90')} END,
 CASE WHEN h >= 30 THEN {clip('o30 / i30')} END, CASE WHEN h >= 30 THEN {clip('o90 / i90')} END,
 CASE WHEN h >= 30 THEN {clip('d90 / i90')} END, CASE WHEN h >= 30 THEN {clip('l30 / s30')} END,
 CASE WHEN h >= 30 THEN {clip('top * least(90, h) / (30 * i90)')} END,
 CASE WHEN h >= 30 THEN {clip('hh90 / i90')} END, fees, CASE WHEN h >= 30 THEN 0.3 * i90 / least(90, h) END
FROM w"""


def by_duckdb(source, target, exact):
    import duckdb
    db = duckdb.connect()
    db.execute("SET threads=1; SET preserve_insertion_order=false")
    db.execute(f"COPY ({sql(exact).replace('$INPUT', source)}) TO '{target}' (FORMAT csv, HEADER false)")


def by_pandas(source, target):
    import numpy as np
    import pandas as pd
    from pandas.api.indexers import BaseIndexer

    t = pd.read_json(source, lines=True, engine="pyarrow")
    k = pd.to_datetime(t.txn_time, utc=True).astype("int64").to_numpy()
    unit = 10 ** (len(str(int(k[0]))) - 10)
    k = k // unit
    code = pd.factorize(t.customer_id)[0].astype("int64")
    order = np.lexsort((k, code))
    t, k, code = t.iloc[order], k[order], code[order]
    day = k // 86400
    first = np.searchsorted(code, code)
    history = day - day[first] + 1
    key = code * (1 << 34) + k

    class Window(BaseIndexer):
        def get_window_bounds(self, num_values=0, min_periods=None, center=None, closed=None, step=None):
            start = np.searchsorted(key, code * (1 << 34) + (day - self.days + 1) * 86400)
            return start.astype("int64"), np.arange(1, num_values + 1, dtype="int64")

    amount = np.rint(t.amount.to_numpy() * 100)
    good, debit = ~t.is_failed.to_numpy(), (t.txn_type == "debit").to_numpy()
    category, channel = t.category, t.channel
    spend = np.where(good & debit & (category != "transfer").to_numpy(), amount, 0)
    base = pd.DataFrame({
        "i": np.where(good & ~debit, amount, 0), "o": np.where(good & debit, amount, 0), "s": spend,
        "a": np.where(channel == "atm", spend, 0), "l": np.where(category.isin(LENDER), spend, 0),
        "d": np.where(category.isin(INSTALMENT), spend, 0), "hh": np.where(category.isin(HOUSEHOLD), spend, 0),
        "fee": np.where(category.isin(FEE), spend > 0, 0).astype(float), "f": (~good & debit).astype(float)})
    r = base[["i", "o", "s", "a", "l", "f"]].rolling(Window(days=30), min_periods=1).sum().round()
    n = base[["i", "o", "s", "a", "d", "hh", "fee"]].rolling(Window(days=90), min_periods=1).sum().round()
    top = base.o.where(base.o > 0).rolling(Window(days=30), min_periods=1).max()
    known = history >= 30
    span = np.minimum(90, history)

    def ratio(a, b):
        return np.clip(a / b.where(b != 0), -1000, 1000)

    out = pd.DataFrame({
        "c": t.customer_id.to_numpy(), "k": k, "1": r.f, "2": ratio(r.a, r.s), "3": ratio(n.a, n.s).where(known),
        "4": ratio(span * np.rint(t.balance_after.to_numpy() * 100), n.o).where(known), "5": ratio(r.o, r.i).where(known),
        "6": ratio(n.o, n.i).where(known), "7": ratio(n.d, n.i).where(known), "8": ratio(r.l, r.s).where(known),
        "9": ratio(top, 30 * n.i / span).where(known), "10": ratio(n.hh, n.i).where(known), "11": n.fee,
        "12": (30 * n.i / span / 100).where(known)})
    out.to_csv(target, header=False, index=False)


def main():
    what, source, target = sys.argv[1:]
    if what == "pandas":
        by_pandas(source, target)
    else:
        by_duckdb(source, target, what == "duckdb")


if __name__ == "__main__":
    main()
