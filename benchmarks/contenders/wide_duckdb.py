"""The wide features as one DuckDB query, written by hand for exactly these tables."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import duckdb

from benchmarks import wide
from benchmarks.contenders.retail_duckdb import AGGREGATE

STATISTICS = tuple(primitive.name.upper() for primitive in wide.STATISTICS)


def run(data: Path, output: Path, columns: str) -> None:
    """Compute all features of the first `columns` columns, for every customer."""
    output.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        found = query(data, int(columns))
        connection.execute(f"COPY ({found}) TO '{output / 'features.parquet'}' (FORMAT parquet)")


def query(data: Path, columns: int) -> str:
    """Return the query over the Parquet files of the workload."""
    inner = [f"{AGGREGATE[name].format(column)} AS {name}_{column}" for column, name in _inner(columns)]
    outer = [
        f'{_outer(name, f"{below}_{column}")} AS "{name}(sessions.{below}(events.{column}))"'
        for (column, below), name in product(_inner(columns), STATISTICS)
    ]
    return f"""
WITH per_session AS (
  SELECT session_id, {", ".join(inner)} FROM '{data / "events.parquet"}' GROUP BY session_id),
visit AS (
  SELECT customers.customer_id, sessions.session_id IS NOT NULL AS there, per_session.*
  FROM '{data / "customers.parquet"}' AS customers
    LEFT JOIN '{data / "sessions.parquet"}' AS sessions USING (customer_id)
    LEFT JOIN per_session ON per_session.session_id = sessions.session_id)
SELECT customer_id, {", ".join(outer)} FROM visit GROUP BY customer_id"""


def _inner(columns: int) -> list[tuple[str, str]]:
    return list(product(wide.COLUMNS[:columns], STATISTICS))


def _outer(name: str, value: str) -> str:
    """Sessions without an event have a sum of 0, and so have customers without a session."""
    if value.startswith("SUM_"):
        value = f"CASE WHEN there THEN coalesce({value}, 0) END"
    aggregate = AGGREGATE[name].format(value)
    return f"coalesce({aggregate}, 0)" if name == "SUM" else aggregate
