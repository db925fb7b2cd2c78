"""The retail features as one DuckDB query, written by hand for exactly these tables and features."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

# Each statistic of the amounts of a session, and what dfs stacks on it.
STACKED = {
    "COUNT": ("MAX", "MEAN", "MIN", "SKEW", "STD"),
    "SUM": ("MAX", "MEAN", "MIN", "SKEW", "STD"),
    "MIN": ("MAX", "MEAN", "SKEW", "STD", "SUM"),
    "MAX": ("MEAN", "MIN", "SKEW", "STD", "SUM"),
    "MEAN": ("MAX", "MEAN", "MIN", "SKEW", "STD", "SUM"),
    "STD": ("MAX", "MEAN", "MIN", "SKEW", "SUM"),
    "SKEW": ("MAX", "MEAN", "MIN", "STD", "SUM"),
}
CALENDAR = {"DAY": "day({})", "MONTH": "month({})", "WEEKDAY": "isodow({}) - 1", "YEAR": "year({})"}
# Values whose most frequent and distinct ones are wanted: name -> (relation, SQL).
COUNTED = {
    "sessions.device": ("visit", "device"),
    "transactions.sessions.device": ("bought", "device"),
    **{f"sessions.{name}(session_start)": ("visit", sql.format("started")) for name, sql in CALENDAR.items()},
}
AGGREGATE = {
    "COUNT": "count({})",
    "SUM": "sum({})",
    "MIN": "min({})",
    "MAX": "max({})",
    "MEAN": "avg({})",
    "STD": "stddev_samp({})",
    # pandas: 0 for three or more equal values, where DuckDB says null
    "SKEW": "CASE WHEN count({0}) > 2 THEN coalesce(skewness({0}), 0) END",
}


def run(data: Path, output: Path, cutoffs: Path | None = None) -> None:
    """Compute the 65 features of every customer, or of each row of `cutoffs` at its time.

    Customers may have several rows; a column `asked` then tells them apart.
    """
    output.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            f"COPY ({query(data, cutoffs)}) TO '{output / 'features.parquet'}' (FORMAT parquet)"
        )


def query(data: Path, cutoffs: Path | None = None) -> str:
    """Return the query over the Parquet files of the workload."""
    several = cutoffs is not None and "asked" in pq.read_schema(cutoffs).names
    one_session = "asked, session_id" if several else "session_id"
    counted = [f"counted_{number}" for number in range(len(COUNTED))]
    return f"""
WITH customers AS (SELECT * FROM '{data / "customers.parquet"}'),
cutoffs AS ({_cutoffs(cutoffs, several)}),
visit AS MATERIALIZED (
  SELECT asked, session_id, device, session_start AS started, cutoff
  FROM '{data / "sessions.parquet"}' JOIN cutoffs ON customer_id = customer WHERE session_start <= cutoff),
bought AS (
  SELECT asked, session_id, device, amount
  FROM '{data / "transactions.parquet"}' JOIN visit USING (session_id) WHERE transaction_time <= cutoff),
per_session AS (
  SELECT {one_session}, {_per_session()} FROM bought GROUP BY {one_session}),
stacked AS (
  SELECT asked, {_stacked()}
  FROM visit LEFT JOIN per_session USING ({one_session}) GROUP BY asked),
total AS (
  SELECT asked, {_totals()} FROM bought GROUP BY asked),
{",".join(_counted(number, *source) for number, source in enumerate(COUNTED.values()))}
SELECT customer_id, {"asked, " if several else ""}region, {_calendar()}, {_filled()}, {_modes()}
FROM cutoffs JOIN customers ON customer_id = cutoffs.customer
  LEFT JOIN stacked USING (asked) LEFT JOIN total USING (asked)
  {" ".join(f"LEFT JOIN {table} USING (asked)" for table in counted)}"""


def _cutoffs(cutoffs: Path | None, several: bool) -> str:
    asked = "asked" if several else "customer_id AS asked"
    source = "customers" if cutoffs is None else f"'{cutoffs}'"
    time = "TIMESTAMP 'infinity'" if cutoffs is None else "time"
    return f"SELECT customer_id AS customer, {asked}, {time} AS cutoff FROM {source}"


def _per_session() -> str:
    return ", ".join(f"{sql.format('amount')} AS {name}" for name, sql in AGGREGATE.items())


def _stacked() -> str:
    """Sessions without a transaction count as 0 transactions and a sum of 0."""
    inner = {"COUNT": "coalesce(COUNT, 0)", "SUM": "coalesce(SUM, 0)"}
    features = [
        f'{AGGREGATE[outer].format(inner.get(name, name))} AS "{outer}(sessions.{_of_session(name)})"'
        for name, outers in STACKED.items()
        for outer in outers
    ]
    return ", ".join(['count(*) AS "COUNT(sessions)"', *features])


def _of_session(name: str) -> str:
    return "COUNT(transactions)" if name == "COUNT" else f"{name}(transactions.amount)"


def _totals() -> str:
    return ", ".join(f'{sql.format("amount")} AS "{_of_session(name)}"' for name, sql in AGGREGATE.items())


def _counted(number: int, relation: str, value: str) -> str:
    """Count the values of each row asked for, then take the most frequent: the smallest of those that tie."""
    return f"""
counted_{number} AS (
  SELECT asked, first(value ORDER BY rows DESC, value) AS mode_{number}, count(value) AS unique_{number}
  FROM (SELECT asked, {value} AS value, count(*) AS rows FROM {relation} GROUP BY ALL)
  GROUP BY asked)"""


def _modes() -> str:
    pairs = [
        f'mode_{number} AS "MODE({name})", unique_{number} AS "NUM_UNIQUE({name})"'
        for number, name in enumerate(COUNTED)
    ]
    return ", ".join(pairs)


def _calendar() -> str:
    pairs = [(name, sql, date) for date in ("signup", "birthday") for name, sql in CALENDAR.items()]
    return ", ".join(f'{sql.format(date)} AS "{name}({date})"' for name, sql, date in pairs)


def _filled() -> str:
    """Take all statistics; counts and sums of nothing are 0, the other statistics null."""
    sums = [f"SUM(sessions.{_of_session(name)})" for name, outers in STACKED.items() if "SUM" in outers]
    stacked = _replaced("stacked", ["COUNT(sessions)", *sums])
    return f"{stacked}, {_replaced('total', [_of_session('COUNT'), _of_session('SUM')])}"


def _replaced(table: str, names: list[str]) -> str:
    zeros = ", ".join(f'coalesce("{name}", 0) AS "{name}"' for name in names)
    return f"{table}.* EXCLUDE (asked) REPLACE ({zeros})"
