"""The retail workload: customers <- sessions <- transactions -> products, of any size.

For N transactions there are N / 10 sessions, N / 100 customers and 1,000 products. Rows come in the order of
time, as a shop's log would have them, and the customers are spread over all of it. Deep feature synthesis
with default primitives at max_depth 2 finds 65 features of customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import Generator

DATA = Path(__file__).parent / "data"
PRODUCTS = 1_000
CHUNK_SESSIONS = 100_000  # one chunk is about a million transactions in memory

LOGICAL_TYPES: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "Integer",
        "signup": "Datetime",
        "birthday": "Datetime",
        "region": "Categorical",
    },
    "sessions": {
        "session_id": "Integer",
        "customer_id": "Integer",
        "session_start": "Datetime",
        "device": "Categorical",
    },
    "transactions": {
        "transaction_id": "Integer",
        "session_id": "Integer",
        "product_id": "Integer",
        "transaction_time": "Datetime",
        "amount": "Double",
    },
    "products": {"product_id": "Integer", "brand": "Categorical"},
}
INDEXES = {
    "customers": "customer_id",
    "sessions": "session_id",
    "transactions": "transaction_id",
    "products": "product_id",
}
TIME_INDEXES = {"customers": "signup", "sessions": "session_start", "transactions": "transaction_time"}
RELATIONSHIPS = (
    ("customers", "customer_id", "sessions", "customer_id"),
    ("sessions", "session_id", "transactions", "session_id"),
    ("products", "product_id", "transactions", "product_id"),
)
TARGET = "customers"

_TIME = pa.timestamp("us")
_SESSIONS = pa.schema(
    [
        ("session_id", pa.int64()),
        ("customer_id", pa.int64()),
        ("session_start", _TIME),
        ("device", pa.string()),
    ]
)
_TRANSACTIONS = pa.schema(
    [
        ("transaction_id", pa.int64()),
        ("session_id", pa.int64()),
        ("product_id", pa.int64()),
        ("transaction_time", _TIME),
        ("amount", pa.float64()),
    ]
)
_START = int(np.datetime64("2023-01-01", "s").astype(np.int64))
_YEAR = 365 * 86_400


def dataset(transactions: int) -> Path:
    """Return the folder of the workload of a size, written on the first call and kept in benchmarks/data."""
    folder = DATA / f"retail-{transactions}"
    if not (folder / "complete").exists():
        generate(folder, transactions)
        (folder / "complete").touch()
    return folder


def generate(folder: Path, transactions: int, seed: int = 1) -> None:
    """Write the four tables as Parquet, chunk by chunk; memory does not grow with the size."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    customers = max(1, transactions // 100)
    pq.write_table(_customers(rng, customers), folder / "customers.parquet")
    pq.write_table(_products(rng), folder / "products.parquet")
    with (
        pq.ParquetWriter(folder / "sessions.parquet", _SESSIONS) as sessions,
        pq.ParquetWriter(folder / "transactions.parquet", _TRANSACTIONS) as bought,
    ):
        for session_rows, transaction_rows in _chunks(rng, transactions, customers):
            sessions.write_table(session_rows)
            bought.write_table(transaction_rows)


def cutoffs(folder: Path, count: int, seed: int = 2) -> Path:
    """Write a table of distinct cutoff times, one for each of `count` customers, and return its path."""
    path = folder / f"cutoffs-{count}.parquet"
    ids = pq.read_table(folder / "customers.parquet", columns=["customer_id"])["customer_id"].to_numpy()
    rng = np.random.default_rng(seed)
    chosen = rng.choice(ids, count, replace=False)
    times = _START + _YEAR // 4 + rng.choice(_YEAR * 3 // 4, count, replace=False)
    pq.write_table(pa.table({"customer_id": chosen, "time": _timestamps(times)}), path)
    return path


def _customers(rng: Generator, count: int) -> pa.Table:
    birthdays = rng.integers(-30 * 365, 30 * 365, count) * 86_400  # 1940 to 1999
    regions = np.array([f"region {number:02d}" for number in range(20)])
    return pa.table(
        {
            "customer_id": np.arange(1, count + 1),
            "signup": _timestamps(_START - rng.integers(86_400, _YEAR, count)),
            "birthday": _timestamps(birthdays),
            "region": rng.choice(regions, count),
        }
    )


def _products(rng: Generator) -> pa.Table:
    brands = np.array([f"brand {number:02d}" for number in range(40)])
    return pa.table({"product_id": np.arange(1, PRODUCTS + 1), "brand": rng.choice(brands, PRODUCTS)})


def _chunks(rng: Generator, transactions: int, customers: int) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield sessions and their transactions, one slice of the year after the other."""
    sessions = max(1, transactions // 10)
    done = 0
    for first in range(0, sessions, CHUNK_SESSIONS):
        last = min(first + CHUNK_SESSIONS, sessions)
        rows = transactions * last // sessions - done
        low, high = (_START + _YEAR * bound / sessions for bound in (first, last))
        starts = np.sort(rng.uniform(low, high, last - first)).astype(np.int64)
        yield _sessions(rng, first, starts, customers), _transactions(rng, first, starts, done, rows)
        done += rows


def _sessions(rng: Generator, first: int, starts: Any, customers: int) -> pa.Table:
    count = len(starts)
    return pa.table(
        {
            "session_id": np.arange(first + 1, first + count + 1),
            "customer_id": rng.integers(1, customers + 1, count),
            "session_start": _timestamps(starts),
            "device": rng.choice(np.array(["desktop", "mobile", "tablet"]), count, p=[0.4, 0.5, 0.1]),
        }
    )


def _transactions(rng: Generator, first: int, starts: Any, done: int, rows: int) -> pa.Table:
    session = rng.integers(0, len(starts), rows)
    times = starts[session] + rng.integers(1, 3_600, rows)
    order = np.argsort(times, kind="stable")
    return pa.table(
        {
            "transaction_id": np.arange(done + 1, done + rows + 1),
            "session_id": first + 1 + session[order],
            "product_id": rng.integers(1, PRODUCTS + 1, rows),
            "transaction_time": _timestamps(times[order]),
            "amount": np.round(rng.gamma(2.0, 25.0, rows), 2),
        }
    )


def _timestamps(seconds: Any) -> pa.Array:
    return pa.array(np.asarray(seconds, dtype=np.int64) * 1_000_000).cast(_TIME)
