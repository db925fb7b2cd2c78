"""What runs in Spark's Python workers: DuckDB takes the rows of a partition in and gives its matrix out."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sparkfeat.engines.operators import PLANNING, by_relation, planning
from sparkfeat.engines.partitioned.transport import Layout, unpacked

BATCH_ROWS = 20_000
_ROWS_AT_ONCE = 100_000

FAILED = "DuckDB failed in a task"
"""How the message of an error begins that is told the driver."""

PROFILE = "__profile"
"""Column that is added where steps are measured: null in the rows of the matrix, and after these a row of
each task with its steps as JSON: seconds and rows by name."""

HANDED, TAKEN, REST = "handed over", "taken in", "partitions"

Spent = dict[str, tuple[float, int]]
"""Seconds and rows by step."""


@dataclass(frozen=True)
class Work:
    """What a worker is told.

    Attributes:
        query: the plan in DuckDB's SQL.
        layout: how the rows travel.
        schemas: the columns of each table.
        result: the columns that Spark expects back, PROFILE not among them.
        settings: DuckDB's.
        relations: names of the query's relations where steps are to be measured, else None.
    """

    query: str
    layout: Layout
    schemas: Mapping[str, pa.Schema]
    result: pa.Schema
    settings: Mapping[str, str | int]
    relations: tuple[str, ...] | None = None


def compute(work: Work, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the matrix of the rows of one partition.

    Raises:
        RuntimeError: DuckDB failed; says on which machine, with which memory and folder.
    """
    with _scratch() as folder, _told(work, folder):
        config: dict[str, Any] = {**work.settings, "temp_directory": str(folder / "spill")}
        with duckdb.connect(config=config) as connection:
            _create(connection, work.schemas)
            spent: Spent = {}
            if not _filled(connection, work, batches, spent):
                return
            if work.relations is None:
                yield from _matrix(connection, work)
            else:
                yield from _measured(connection, work, spent, folder / "profile.json")


def _matrix(connection: duckdb.DuckDBPyConnection, work: Work) -> Iterator[pa.RecordBatch]:
    for batch in connection.sql(work.query).to_arrow_reader(BATCH_ROWS):
        yield batch.cast(work.result)


def _measured(
    connection: duckdb.DuckDBPyConnection, work: Work, spent: Spent, file: Path
) -> Iterator[pa.RecordBatch]:
    """Yield the matrix and what its steps took."""
    connection.execute("SET enable_profiling = 'json'")
    connection.execute(f"SET profiling_output = '{str(file).replace(chr(39), chr(39) * 2)}'")
    for batch in _matrix(connection, work):
        yield _with_profile(batch, work)
    connection.execute("PRAGMA disable_profiling")
    found = json.loads(file.read_text())
    spent[PLANNING] = (planning(found), 0)
    spent |= by_relation(found, work.relations or (), REST)
    nulls = [pa.nulls(1, field.type) for field in work.result]
    yield _with_profile(pa.RecordBatch.from_arrays(nulls, schema=work.result), work, json.dumps(spent))


def _with_profile(batch: pa.RecordBatch, work: Work, text: str | None = None) -> pa.RecordBatch:
    texts = pa.array([text] * batch.num_rows, pa.string())
    return pa.RecordBatch.from_arrays([*batch.columns, texts], [*work.result.names, PROFILE])


def result_schema(query: str, schemas: Mapping[str, pa.Schema]) -> pa.Schema:
    """Return the columns of a query over tables."""
    with duckdb.connect() as connection:
        _create(connection, schemas)
        found = connection.sql(query)
        typed = zip(found.columns, found.types, strict=True)
        nulls = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in typed)
        return connection.sql(f"SELECT {nulls}").to_arrow_table().schema


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make a folder on a disk that Spark uses for its own spills, and removes with the executor."""
    disks = [one for one in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if os.access(one, os.W_OK)]
    folder = tempfile.mkdtemp(prefix="sparkfeat-", dir=disks[os.getpid() % len(disks)] if disks else None)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(work: Work, folder: Path) -> Iterator[None]:
    """Say what failed and where in one line, which Spark hands on to the driver."""
    try:
        yield
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        limit = work.settings.get("memory_limit", "the machine's memory")
        place = f"on {socket.gethostname()}, memory_limit {limit}, spilling to {folder}"
        raise RuntimeError(f"{FAILED} ({place}): {first}") from error


def _create(connection: duckdb.DuckDBPyConnection, schemas: Mapping[str, pa.Schema]) -> None:
    for name, schema in schemas.items():
        connection.register("__rows", schema.empty_table())
        connection.execute(f"CREATE TEMP TABLE {_quoted(name)} AS SELECT * FROM __rows")
        connection.unregister("__rows")


def _filled(
    connection: duckdb.DuckDBPyConnection, work: Work, batches: Iterable[pa.RecordBatch], spent: Spent
) -> bool:
    """Insert all rows, many at a time; tell whether there were any, and what it took."""
    waiting: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    rows, taking, began = 0, 0.0, time.perf_counter()
    for batch in batches:
        rows += batch.num_rows
        for name, own in unpacked(batch, work.layout):
            waiting[name].append(own)
            if sum(one.num_rows for one in waiting[name]) >= _ROWS_AT_ONCE:
                taking += _insert(connection, name, waiting.pop(name))
    for name, rest in waiting.items():
        taking += _insert(connection, name, rest)
    spent[HANDED] = (time.perf_counter() - began - taking, rows)
    spent[TAKEN] = (taking, rows)
    return rows > 0


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: list[pa.RecordBatch]) -> float:
    """Insert rows and return the seconds it took."""
    began = time.perf_counter()
    connection.register("__rows", pa.Table.from_batches(rows))
    connection.execute(f"INSERT INTO {_quoted(name)} SELECT * FROM __rows")
    connection.unregister("__rows")
    return time.perf_counter() - began


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
