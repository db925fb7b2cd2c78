"""The wide workload: customers <- sessions <- events with many numeric columns, of any size.

For N events there are N / 10 sessions and N / 100 customers. Six statistics of a column, stacked through
sessions, are 36 features of customers; nothing has a time.
"""

from __future__ import annotations

from pathlib import Path

import featuretools as ft
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from featuretools import primitives as p
from numpy.random import Generator

from benchmarks.retail import DATA

COLUMNS = tuple(f"v{number:02d}" for number in range(56))
STATISTICS = (p.Sum, p.Mean, p.Min, p.Max, p.Std, p.Skew)
FEATURES_OF_COLUMN = len(STATISTICS) ** 2
INDEXES = {"customers": "customer_id", "sessions": "session_id", "events": "event_id"}
RELATIONSHIPS = (
    ("customers", "customer_id", "sessions", "customer_id"),
    ("sessions", "session_id", "events", "session_id"),
)
CHUNK_ROWS = 100_000
_EVENTS = pa.schema(
    [("event_id", pa.int64()), ("session_id", pa.int64()), *((name, pa.float64()) for name in COLUMNS)]
)


def dataset(events: int) -> Path:
    """Return the folder of the workload of a size, written on the first call and kept in benchmarks/data."""
    folder = DATA / f"wide-{events}"
    if not (folder / "complete").exists():
        generate(folder, events)
        (folder / "complete").touch()
    return folder


def generate(folder: Path, events: int, seed: int = 5) -> None:
    """Write the three tables as Parquet, chunk by chunk; memory does not grow with the size."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    sessions, customers = max(1, events // 10), max(1, events // 100)
    ids = np.arange(1, sessions + 1)
    owners = rng.integers(1, customers + 1, sessions)
    pq.write_table(pa.table({"customer_id": np.arange(1, customers + 1)}), folder / "customers.parquet")
    pq.write_table(pa.table({"session_id": ids, "customer_id": owners}), folder / "sessions.parquet")
    with pq.ParquetWriter(folder / "events.parquet", _EVENTS) as writer:
        for first in range(0, events, CHUNK_ROWS):
            writer.write_table(_events(rng, first, min(CHUNK_ROWS, events - first), sessions))


def features(columns: int) -> list[ft.Feature]:
    """Return all features of the first columns; they are defined on the schema, without rows."""
    es = _schema()
    found = []
    for name in COLUMNS[:columns]:
        for inner in STATISTICS:
            of_session = ft.Feature(es["events"].ww[name], parent_dataframe_name="sessions", primitive=inner)
            found += [
                ft.Feature(of_session, parent_dataframe_name="customers", primitive=outer)
                for outer in STATISTICS
            ]
    return found


def logical_types(table: str) -> dict[str, str]:
    """Return the logical type of each column of a table."""
    keys = {"customers": ("customer_id",), "sessions": ("session_id", "customer_id")}
    if table in keys:
        return dict.fromkeys(keys[table], "Integer")
    return {"event_id": "Integer", "session_id": "Integer", **dict.fromkeys(COLUMNS, "Double")}


def _schema() -> ft.EntitySet:
    es = ft.EntitySet("wide")
    for name, index in INDEXES.items():
        types = logical_types(name)
        row = pd.DataFrame({column: [1] if kind == "Integer" else [0.5] for column, kind in types.items()})
        es.add_dataframe(row, name, index=index, logical_types=types)
    for relationship in RELATIONSHIPS:
        es.add_relationship(*relationship)
    return es


def _events(rng: Generator, first: int, rows: int, sessions: int) -> pa.Table:
    values = {name: np.round(rng.gamma(2.0, 25.0, rows), 2) for name in COLUMNS}
    ids = np.arange(first + 1, first + rows + 1)
    return pa.table({"event_id": ids, "session_id": rng.integers(1, sessions + 1, rows), **values})
