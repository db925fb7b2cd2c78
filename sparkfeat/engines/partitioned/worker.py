"""What runs in Spark's Python workers: DuckDB takes the rows of a partition in and gives its matrix out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from sparkfeat.engines.partitioned.transport import Layout, unpacked

BATCH_ROWS = 20_000
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Work:
    """What a worker is told.

    Attributes:
        query: the plan in DuckDB's SQL.
        layout: how the rows travel.
        schemas: the columns of each table.
        result: the columns that Spark expects back.
        settings: DuckDB's.
    """

    query: str
    layout: Layout
    schemas: Mapping[str, pa.Schema]
    result: pa.Schema
    settings: Mapping[str, str | int]


def compute(work: Work, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the matrix of the rows of one partition."""
    with _database(work) as connection:
        if not _filled(connection, work, batches):
            return
        reader = connection.sql(work.query).to_arrow_reader(BATCH_ROWS)
        for batch in reader:
            yield batch.cast(work.result)


def result_schema(query: str, schemas: Mapping[str, pa.Schema]) -> pa.Schema:
    """Return the columns of a query over tables."""
    with duckdb.connect() as connection:
        _create(connection, schemas)
        found = connection.sql(query)
        typed = zip(found.columns, found.types, strict=True)
        nulls = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in typed)
        return connection.sql(f"SELECT {nulls}").to_arrow_table().schema


@contextmanager
def _database(work: Work) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that spills to a folder of its own on the worker's disk."""
    folder = tempfile.mkdtemp(prefix="sparkfeat-")
    try:
        with duckdb.connect(config={**work.settings, "temp_directory": folder}) as connection:
            _create(connection, work.schemas)
            yield connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create(connection: duckdb.DuckDBPyConnection, schemas: Mapping[str, pa.Schema]) -> None:
    for name, schema in schemas.items():
        connection.register("__rows", schema.empty_table())
        connection.execute(f"CREATE TEMP TABLE {_quoted(name)} AS SELECT * FROM __rows")
        connection.unregister("__rows")


def _filled(connection: duckdb.DuckDBPyConnection, work: Work, batches: Iterable[pa.RecordBatch]) -> bool:
    """Insert all rows, many at a time; tell whether there were any."""
    waiting: dict[str, list[pa.RecordBatch]] = {name: [] for name in work.schemas}
    found = False
    for batch in batches:
        for name, rows in unpacked(batch, work.layout):
            found = True
            waiting[name].append(rows)
            if sum(one.num_rows for one in waiting[name]) >= _ROWS_AT_ONCE:
                _insert(connection, name, waiting[name])
    for name, rest in waiting.items():
        _insert(connection, name, rest)
    return found


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: list[pa.RecordBatch]) -> None:
    if rows:
        connection.register("__rows", pa.Table.from_batches(rows))
        connection.execute(f"INSERT INTO {_quoted(name)} SELECT * FROM __rows")
        connection.unregister("__rows")
        rows.clear()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
