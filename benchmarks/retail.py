"""The retail workload: customers <- sessions <- transactions -> products, of any size.

For N transactions there are N / 10 sessions, N / 100 customers and 1,000 products. Rows come in the order of
time, as a shop's log would have them, and the customers are spread over all of it. Deep feature synthesis
with default primitives at max_depth 2 finds 65 features of customers. One customer may own a share of all.
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
HOT = 1  # the customer who may own a share of all rows
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
MIDDLE = "2023-08-17T03:00:00"  # the mean of the times of `cutoffs`
_START = int(np.datetime64("2023-01-01", "s").astype(np.int64))
_YEAR = 365 * 86_400


def dataset(transactions: int, hot: float = 0.0) -> Path:
    """Return the folder of the workload of a size, written on the first call and kept in benchmarks/data.

    Args:
        transactions: rows of that table.
        hot: the share of all sessions, with their transactions, that one customer owns besides its own.
    """
    folder = DATA / (f"retail-{transactions}-hot-{hot:g}" if hot else f"retail-{transactions}")
    if not (folder / "complete").exists():
        generate(folder, transactions, hot=hot)
        (folder / "complete").touch()
    return folder


def generate(folder: Path, transactions: int, seed: int = 1, hot: float = 0.0) -> None:
    """Write the four tables as Parquet, chunk by chunk; memory does not grow with the size.

    All but the owners of sessions is the same whatever `hot`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    customers = max(1, transactions // 100)
    pq.write_table(_customers(rng, customers), folder / "customers.parquet")
    pq.write_table(_products(rng), folder / "products.parquet")
    with (
        pq.ParquetWriter(folder / "sessions.parquet", _SESSIONS) as sessions,
        pq.ParquetWriter(folder / "transactions.parquet", _TRANSACTIONS) as bought,
    ):
        for session_rows, transaction_rows in _chunks(rng, transactions, customers, hot):
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


def snapshots(folder: Path, customers: int, each: int, seed: int = 3) -> Path:
    """Write random cutoff times, `each` for each of some customers, and return the table's path.

    The column `asked` numbers the rows; it is passed through and keeps them apart in the matrix.
    """
    ids = _some_customers(folder, customers, seed)
    times = _START + np.random.default_rng(seed).integers(_YEAR // 4, _YEAR, customers * each)
    return _write_asked(folder / f"snapshots-{customers}-{each}.parquet", np.repeat(ids, each), times)


def daily(folder: Path, customers: int, days: int, seed: int = 4) -> Path:
    """Write the midnights of the first `days` days for each of some customers, as `snapshots` does."""
    ids = _some_customers(folder, customers, seed)
    times = _START + np.tile(np.arange(1, days + 1) * 86_400, customers)
    return _write_asked(folder / f"daily-{customers}-{days}.parquet", np.repeat(ids, days), times)


def shared(folder: Path, count: int) -> Path:
    """Write MIDDLE as the cutoff time of the customers whom `cutoffs` takes, and return the table's path."""
    path = folder / f"shared-{count}.parquet"
    asked = pq.read_table(cutoffs(folder, count))
    times = _timestamps(np.full(count, np.datetime64(MIDDLE, "s").astype(np.int64)))
    pq.write_table(asked.set_column(1, "time", times), path)
    return path


def _some_customers(folder: Path, count: int, seed: int) -> Any:
    ids = pq.read_table(folder / "customers.parquet", columns=["customer_id"])["customer_id"].to_numpy()
    return np.random.default_rng(seed).choice(ids, count, replace=False)


def _write_asked(path: Path, customers: Any, times: Any) -> Path:
    columns = {"customer_id": customers, "time": _timestamps(times), "asked": np.arange(len(times))}
    pq.write_table(pa.table(columns), path)
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


def _chunks(
    rng: Generator, transactions: int, customers: int, hot: float
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield sessions and their transactions, one slice of the year after the other."""
    sessions = max(1, transactions // 10)
    done = 0
    for first in range(0, sessions, CHUNK_SESSIONS):
        last = min(first + CHUNK_SESSIONS, sessions)
        rows = transactions * last // sessions - done
        low, high = (_START + _YEAR * bound / sessions for bound in (first, last))
        starts = np.sort(rng.uniform(low, high, last - first)).astype(np.int64)
        yield _sessions(rng, first, starts, customers, hot), _transactions(rng, first, starts, done, rows)
        done += rows


def _sessions(rng: Generator, first: int, starts: Any, customers: int, hot: float) -> pa.Table:
    count = len(starts)
    taken = np.random.default_rng(first).random(count) < hot
    return pa.table(
        {
            "session_id": np.arange(first + 1, first + count + 1),
            "customer_id": np.where(taken, HOT, rng.integers(1, customers + 1, count)),
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
